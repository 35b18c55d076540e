package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A point is a class of moments at which a crash hurts in its own way. A process passes points as it calls: before the
// request is sent, right after that, and when the answer has arrived.
type point uint8

const (
	pointNone point = iota
	pointAny
	pointSubmit
	pointReserve
	pointClaim
	pointRecord
	pointCancel
	pointStart
	pointStop
	pointCallback
	pointJournalCreate
	pointJournalIntend
	pointJournalAppend
	pointJournalFinish
	pointJournalSettle
	pointAgentCreate
	pointAgentStream
	pointAgentInterrupt
	pointPrepare
	pointCount
)

var (
	appPoints = []point{
		pointAny, pointAny, pointSubmit, pointReserve, pointClaim, pointRecord, pointCancel, pointStart, pointStop, pointPrepare,
	}
	hostPoints = []point{
		pointAny, pointAny, pointCallback, pointJournalCreate, pointJournalIntend, pointJournalAppend, pointJournalFinish,
		pointJournalSettle, pointAgentCreate, pointAgentStream, pointAgentInterrupt,
	}
)

var (
	opCrashKind     = timingOp(170, "crash.kind")
	opCrashPoint    = timingOp(180, "crash.point")
	opCrashPassages = timingOp(190, "crash.passages")
	opCrashLoops    = timingOp(220, "crash.loops")
	opPauseAt       = timingOp(230, "pause.at")
	opPauseFor      = timingOp(240, "pause.for")
	opSlowFactor    = timingOp(250, "slow.factor")
	opSkew          = timingOp(310, "clock.skew")
	opJumpAt        = timingOp(320, "clock.jump.at")
	opJump          = timingOp(350, "clock.jump")
	opFarJump       = timingOp(340, "clock.jump.far")
	opOldConfig     = timingOp(260, "config.old")

	labelPause  = kernel.NewPoint("process.pause")
	labelResume = kernel.NewPoint("process.resume")
	labelJump   = kernel.NewPoint("clock.jump")
)

// planFaults decides which faults the process has in this life, which begins now or has met another storm. A clock is wrong
// from birth: one that becomes wrong has jumped.
func (n *node) planFaults(born bool) {
	w := n.world
	if !w.stormy {
		return
	}
	k, actor, life := w.kernel, n.process.Actor(), n.process.Incarnation()
	switch {
	case n.loops > 0:
		n.loops--
		n.looping = true
		n.process.CrashAfterSwitches(1+k.Pick(actor, opCrashPassages, 30), n.crashed)
	case w.schedule(actor, &processPoint, faults.ProcessCrash):
		n.planCrash()
	}
	if w.schedule(actor, &processPoint, faults.ProcessPause) {
		k.After(k.Between(actor, opPauseAt, 0, w.stormLeft()), labelPause, func() {
			if w.stormy && n.living(life) {
				n.pause(k.Between(actor, opPauseFor, time.Second, 10*time.Minute))
			}
		})
	}
	if w.inject(n, &processPoint, faults.ProcessSlow) {
		factor := 2 + k.Pick(actor, opSlowFactor, slowestFactor-1)
		n.process.SetSlowdown(float64(factor))
		w.traceActor(n.name, "is %d times slower in this life", factor)
	}
	if w.schedule(actor, &processPoint, faults.NetworkPartition) {
		k.After(k.Between(actor, opCutAt, 0, w.stormLeft()), labelCut, func() {
			if w.stormy && n.process.Incarnation() == life {
				n.cutOff(k.Between(actor, opCutFor, 5*time.Second, 2*time.Minute))
			}
		})
	}
	if w.schedule(actor, &processPoint, faults.NetworkOneWay) {
		k.After(k.Between(actor, opOneWayAt, 0, w.stormLeft()), labelOneWay, func() {
			if w.stormy && n.process.Incarnation() == life {
				n.cutOneWay(k.Between(actor, opOneWayFor, 5*time.Second, 2*time.Minute))
			}
		})
	}
	if w.schedule(actor, &processPoint, faults.NetworkStall) {
		k.After(k.Between(actor, opStallAt, 0, w.stormLeft()), labelStall, func() {
			if w.stormy && n.process.Incarnation() == life {
				n.stall(k.Between(actor, opStallFor, 5*time.Second, 90*time.Second))
			}
		})
	}
	n.clockFaults(born)
	n.planStray()
}

