package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// What a platform does about heads: a force-push brings one back, two pushes in one second have one order, another
// review is made of a commit that has one, a fork has the same commits, and a pull request is closed and reopened.
var (
	opEqualOrder   = workloadOp(1200, "plan.equal-order")
	opSameCommit   = workloadOp(1201, "plan.same-commit")
	opFork         = workloadOp(1202, "plan.fork")
	opComesBack    = workloadOp(1203, "plan.comes-back")
	opCloses       = workloadOp(1204, "plan.closes")
	opRepeats      = workloadOp(1205, "plan.repeats")
	opComesBackAt  = timingOp(1200, "plan.comes-back-at")
	opReopensAfter = timingOp(1201, "plan.reopens-after")
)

// A delivery is one more submission of a review: of its head at a later place in the order.
type delivery struct {
	of     int // which review
	order  int64
	at     time.Duration
	closes bool // the pull request is closed before, so the client cancels what is going on
}

// backOrder is higher than the order with which any head is submitted first.
const backOrder = 1000

// decideHeads draws which heads are alike, after it is known which reviews are of which pull request: r is of a head of
// the pull request of other.
func (w *Deployment) decideHead(r, other *engine.Submission) {
	if w.kernel.Chance(w.actor, opEqualOrder, 0.2) {
		r.HeadOrder = other.HeadOrder
	}
	if w.kernel.Chance(w.actor, opSameCommit, 0.2) {
		r.HeadSHA = other.HeadSHA
	}
}

// decideDeliveries draws which heads come back, and when.
func (w *Deployment) decideDeliveries(spread time.Duration) {
	k, p := w.kernel, &w.plan
	p.deliveries = p.deliveries[:0]
	for i := range p.reviews {
		r := &p.reviews[i]
		chance := 0.08
		if w.hasOtherHeads(i) {
			chance = 0.5
		}
		if !k.Chance(w.actor, opComesBack, chance) {
			continue
		}
		d := delivery{of: i, order: backOrder + int64(len(p.deliveries)), closes: k.Chance(w.actor, opCloses, 0.3)}
		// Some are delivered before what came first.
		d.at = max(0, r.at+k.Between(w.actor, opComesBackAt, 0, 2*spread)-spread/4)
		p.deliveries = append(p.deliveries, d)
		if k.Chance(w.actor, opRepeats, 0.2) {
			d.order, d.at, d.closes = d.order+50, d.at+k.Between(w.actor, opComesBackAt, 0, spread), false
			p.deliveries = append(p.deliveries, d)
		}
	}
}

// hasOtherHeads reports whether there are several heads of a review's pull request.
func (w *Deployment) hasOtherHeads(review int) bool {
	for i := range w.plan.reviews {
		if i != review && w.plan.reviews[i].submission.SamePullRequest(&w.plan.reviews[review].submission) {
			return true
		}
	}
	return false
}

// deliver is a webhook that submits a head that has come back.
func (c *client) deliver(ctx context.Context, d *delivery) {
	w := c.world
	if w.clients.process.Sleep(ctx, d.at) != nil {
		return
	}
	if d.closes {
		_ = c.ask(ctx, checker.CallAppGet)
		if c.known.Attempt != 0 {
			c.insist(ctx, checker.CallAppCancel)
		}
		if w.clients.process.Sleep(ctx, w.kernel.Between(c.actor, opReopensAfter, time.Second, 2*time.Minute)) != nil {
			return
		}
	}
	c.submission.HeadOrder = d.order
	c.insist(ctx, checker.CallAppSubmit)
}
