package world

import (
	"context"
	"errors"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

var (
	opPrepareFor   = timingOp(20, "prepare.for")
	opPanicsReview = timingOp(1400, "prepare.panics-for")
)

var (
	errPrepareRetryable = errors.New("502 from the platform")
	errPreparePermanent = errors.New("the repository is gone")
	errPreparePanic     = errors.New("index out of range [3] with length 3")
)

// preparer stands for configuration, flags and the platform's API. A payload takes it 3 to 5 seconds.
type preparer struct{ node *node }

// Prepare implements [engine.Preparer].
func (p preparer) Prepare(ctx context.Context, r engine.Review) ([]byte, error) {
	n := p.node
	w := n.world
	w.operations++
	started := w.record(checker.PrepareStarted, n.name, n.process.Incarnation())
	started.Key, started.Owner, started.Token, started.Deferrals = r.Key(), r.Owner, r.Claim, r.Deferrals
	w.observe(started)
	w.observe(n.callBegan(ctx, checker.CallPrepare, r.Key()))
	takes := w.kernel.Between(n.process.Actor(), opPrepareFor, 3*time.Second, 5*time.Second)
	var failure error
	panics := w.panicking != "" && r.Review == w.panicking
	switch {
	case panics:
		w.notePanic(n)
		failure = &engine.Error{Kind: engine.Rejected, Op: checker.CallPrepare.String(), Err: errPreparePanic}
	case w.inject(n, &preparePoint, faults.PreparationSlow):
		takes += w.delay(n, 5*time.Second, 25*time.Second)
	case w.inject(n, &preparePoint, faults.PreparationRetryable):
		failure = &engine.Error{Kind: engine.Rejected, Op: checker.CallPrepare.String(), Err: errPrepareRetryable}
	case w.inject(n, &preparePoint, faults.PreparationPermanent):
		failure = &engine.Error{Kind: engine.Permanent, Op: checker.CallPrepare.String(), Err: errPreparePermanent}
	}
	if err := n.process.Sleep(ctx, takes); err != nil {
		failure = err
	}
	ended := w.record(checker.PrepareEnded, n.name, n.process.Incarnation())
	ended.Key, ended.Owner, ended.Error = r.Key(), r.Owner, checker.FailureOf(failure)
	w.observe(ended)
	w.observe(n.callEnded(checker.CallPrepare, r.Key(), checker.FailureOf(failure)))
	n.faultPoint(pointPrepare)
	if panics && ctx.Err() == nil {
		panic(kernel.Panic{Value: errPreparePanic})
	}
	if failure != nil {
		return nil, failure
	}
	return encodePayload(&r), nil
}

// choosePanic decides whether the preparer panics for one of the reviews. It does so whatever the phase: that depends on
// the review, and not on chance.
func (w *Deployment) choosePanic() {
	w.panicking, w.panics = "", 0
	if w.schedule(w.actor, &runPoint, faults.PreparationPanic) {
		w.panicking = w.plan.reviews[w.kernel.Pick(w.actor, opPanicsReview, len(w.plan.reviews))].submission.Review
	}
}

// notePanic counts a panic of the preparer.
func (w *Deployment) notePanic(n *node) {
	if w.stormy {
		w.countFault(faults.PreparationPanic, n.name, checker.CallPrepare.String(), w.plannedFault(w.actor, faults.PreparationPanic))
	}
	if w.panics++; w.panics == w.appConfig.MaxDeferrals {
		w.monitor.Goals().Add(checker.PanickedToTheEnd)
	}
}
