package world

import (
	"context"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

var (
	opPoisonReview = timingOp(1710, "poison.review")
	opPoisonEvent  = timingOp(1711, "poison.event")
	opPoisonBound  = timingOp(1712, "poison.bound")
	opPoisonStart  = timingOp(1713, "poison.start")
)

// A poison is what is wrong with one review: it kills each host that comes to a certain place of its work.
type poison struct {
	review engine.ReviewID // empty: there is none
	// event is the event that kills its reader; 0: the host that asks the agent for a session crashes before
	// the request is sent; poisonStart: the host that is given the start crashes before it has journaled anything.
	event  int64
	deaths int
	// operated is the latest attempt for which an operator was called.
	operated int
}

// poisonStart is the place of work that comes before all: to take the start.
const poisonStart = -1

// sharePoisonedStart is the share of the poisonous reviews of which the start kills. Each dispatch is a lost answer then,
// and nobody but an operator or a user ends that.
const sharePoisonedStart = 0.3

// The events that may kill: any session has the first of them. The bounds on takeovers are small, because each takes
// minutes.
const (
	poisonEvents    = 3
	poisonTakeovers = 4
)

// choosePoison decides whether a review of the run is poisonous. It is so in every phase: that depends on the review, and
// not on chance.
func (w *Deployment) choosePoison() {
	w.poison = poison{}
	if !w.schedule(w.actor, &runPoint, faults.ProcessPoison) {
		return
	}
	w.poison.review = w.plan.reviews[w.kernel.Pick(w.actor, opPoisonReview, len(w.plan.reviews))].submission.Review
	if w.kernel.Chance(w.actor, opPoisonStart, sharePoisonedStart) {
		w.poison.event = poisonStart
		return
	}
	w.poison.event = int64(w.kernel.Pick(w.actor, opPoisonEvent, poisonEvents+1))
	w.workerConfig.MaxTakeovers = 1 + w.kernel.Pick(w.actor, opPoisonBound, poisonTakeovers)
}

// swallow is called by a host that comes to an event of an attempt, with 0 to the creation of its session, or with
// poisonStart to its start. If that is where the review kills, the host crashes, and swallow does not return.
func (n *node) swallow(key engine.AttemptKey, event int64) {
	w := n.world
	p := &w.poison
	if p.review == "" || key.Review != p.review || event != p.event || w.kernel.Unwinding() {
		return
	}
	operation := checker.CallAgentStream.String()
	switch event {
	case 0:
		operation = checker.CallAgentCreate.String()
	case poisonStart:
		operation = checker.CallWorkerStart.String()
		if key.Attempt > p.operated {
			p.operated = key.Attempt
			w.attend(func(ctx context.Context) { w.operator.endInVain(ctx, key) })
		}
	}
	decision := w.plannedFault(w.actor, faults.ProcessPoison)
	if p.deaths++; p.deaths == 1 {
		w.countFault(faults.ProcessPoison, n.name, operation, decision)
	} else {
		w.noteFault(faults.ProcessPoison, n.name, operation, decision)
	}
	n.goDown()
	n.process.Crash()
}
