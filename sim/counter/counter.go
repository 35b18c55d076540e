package counter

import (
	"context"
	"time"
)

// A Runtime gives a client access to time. A process of the kernel implements it. In production, package time and
// context.WithTimeout do.
type Runtime interface {
	// Sleep waits for a duration. It returns the error of the context if the context ends first.
	Sleep(ctx context.Context, d time.Duration) error
	// WithTimeout is [context.WithTimeout].
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// A Server has a counter.
type Server interface {
	// Add adds one to the counter. All calls with the same key together add one.
	Add(ctx context.Context, key string) error
}

// A Client adds to the counter of a server.
type Client struct {
	Runtime Runtime
	Server  Server
}

// Add adds one to the counter. It returns nil after the server has confirmed that, and the error of the context if it
// ends. It retries a call without an answer, because its outcome is unknown.
func (c *Client) Add(ctx context.Context, key string) error {
	for {
		call, cancel := c.Runtime.WithTimeout(ctx, time.Second)
		err := c.Server.Add(call, key)
		cancel()
		if err == nil {
			return nil
		}
		if err := c.Runtime.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// A Store is the state of a server. Its methods are atomic.
type Store interface {
	// Add adds one to the counter. All calls with the same key together add one.
	Add(key string)
	// Value returns the counter.
	Value() int
	// Empty returns a new store of the same type, with a counter of 0.
	Empty() Store
}

// Counter is a correct [Store]: it adds once per key.
type Counter struct{ seen map[string]bool }

// Add implements [Store].
func (c *Counter) Add(key string) { c.seen[key] = true }

// Value implements [Store].
func (c *Counter) Value() int { return len(c.seen) }

// Empty implements [Store].
func (c *Counter) Empty() Store { return &Counter{seen: make(map[string]bool)} }
