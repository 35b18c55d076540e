package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// In a share of the seeds the app's replicas listen to the database, as engine/postgres.Listen does: what one of them
// records wakes all of them. The notifications are hints. They are sent when the statement has committed, and a replica
// that is down or cut off from the database misses them.

// shareListening is the share of the seeds in which replicas listen. Each notification makes every replica look for
// work, so it is not all of them.
const shareListening = 0.12

var (
	opListens     = workloadOp(1500, "plan.listens")
	opHintLatency = latencyOp(1500, "hint.latency")
	opHintLate    = timingOp(1520, "hint.late")
	hintPoint     = newFaultOps("database.hint")

	labelHint = kernel.NewPoint("database.hint")
)

// notifies reports whether the statement that changed a row tells listeners that its owner may have work: there is a
// new review or a next attempt, or a slot is free.
func notifies(op model.ReviewsOpKind, before, after *engine.Review) bool {
	switch op {
	case model.ReviewsSubmit:
		return before == nil
	case model.ReviewsFail, model.ReviewsCancel, model.ReviewsStopped, model.ReviewsRetrigger:
		return true
	case model.ReviewsApply:
		return after.Status.Terminal() || after.Attempt != before.Attempt
	default:
		return false
	}
}

// notify sends a notification to every replica that listens.
func (db *database) notify(from *node, owner engine.OwnerID) {
	w := db.world
	if w.spec.Trace != nil {
		w.traceActor(partyDatabase, "notifies the replicas of work of %s", owner)
	}
	for _, n := range w.apps {
		if !n.serves() || n.cutOffFrom(partyDatabase) {
			continue
		}
		if w.stormy && w.inject(n, &hintPoint, faults.DatabaseHintLost) {
			continue
		}
		after := w.kernel.Latency(n.process.Actor(), opHintLatency, databaseLatency)
		if w.stormy && w.inject(n, &hintPoint, faults.DatabaseHintLate) {
			after += w.kernel.Between(n.process.Actor(), opHintLate, time.Second, 2*time.Minute)
		}
		if n != from {
			w.monitor.Goals().Add(checker.WokenByAnotherReplica)
		}
		n.hear(owner, after)
		if w.stormy && w.inject(n, &hintPoint, faults.DatabaseHintDouble) {
			n.hear(owner, 2*after)
		}
	}
}

// hear lets a notification arrive at the process, in the life that it has now.
func (n *node) hear(owner engine.OwnerID, after time.Duration) {
	w, life := n.world, n.process.Incarnation()
	w.kernel.After(after, labelHint, func() {
		if !n.lives(life) || n.closed {
			return
		}
		if w.spec.Trace != nil { // avoids boxing the arguments
			w.traceActor(n.name, "is notified of work of %s", owner)
		}
		w.kernel.SpawnTagged(n.process, "hint", 0, func(context.Context) { n.dispatcher.Trigger(owner) })
	})
}
