package certify

import (
	"context"
	"errors"
	"sync"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// OpenStores opens stores for one world. It returns them with the function that removes them.
type OpenStores func(ctx context.Context) (stores world.Stores, remove func(context.Context) error, err error)

// A Pool makes worlds that run side by side, each on stores of its own. When a world is closed, the next one gets its
// stores. Its methods may be called from several goroutines.
type Pool struct {
	ctx    context.Context // of opening stores
	open   OpenStores
	onLost func(error)
	tally  tally // of all worlds

	mu      sync.Mutex
	free    []world.Stores
	removes []func(context.Context) error // of all stores
	lost    error
}

// NewPool returns a pool. It opens the first stores, and returns the error of open if that fails.
//
// onLost, which may be nil, is called at most once: when stores are lost, which means that they are out of reach and do
// not come back. Every run after that is unknown.
func NewPool(ctx context.Context, open OpenStores, onLost func(error)) (*Pool, error) {
	p := &Pool{ctx: ctx, open: open, onLost: onLost}
	stores, err := p.take()
	if err != nil {
		return nil, err
	}
	p.free = append(p.free, stores)
	return p, nil
}

// NewWorld returns a world for a [campaign.Campaign]. If no stores can be opened for it, all its runs are unknown.
func (p *Pool) NewWorld() run.World {
	stores, err := p.take()
	if err != nil {
		p.lose(err)
		return closedWorld{err}
	}
	return &pooledWorld{comparedWorld: newComparedWorld(stores, &p.tally), pool: p, stores: stores}
}

// Runs returns how many runs there were on stores, including those that ended with an outage.
func (p *Pool) Runs() uint64 { return p.tally.runs.Load() }

// Equal returns how many of the runs were the same as on the models: each answer, all that was stored in the end, and
// the trace hash.
func (p *Pool) Equal() uint64 { return p.tally.equal.Load() }

// Lost returns why stores were lost, or nil.
func (p *Pool) Lost() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

// Close removes all stores. The worlds must have been closed.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	for _, remove := range p.removes {
		err = errors.Join(err, remove(ctx))
	}
	p.free, p.removes = nil, nil
	return err
}

// take returns stores that no world uses.
func (p *Pool) take() (world.Stores, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.free); n > 0 {
		stores := p.free[n-1]
		p.free = p.free[:n-1]
		return stores, nil
	}
	stores, remove, err := p.open(p.ctx)
	if err != nil {
		return nil, err
	}
	p.removes = append(p.removes, remove)
	return stores, nil
}

// lose records that stores are lost.
func (p *Pool) lose(err error) {
	p.mu.Lock()
	first := p.lost == nil
	if first {
		p.lost = err
	}
	p.mu.Unlock()
	if first && p.onLost != nil {
		p.onLost(err)
	}
}

// A pooledWorld returns its stores to the pool.
type pooledWorld struct {
	*comparedWorld
	pool   *Pool
	stores world.Stores
}

// Run checks, after an outage, whether the stores have come back.
func (w *pooledWorld) Run(spec run.Spec) run.Result {
	outcome := w.comparedWorld.Run(spec)
	if w.real.Outage() != nil {
		if err := w.stores.Reset(); err != nil {
			w.pool.lose(err)
		}
	}
	return outcome
}

// Close ends the world and returns its stores.
func (w *pooledWorld) Close() {
	w.comparedWorld.Close()
	w.pool.mu.Lock()
	defer w.pool.mu.Unlock()
	w.pool.free = append(w.pool.free, w.stores)
}

// A closedWorld has no stores to run anything on.
type closedWorld struct{ err error }

func (w closedWorld) Run(spec run.Spec) run.Result {
	return run.Result{Seed: spec.Seed, Verdict: run.Unknown, Unknown: (&world.OutageError{Err: w.err}).Error()}
}

func (closedWorld) Close() {}
