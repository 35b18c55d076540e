package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
)

// In a few seeds storms come back: several of them, as long as the first, with a calm after each in which everything is up,
// over hours. Reviews are submitted in each, and what one has left behind may meet the next. Each calm is a quiet phase with all
// that has to be prompt in one; that everything ends is asked of the last.

var (
	opStorms     = workloadOp(245, "plan.storms")
	opStormsCalm = timingOp(1720, "storms.calm")
	opStormOf    = workloadOp(246, "plan.storm-of")
	labelReturns = kernel.NewPoint("phase.returns")
)

// shareStorms is the share of the seeds in which storms come back. Hours of virtual time cost as much as a dozen runs.
const shareStorms = 0.0015

// The bounds on the calm between two storms, and on how many come back.
const (
	calmMin, calmMax        = 20 * time.Minute, time.Hour
	returnsMin, returnsMore = 2, 3
)

// storms are those that are still to come.
type storms struct {
	left       int
	calm, last time.Duration // before each, and how long each lasts
}

// decideStorms decides whether storms come back. Half of these seeds have one queue for it all.
func (w *Deployment) decideStorms() {
	k := w.kernel
	w.storms = storms{}
	if !k.Chance(w.actor, opStorms, shareStorms) || len(w.mix.Enabled()) == 0 {
		return
	}
	w.storms = storms{left: returnsMin + k.Pick(w.actor, opStorms, returnsMore), calm: k.Between(w.actor, opStormsCalm, calmMin, calmMax)}
	if !w.plan.longQueue && k.Chance(w.actor, opStorms, 0.5) {
		w.plan.oneQueue(&w.appConfig)
	}
}

// stormOf draws in which storm a review is submitted, and returns when that begins.
func (w *Deployment) stormOf() time.Duration {
	if w.storms.left == 0 {
		return 0
	}
	w.storms.last = w.stormEnd
	return time.Duration(w.kernel.Pick(w.actor, opStormOf, w.storms.left+1)) * (w.storms.last + healFor + w.storms.calm)
}

// calm lets a storm end that is not the last one.
func (w *Deployment) calm() {
	w.storms.left--
	w.calmDown()
	w.kernel.After(healFor, labelQuiet, func() {
		w.begin(checker.PhaseQuiet)
		w.progress()
		w.kernel.After(w.storms.calm, labelReturns, w.returns)
	})
}

// returns begins another storm.
func (w *Deployment) returns() {
	if branch := w.spec.Branch; branch.Calm && branch.After != 0 && w.kernel.Steps() >= branch.After {
		w.healNow()
		return
	}
	w.stormy = true
	w.begin(checker.PhaseStorm)
	w.stormEnd = w.kernel.Now() + w.storms.last
	for _, nodes := range [...][]*node{w.apps, w.hosts} {
		for _, n := range nodes {
			if n.process.Alive() {
				n.planFaults(false)
			}
		}
	}
	w.scheduleFailover()
	w.scheduleTroubles()
	w.kernel.After(w.scheduleAgentLife(), labelHeal, w.heal)
}
