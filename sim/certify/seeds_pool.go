package certify

import (
	"context"
	"errors"
	"sync"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/world"
)

// An Open makes stores for one world, and returns them with what removes them for good.
type Open func(ctx context.Context) (stores world.Stores, remove func(context.Context) error, err error)

// A Lender makes worlds that run side by side, each on stores of its own. Stores of a world that is closed are lent to
// the next one. Its methods may be called from several goroutines.
type Lender struct {
	Tally // of all its worlds

	ctx    context.Context // that stores are opened in
	open   Open
	onLost func(error)

	mu   sync.Mutex
	free []world.Stores
	made []func(context.Context) error // removes what was opened
	lost error
}

// NewLender opens the first stores, so that what is wrong with all of them is known before anything else; its error is
// that of open. onLost, which may be nil, is told at most once that stores are lost: they break off, and do not come
// back. Whatever is run after that is unknown too.
func NewLender(ctx context.Context, open Open, onLost func(error)) (*Lender, error) {
	l := &Lender{ctx: ctx, open: open, onLost: onLost}
	stores, err := l.take()
	if err != nil {
		return nil, err
	}
	l.free = append(l.free, stores)
	return l, nil
}

// NewWorld returns a world for a [campaign.Campaign]. When there are no stores for it, what it runs is unknown.
func (l *Lender) NewWorld() run.World {
	stores, err := l.take()
	if err != nil {
		l.lose(err)
		return closedWorld{err}
	}
	return &lentWorld{World: NewWorld(stores, &l.Tally), lender: l, stores: stores}
}

// Lost returns why stores were lost, or nil.
func (l *Lender) Lost() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// Close removes all stores. Worlds must have been closed.
func (l *Lender) Close(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	for _, remove := range l.made {
		err = errors.Join(err, remove(ctx))
	}
	l.free, l.made = nil, nil
	return err
}

// take returns stores that nobody uses.
func (l *Lender) take() (world.Stores, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.free); n > 0 {
		stores := l.free[n-1]
		l.free = l.free[:n-1]
		return stores, nil
	}
	stores, remove, err := l.open(l.ctx)
	if err != nil {
		return nil, err
	}
	l.made = append(l.made, remove)
	return stores, nil
}

// lose notes that stores are lost.
func (l *Lender) lose(err error) {
	l.mu.Lock()
	first := l.lost == nil
	if first {
		l.lost = err
	}
	l.mu.Unlock()
	if first && l.onLost != nil {
		l.onLost(err)
	}
}

// A lentWorld gives its stores back.
type lentWorld struct {
	*World
	lender *Lender
	stores world.Stores
}

// Run finds out, after an outage, whether there is any use in going on.
func (w *lentWorld) Run(spec run.Spec) run.Result {
	outcome := w.World.Run(spec)
	if w.real.Outage() != nil {
		if err := w.stores.Reset(); err != nil {
			w.lender.lose(err)
		}
	}
	return outcome
}

// Close ends the world, and lends its stores to the next.
func (w *lentWorld) Close() {
	w.World.Close()
	w.lender.mu.Lock()
	defer w.lender.mu.Unlock()
	w.lender.free = append(w.lender.free, w.stores)
}

// A closedWorld has no stores to run anything on.
type closedWorld struct{ err error }

func (w closedWorld) Run(spec run.Spec) run.Result {
	return run.Result{Seed: spec.Seed, Verdict: run.Unknown, Unknown: (&world.OutageError{Err: w.err}).Error()}
}

func (closedWorld) Close() {}
