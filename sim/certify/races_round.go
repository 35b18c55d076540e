package certify

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/anishathalye/porcupine"
)

// Clients of a round other than its rivals, in the history.
const (
	clientBefore = -1
	clientAfter  = -2
)

// A round is one play of a plan. All rivals write its history.
type round struct {
	env     *roundEnv
	port    *port
	moment  atomic.Int64 // of the latest call or answer
	running atomic.Int64 // rivals that have operations left
	mutex   sync.Mutex
	history []porcupine.Operation
}

// play carries a plan out. random decides which rivals give up behind a closed gate.
func (r *round) play(ctx context.Context, p plan, g gate, random *rand.Rand) error {
	for i := range p.before {
		r.do(ctx, clientBefore, p.before[i])
	}
	if err := r.compete(ctx, p.rivals, g, random); err != nil {
		return err
	}
	if err := r.env.waitForSessions(ctx); err != nil {
		return err
	}
	for i := range p.after {
		r.do(ctx, clientAfter, p.after[i])
	}
	return ctx.Err()
}

// compete starts the rivals, and opens the gate when all of them wait at it. Some give up before that.
func (r *round) compete(ctx context.Context, rivals [][]operation, g gate, random *rand.Rand) error {
	closed, err := r.env.closeGate(ctx, g, r.port.lockRows)
	if err != nil {
		return err
	}
	contexts, givesUp := make([]context.Context, len(rivals)), []context.CancelFunc{}
	for client := range rivals {
		contexts[client] = ctx
		if g != noGate && random.IntN(6) == 0 {
			c, cancel := context.WithCancel(ctx)
			defer cancel()
			contexts[client], givesUp = c, append(givesUp, cancel)
		}
	}
	wait := r.start(rivals, contexts)
	err = closed.waitForAll(ctx, &r.running)
	for _, cancel := range givesUp {
		cancel()
	}
	err = errors.Join(err, closed.open(ctx))
	wait()
	return err
}

// start starts the rivals, all at once. wait returns when they have no operations left.
func (r *round) start(rivals [][]operation, contexts []context.Context) (wait func()) {
	var group sync.WaitGroup
	ready := make(chan struct{})
	r.running.Store(int64(len(rivals)))
	for client, ops := range rivals {
		group.Go(func() {
			defer r.running.Add(-1)
			<-ready
			for i := range ops {
				r.do(contexts[client], client, ops[i])
			}
		})
	}
	close(ready)
	return group.Wait
}

// do carries one operation out and records it.
func (r *round) do(ctx context.Context, client int, o operation) {
	if ctx.Err() != nil {
		return // the client gave up on an earlier operation
	}
	called := r.moment.Add(1)
	answer, _ := r.env.stores.perform(ctx, o) // the kind of a failure stands in the answer
	returned := r.moment.Add(1)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.history = append(r.history, porcupine.Operation{
		ClientId: client, Input: o.input(), Call: called, Output: answer.output(), Return: returned,
	})
}
