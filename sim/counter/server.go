package counter

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
