package counter

import (
	"context"
	"time"
)

// A Runtime is what a client needs of time. A process of the kernel has it, and in production four lines on package
// time do.
type Runtime interface {
	Sleep(ctx context.Context, d time.Duration) error
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// A Server adds to a counter. Calls with one key are meant to add once.
type Server interface {
	Add(ctx context.Context, key string) error
}

// A Client adds to a counter on a server.
type Client struct {
	Runtime Runtime
	Server  Server
}

// Add adds one, and returns once that is known to have happened. It tries again for as long as the context allows,
// since a call without an answer says nothing about what it did.
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

// A Store is what the server does with a call, a step that nothing comes between.
type Store interface {
	// Add adds one.
	Add(key string)
	// Value is what was added so far.
	Value() int
	// Empty returns a store of the same kind that nothing was added to.
	Empty() Store
}

// Counter adds once per key.
type Counter struct{ seen map[string]bool }

// Add implements [Store].
func (c *Counter) Add(key string) { c.seen[key] = true }

// Value implements [Store].
func (c *Counter) Value() int { return len(c.seen) }

// Empty implements [Store].
func (c *Counter) Empty() Store { return &Counter{seen: make(map[string]bool)} }
