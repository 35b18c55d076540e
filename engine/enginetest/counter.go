package enginetest

import (
	"context"
	"sync"
)

// A counter counts something that others wait for.
type counter struct {
	mutex   sync.Mutex
	count   int
	changed chan struct{} // closed by the next add; nil while nobody waits
}

func (p *counter) add() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.count++
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
}

// wait returns when the count has reached n, or with the context's error.
func (p *counter) wait(ctx context.Context, n int) error {
	for {
		p.mutex.Lock()
		if p.count >= n {
			p.mutex.Unlock()
			return nil
		}
		if p.changed == nil {
			p.changed = make(chan struct{})
		}
		changed := p.changed
		p.mutex.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
