package certify

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/anishathalye/porcupine"
)

// A plan is what happens in one round.
type plan[Op any] struct {
	before []Op   // one after the other: they make the state that is raced over
	rivals [][]Op // of one connection each, all at once
	after  []Op   // one after the other: they read what there is at the end
}

// A subject is what is raced over: the review store or the journal.
type subject[Op, Result any] struct {
	execute func(ctx context.Context, op *Op) Result
	// input is op as the model takes it.
	input func(op Op) any
	model porcupine.Model
	// rows is the statement that locks every row which an operation may change.
	rows string
}

// Clients of a round other than its rivals, in the history.
const (
	clientBefore = -1
	clientAfter  = -2
)

// A round is one play of a plan. Its history may be written by all rivals at once.
type round[Op, Result any] struct {
	subject *subject[Op, Result]
	field   *field
	moment  atomic.Int64
	running atomic.Int64 // rivals that have something left to do
	mutex   sync.Mutex
	history []porcupine.Operation
}

// play carries a plan out. random decides who gives up behind a closed gate.
func (r *round[Op, Result]) play(ctx context.Context, p plan[Op], g Gate, random *rand.Rand) error {
	for i := range p.before {
		r.do(ctx, clientBefore, &p.before[i])
	}
	if err := r.compete(ctx, p.rivals, g, random); err != nil {
		return err
	}
	if err := r.field.quiet(ctx); err != nil {
		return err
	}
	for i := range p.after {
		r.do(ctx, clientAfter, &p.after[i])
	}
	return ctx.Err()
}

// compete lets the rivals go, and lets those that wait at the gate pass when all of them do. Some give up before.
func (r *round[Op, Result]) compete(ctx context.Context, rivals [][]Op, g Gate, random *rand.Rand) error {
	closed, err := r.field.closeGate(ctx, g, r.subject.rows)
	if err != nil {
		return err
	}
	patience, givesUp := make([]context.Context, len(rivals)), []context.CancelFunc{}
	for client := range rivals {
		patience[client] = ctx
		if g != NoGate && random.IntN(6) == 0 {
			c, cancel := context.WithCancel(ctx)
			defer cancel()
			patience[client], givesUp = c, append(givesUp, cancel)
		}
	}
	wait := r.start(rivals, patience)
	err = closed.allWait(ctx, &r.running)
	for _, cancel := range givesUp {
		cancel()
	}
	err = errors.Join(err, closed.open(ctx))
	wait()
	return err
}

// start lets the rivals run, all at once. wait returns when they are through.
func (r *round[Op, Result]) start(rivals [][]Op, contexts []context.Context) (wait func()) {
	var group sync.WaitGroup
	ready := make(chan struct{})
	r.running.Store(int64(len(rivals)))
	for client, ops := range rivals {
		group.Go(func() {
			defer r.running.Add(-1)
			<-ready
			for i := range ops {
				r.do(contexts[client], client, &ops[i])
			}
		})
	}
	close(ready)
	return group.Wait
}

// do carries out one operation and records it.
func (r *round[Op, Result]) do(ctx context.Context, client int, op *Op) {
	if ctx.Err() != nil {
		return // gave up on an earlier one
	}
	called := r.moment.Add(1)
	result := r.subject.execute(ctx, op)
	returned := r.moment.Add(1)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.history = append(r.history, porcupine.Operation{
		ClientId: client, Input: r.subject.input(*op), Call: called, Output: result, Return: returned,
	})
}
