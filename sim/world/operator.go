package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// Operators do what nothing else does: they abandon attempts that wait for somebody who never comes. One comes when the
// agent never answers that a session has ended, and goes on until its attempt is over. One comes when a start kills its
// host, and goes on until he has seen that the attempt is dispatched in vain. In a few seeds another one comes without
// need, at any time, to whatever attempt there is. All see to it that the session is gone before they abandon its attempt,
// as they have to.

var (
	opOperatorComes    = workloadOp(1600, "operator.comes")
	opOperatorVisits   = workloadOp(1610, "operator.visits")
	opOperatorReview   = workloadOp(1620, "operator.review")
	opOperatorAttempt  = workloadOp(1630, "operator.attempt")
	opOperatorMistake  = workloadOp(1640, "operator.mistake")
	opOperatorReason   = workloadOp(1650, "operator.reason")
	opOperatorWait     = timingOp(1600, "operator.wait")
	opOperatorPatience = timingOp(1605, "operator.patience")
)

// shareOperated is the share of the seeds in which an operator comes without need.
const shareOperated = 0.08

// operatorName is the actor that decides what operators do, and that their answers are recorded for.
const operatorName = "operator"

// An operator is somebody who ends attempts.
type operator struct {
	world *Deployment
	actor *kernel.Actor
}

// scheduleOperator decides whether an operator comes without need.
func (w *Deployment) scheduleOperator() {
	w.operator = operator{w, w.kernel.Actor(operatorName)}
	if w.kernel.Chance(w.operator.actor, opOperatorComes, shareOperated) {
		w.attend(w.operator.visit)
	}
}

// callOperator has an operator end an attempt whose session the agent does not end.
func (w *Deployment) callOperator(key engine.AttemptKey) {
	w.attend(func(ctx context.Context) { w.operator.end(ctx, key) })
}

// attend has somebody do something that the run waits for.
func (w *Deployment) attend(act func(ctx context.Context)) {
	w.clientsLeft++
	w.kernel.Spawn(w.clients.process, operatorName, func(ctx context.Context) {
		act(ctx)
		w.clientsLeft--
		w.progress()
	})
}

// wait lets time pass.
func (o *operator) wait(ctx context.Context, least, most time.Duration) bool {
	return o.world.clients.process.Sleep(ctx, o.world.kernel.Between(o.actor, opOperatorWait, least, most)) == nil
}

// visit looks at some attempts of some reviews, and abandons those that wait for somebody else.
func (o *operator) visit(ctx context.Context) {
	w := o.world
	for range 1 + w.kernel.Pick(o.actor, opOperatorVisits, 4) {
		if !o.wait(ctx, time.Second, w.stormEnd/2) {
			return
		}
		chosen := &w.plan.reviews[w.kernel.Pick(o.actor, opOperatorReview, len(w.plan.reviews))]
		key := engine.AttemptKey{Review: chosen.submission.Review, Attempt: 1}
		if r, known := w.database.state.Review(key.Review); known {
			key.Attempt = r.Attempt
			if r.Stopping != 0 {
				key.Attempt = r.Stopping
			}
			if w.kernel.Chance(o.actor, opOperatorAttempt, 0.2) {
				key.Attempt = 1 + w.kernel.Pick(o.actor, opOperatorAttempt, key.Attempt)
			}
		}
		if w.kernel.Chance(o.actor, opOperatorMistake, 0.15) {
			key = unknownKey
		}
		o.abandon(ctx, key)
	}
}

// end abandons an attempt as soon as its operator has seen that it waits for the agent, until it is over.
func (o *operator) end(ctx context.Context, key engine.AttemptKey) {
	for o.wait(ctx, time.Minute, 20*time.Minute) {
		if o.abandon(ctx, key) {
			return
		}
	}
}

// endInVain abandons an attempt that no worker takes, as soon as its operator has seen in inspections that it was
// dispatched a few times more, until it is over.
func (o *operator) endInVain(ctx context.Context, key engine.AttemptKey) {
	enough := uint64(0)
	for o.wait(ctx, time.Minute, inVainWait) {
		seen, err := o.ask(ctx, checker.CallAppInspect, key)
		switch {
		case err == nil && enough == 0:
			enough = seen.Dispatches + uint64(1+o.world.kernel.Pick(o.actor, opOperatorPatience, inVainMost))
		case err == nil && seen.Waiting == engine.WaitWorker && seen.Dispatches < enough: // somebody may take it yet
		case err == nil && o.abandon(ctx, key):
			return
		}
	}
}

// How patient an operator is with an attempt that is dispatched in vain: how often it is dispatched while he looks on, at
// most, and how long he waits between two looks.
const (
	inVainMost = 3
	inVainWait = 10 * time.Minute
)

// abandon ends an attempt that waits for somebody else. It reports whether that is done, or need not be done. The operator
// asks the worker about an attempt of a review that the app does not know.
func (o *operator) abandon(ctx context.Context, key engine.AttemptKey) bool {
	inspect, abandon := checker.CallAppInspect, checker.CallAppAbandon
	seen, err := o.ask(ctx, inspect, key)
	if engine.IsKind(err, engine.NotFound) {
		inspect, abandon = checker.CallWorkerInspect, checker.CallWorkerAbandon
		seen, err = o.ask(ctx, inspect, key)
	}
	switch {
	case err == nil && seen.Waiting == engine.WaitNothing:
		_, _ = o.ask(ctx, abandon, key) // it does no harm
		return true
	case engine.IsKind(err, engine.NotFound) && key != unknownKey:
		// Nothing to end. To abandon it all the same could end a session: a call may arrive when the attempt has begun.
		return true
	case engine.IsKind(err, engine.NotFound):
		_, err = o.ask(ctx, checker.CallAppAbandon, key)
		return engine.IsKind(err, engine.NotFound)
	case err != nil, seen.Waiting == engine.WaitSlot, seen.Waiting == engine.WaitPreparation:
		return false
	}
	o.world.agent.endForOperator(key)
	_, err = o.ask(ctx, abandon, key)
	return err == nil
}

// ask makes one call to some app replica, or to some host.
func (o *operator) ask(ctx context.Context, m checker.Call, key engine.AttemptKey) (engine.Inspection, error) {
	w := o.world
	since := w.kernel.Now()
	c := w.clients.newRemoteCall(m, key)
	defer c.release()
	if m == checker.CallAppAbandon || m == checker.CallWorkerAbandon {
		c.request.text = cancelReasons[w.kernel.Pick(o.actor, opOperatorReason, len(cancelReasons))]
	}
	w.auditCall(c)
	ctx, cancel := w.clients.process.WithTimeout(ctx, clientTimeout)
	err := c.send(ctx)
	cancel()
	answered := w.record(checker.ClientAnswered, operatorName, 0)
	answered.Key, answered.Call, answered.Since, answered.Truth = key, m, since, &c.truth
	if answered.Status = c.response.review.Status; answered.Status == 0 {
		answered.Status = c.response.report.Status
	}
	if err == nil && (m == checker.CallAppInspect || m == checker.CallWorkerInspect) {
		answered.Inspection = &c.response.inspection
	}
	if err != nil {
		answered.Kind, answered.Error, answered.Status = checker.ClientFailed, checker.FailureOf(err), 0
		if kind := engine.KindOf(err); kind == engine.NotFound || kind == engine.Permanent {
			answered.Kind = checker.ClientRefused
		}
	}
	w.observe(answered)
	return c.response.inspection, err
}