func (n *node) clockFaults(born bool) {
	w := n.world
	k, actor, life := w.kernel, n.process.Actor(), n.process.Incarnation()
	if born && w.inject(n, &processPoint, faults.ClockSkew) {
		n.setSkew(k.Between(actor, opSkew, 0, 20*time.Minute) - 10*time.Minute)
	}
	if w.schedule(actor, &processPoint, faults.ClockJump) {
		k.After(k.Between(actor, opJumpAt, 0, w.stormLeft()), labelJump, func() {
			if !w.stormy || n.process.Incarnation() != life {
				return
			}
			span := time.Hour
			if k.Chance(actor, opFarJump, 0.25) {
				span = 8 * 24 * time.Hour
			}
			n.countFault(faults.ClockJump)
			n.setSkew(n.process.Skew() + k.Between(actor, opJump, 0, 2*span) - span)
		})
	}
}

func (n *node) setSkew(skew time.Duration) {
	n.process.SetSkew(skew)
	if skew < 0 {
		n.world.traceActor(n.name, "has a clock that is %s behind", -skew)
	} else {
		n.world.traceActor(n.name, "has a clock that is %s ahead", skew)
	}
}

// planCrash chooses between a crash at some task switch and one at a point.
func (n *node) planCrash() {
	k, actor := n.world.kernel, n.process.Actor()
	if k.Pick(actor, opCrashKind, 3) == 0 {
		n.process.CrashAfterSwitches(1+k.Pick(actor, opCrashPassages, 200), n.crashed)
		return
	}
	points := appPoints
	if n.role == roleWorker {
		points = hostPoints
	}
	n.crashPoint = points[k.Pick(actor, opCrashPoint, len(points))]
	n.crashPassages = 1 + k.Pick(actor, opCrashPassages, 9)
	if n.crashPoint == pointAny {
		n.crashPassages *= 5
	}
}

// faultPoint is called by the process's tasks around every call. The process may crash here; then the call does not
// return.
func (n *node) faultPoint(at point) {
	if n.closePassages > 0 {
		if n.closePassages--; n.closePassages == 0 {
			n.shutDown()
		}
	}
	if n.crashPoint == pointNone || (n.crashPoint != at && n.crashPoint != pointAny) || !n.world.stormy {
		return
	}
	if n.crashPassages--; n.crashPassages <= 0 {
		n.crash()
	}
}

// crash ends the process from within one of its tasks. It does not return.
func (n *node) crash() {
	n.crashed()
	n.process.Crash()
}

// crashed handles a crash: connections break, and the process is going to restart.
func (n *node) crashed() {
	w := n.world
	if n.looping {
		n.countFault(faults.ProcessCrashLoop)
	} else {
		n.countFault(faults.ProcessCrash)
		if w.schedule(n.process.Actor(), &processPoint, faults.ProcessCrashLoop) {
			n.loops = 2 + w.kernel.Pick(n.process.Actor(), opCrashLoops, 3)
		}
	}
	n.goDown()
}

// panicked ends the process because nobody has recovered from a panic in it.
func (n *node) panicked() {
	if n.process.Alive() {
		n.goDown()
		n.process.Crash()
	}
}

// goDown is what others notice of the end of the process, before it ends. It is going to restart.
func (n *node) goDown() {
	w := n.world
	w.observe(w.record(checker.ProcessCrashed, n.name, n.process.Incarnation()))
	n.end()
	after := w.kernel.Between(n.process.Actor(), opRestartAfter, time.Second, restartMost)
	if n.loops > 0 {
		after /= 10
	}
	w.kernel.After(after, labelRestart, n.restart)
}

// restartMost is the longest that a process is down after a crash.
const restartMost = time.Minute

func (n *node) pause(d time.Duration) {
	w, life := n.world, n.process.Incarnation()
	n.countFault(faults.ProcessPause)
	w.observe(w.record(checker.ProcessPaused, n.name, life))
	n.process.Pause()
	w.kernel.After(d, labelResume, func() { n.resume(life) })
}

func (n *node) resume(life int) {
	if !n.lives(life) || !n.process.Paused() {
		return
	}
	n.world.observe(n.world.record(checker.ProcessResumed, n.name, life))
	n.process.Resume()
	n.world.arrives(zombieFor)
	n.world.progress()
}

// zombieFor is how long a resumed process may still act on outdated knowledge.
const zombieFor = 30 * time.Second
