package world

import (
	"time"

	"github.com/onceover/onceover/engine"
)

var (
	opLongQueue = workloadOp(1220, "plan.long-queue")
	opRanges    = workloadOp(1221, "plan.ranges")
	opRange     = workloadOp(1222, "plan.range")

	opSecondUser = workloadOp(1224, "plan.second-user")
)

// secondNames are the actors of further users, in the order of reviewIDs.
var secondNames = func() (names [len(reviewIDs)]string) {
	for i, id := range reviewIDs {
		names[i] = "second user of " + string(id)
	}
	return names
}()

// ownersOf is how many owners there are. Most often they are few, so that each has a queue.
var ownersOf = [...]int{1, 2, 3, 4, 5, 6, 1, 2, 3, 1, 2, 3}

// decideQueue makes all reviews wait for the one slot of one owner, in a few seeds.
func (w *Deployment) decideQueue() {
	p := &w.plan
	if p.longQueue = w.kernel.Chance(w.actor, opLongQueue, 0.04); p.longQueue {
		p.oneQueue(&w.appConfig)
	}
}

// oneQueue leaves one owner, with one slot.
func (p *plan) oneQueue(config *engine.AppConfig) {
	p.longQueue = true
	p.owners = p.owners[:1]
	p.owners[0].limit, p.owners[0].most, p.owners[0].least = 1, 1, 1
	config.OwnerLimits = map[engine.OwnerID]int{p.owners[0].id: 1}
}

// decideRanges sets an interval to the least or the greatest that is allowed.
func (w *Deployment) decideRanges() {
	k, a := w.kernel, &w.appConfig
	if !k.Chance(w.actor, opRanges, 0.25) {
		return
	}
	switch k.Pick(w.actor, opRange, 6) {
	case 0:
		a.StaleAfter = engine.MaxPause
	case 1:
		a.SilentAfter = engine.MaxPause
	case 2:
		a.StopEvery = engine.MaxPause
	case 3:
		a.BackoffMin, a.BackoffMax = engine.MaxPause, engine.MaxPause
	case 4:
		a.StaleAfter = a.DispatchTimeout + time.Second
	default:
		a.SilentAfter = 10 * time.Second
	}
}
