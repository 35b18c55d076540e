package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A role says what a node runs.
type role uint8

const (
	roleApp role = iota
	roleWorker
	roleClients
)

// A node is one process of the deployment: an app replica or a worker host, with
// the engine's real code in it, or the clients. It survives its process's lives.
type node struct {
	world   *World
	name    string
	role    role
	process *kernel.Process

	// Made anew in each life.
	app        *engine.App
	dispatcher *engine.Dispatcher
	host       *engine.Host
	store      *model.Reviews
	journal    *model.Journals

	serving       []*request // requests being served, to be broken by a crash
	isolatedUntil time.Duration
	crashPoint    point // where it is going to crash, and at which passage
	crashPassages int
	loops         int // crashes that are still to follow in a crash loop
	closing       bool
}

// A point is a class of moments at which a crash hurts in its own way. A process
// passes its points as it calls out: just before, right after the request is on its
// way, and when the answer is there.
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
	pointOfStore = [model.OpSweep + 1]point{
		model.OpSubmit: pointSubmit, model.OpReserve: pointReserve, model.OpClaim: pointClaim,
		model.OpApply: pointRecord, model.OpCancel: pointCancel, model.OpStopped: pointRecord,
		model.OpRelease: pointRecord, model.OpFail: pointRecord,
	}
	pointOfJournal = [model.JournalPurge + 1]point{
		model.JournalCreate: pointJournalCreate, model.JournalIntend: pointJournalIntend,
		model.JournalAppend: pointJournalAppend, model.JournalDecide: pointJournalFinish,
		model.JournalFinish: pointJournalFinish, model.JournalSettle: pointJournalSettle,
		model.JournalRequestCancel: pointJournalFinish,
	}
	pointOfMethod = [methodCount]point{
		methodStart: pointStart, methodStop: pointStop, methodStatus: pointStop, methodCallback: pointCallback,
	}
	appPoints = []point{
		pointAny, pointAny, pointSubmit, pointReserve, pointClaim, pointRecord, pointCancel, pointStart, pointStop, pointPrepare,
	}
	hostPoints = []point{
		pointAny, pointAny, pointCallback, pointJournalCreate, pointJournalIntend, pointJournalAppend, pointJournalFinish,
		pointJournalSettle, pointAgentCreate, pointAgentStream, pointAgentInterrupt,
	}
)

var (
	opCrashKind     = kernel.NewOp("crash.kind")
	opCrashPoint    = kernel.NewOp("crash.point")
	opCrashPassages = kernel.NewOp("crash.passages")
	opRestartAfter  = kernel.NewOp("crash.restart")
	opCrashLoops    = kernel.NewOp("crash.loops")
	opPauseAt       = kernel.NewOp("pause.at")
	opPauseFor      = kernel.NewOp("pause.for")
	opSlowFactor    = kernel.NewOp("slow.factor")
	opIsolateAt     = kernel.NewOp("partition.at")
	opIsolateFor    = kernel.NewOp("partition.for")
	opSkew          = kernel.NewOp("clock.skew")
	opJumpAt        = kernel.NewOp("clock.jump.at")
	opJump          = kernel.NewOp("clock.jump")
	opFarJump       = kernel.NewOp("clock.jump.far")
	opOldConfig     = kernel.NewOp("config.old")
	opBoot          = kernel.NewOp("boot")

	labelRestart = kernel.NewOp("process.restart")
	labelPause   = kernel.NewOp("process.pause")
	labelResume  = kernel.NewOp("process.resume")
	labelIsolate = kernel.NewOp("network.partition")
	labelHealed  = kernel.NewOp("network.healed")
	labelJump    = kernel.NewOp("clock.jump")
)

// boot starts the engine in a process that has just come up, and decides what will
// happen to it in this life.
func (n *node) boot() {
	w := n.world
	w.kernel.SetTag(0) // whatever brought the process down is none of its tasks' business
	r := w.record(checker.ProcessStarted, n.name, n.process.Incarnation())
	r.Number = int64(n.process.Incarnation())
	w.observe(r)
	n.closing = false
	old := n.process.Incarnation() > 1 && w.strikes(n, &processPoint, faults.ProcessOldConfig)
	if n.role == roleApp {
		n.bootApp(old)
	} else {
		n.bootHost(old)
	}
	n.misfortunes()
}

func (n *node) bootApp(old bool) {
	w := n.world
	config := w.appConfig
	if old {
		config = olderAppConfig(config, w.kernel.Draw(n.process.Actor(), opOldConfig))
	}
	n.store = &model.Reviews{Do: n.executeStore}
	dispatcher, err := engine.NewDispatcher(n.process, config, n.store, workerClient{n}, preparer{n})
	if err != nil {
		panic(err) // the configs are ours
	}
	n.dispatcher = dispatcher
	n.app = engine.NewApp(dispatcher)
	// Replicas do not start in step.
	w.kernel.Spawn(n.process, "boot", func(ctx context.Context) {
		if n.process.Sleep(ctx, w.kernel.Between(n.process.Actor(), opBoot, 0, 20*time.Second)) == nil {
			dispatcher.Run()
		}
	})
}

func (n *node) bootHost(old bool) {
	w := n.world
	config := w.workerConfig
	if old {
		config = olderWorkerConfig(config, w.kernel.Draw(n.process.Actor(), opOldConfig))
	}
	n.journal = &model.Journals{Do: n.executeJournal}
	id := engine.HostID(fmt.Sprintf("%s.%d", n.name, n.process.Incarnation()))
	host, err := engine.NewHost(id, n.process, config, n.journal, agentClient{n}, callbackClient{n})
	if err != nil {
		panic(err)
	}
	n.host = host
	w.kernel.Spawn(n.process, "boot", func(context.Context) { host.Run() })
}

func (n *node) executeStore(ctx context.Context, op *model.Op, result *model.Result) {
	n.world.database.execute(ctx, n, op, result)
}

func (n *node) executeJournal(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
	n.world.journal.execute(ctx, n, op, result)
}

// olderAppConfig is a configuration that was in force before: valid, but with
// other intervals. Limits are the same everywhere, as they have to be.
func olderAppConfig(config engine.AppConfig, draw uint64) engine.AppConfig {
	config.StaleAfter = [...]time.Duration{time.Minute, 2 * time.Minute, 10 * time.Minute}[draw%3]
	config.SweepEvery = [...]time.Duration{20 * time.Second, oldestSweep}[draw/3%2]
	config.SilentAfter = [...]time.Duration{2 * time.Minute, 15 * time.Minute}[draw/6%2]
	return config
}

func olderWorkerConfig(config engine.WorkerConfig, draw uint64) engine.WorkerConfig {
	config.Batch = [...]int{1, 3, 50}[draw%3]
	config.LeaseFor = [...]time.Duration{20 * time.Second, 3 * time.Minute}[draw/3%2]
	config.RenewEvery = config.LeaseFor / 3
	config.FlushAfter = [...]time.Duration{time.Second, 20 * time.Second}[draw/6%2]
	return config
}

// misfortunes decides what will befall the process in this life.
func (n *node) misfortunes() {
	w := n.world
	if !w.stormy {
		return
	}
	k, actor := w.kernel, n.process.Actor()
	if n.loops > 0 || w.strikes(n, &processPoint, faults.ProcessCrash) {
		if n.loops > 0 {
			n.loops--
			w.struck(faults.ProcessCrashLoop, n.name)
			n.process.CrashAfterSwitches(1+k.Pick(actor, opCrashPassages, 30), n.crashed)
		} else {
			if w.strikes(n, &processPoint, faults.ProcessCrashLoop) {
				n.loops = 2 + k.Pick(actor, opCrashLoops, 3)
			}
			n.planCrash()
		}
	}
	if w.strikes(n, &processPoint, faults.ProcessPause) {
		at := k.Between(actor, opPauseAt, 0, w.stormLeft())
		life := n.process.Incarnation()
		k.After(at, labelPause, func() {
			if w.stormy && n.living(life) {
				n.pause(k.Between(actor, opPauseFor, time.Second, 10*time.Minute))
			}
		})
	}
	if w.strikes(n, &processPoint, faults.ProcessSlow) {
		n.process.SetSlowdown(float64(2 + k.Pick(actor, opSlowFactor, slowestFactor-1)))
	}
	if w.strikes(n, &processPoint, faults.NetworkPartition) {
		at := k.Between(actor, opIsolateAt, 0, w.stormLeft())
		k.After(at, labelIsolate, func() {
			if w.stormy {
				n.isolate(k.Between(actor, opIsolateFor, 5*time.Second, 2*time.Minute))
			}
		})
	}
	n.clockFaults()
}

func (n *node) clockFaults() {
	w := n.world
	k, actor := w.kernel, n.process.Actor()
	if w.strikes(n, &processPoint, faults.ClockSkew) {
		n.process.SetSkew(k.Between(actor, opSkew, 0, 20*time.Minute) - 10*time.Minute)
	}
	if w.strikes(n, &processPoint, faults.ClockJump) {
		at := k.Between(actor, opJumpAt, 0, w.stormLeft())
		k.After(at, labelJump, func() {
			if !w.stormy {
				return
			}
			span := time.Hour
			if k.Chance(actor, opFarJump, 0.1) {
				span = 8 * 24 * time.Hour
			}
			n.process.SetSkew(n.process.Skew() + k.Between(actor, opJump, 0, 2*span) - span)
		})
	}
}

// planCrash chooses between a crash at some switch and one at a point that hurts.
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

// faultPoint is passed by the process's tasks around every call; the process may
// crash here, and then the call does not return.
func (n *node) faultPoint(at point) {
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

// crashed is the aftermath: connections break, and the process comes up again.
func (n *node) crashed() {
	w := n.world
	w.observe(w.record(checker.ProcessCrashed, n.name, n.process.Incarnation()))
	n.end()
	after := w.kernel.Between(n.process.Actor(), opRestartAfter, time.Second, time.Minute)
	if n.loops > 0 {
		after /= 10
	}
	w.kernel.After(after, labelRestart, n.restart)
}

// end forgets what dies with the process, and breaks what it was serving.
func (n *node) end() {
	n.crashPoint = pointNone
	for i, r := range n.serving {
		n.serving[i] = nil
		if r != nil {
			r.broken()
		}
	}
	n.serving = n.serving[:0]
}

func (n *node) restart() {
	if n.process.Alive() {
		return
	}
	n.process.SetSlowdown(1)
	n.process.Restart()
	n.boot()
}

// living reports whether the process still is in that life and can be disturbed.
func (n *node) living(life int) bool {
	return n.process.Alive() && n.process.Incarnation() == life && !n.process.Paused()
}

func (n *node) pause(d time.Duration) {
	w, life := n.world, n.process.Incarnation()
	w.observe(w.record(checker.ProcessPaused, n.name, life))
	n.process.Pause()
	w.kernel.After(d, labelResume, func() { n.resume(life) })
}

func (n *node) resume(life int) {
	if !n.process.Alive() || n.process.Incarnation() != life || !n.process.Paused() {
		return
	}
	n.world.observe(n.world.record(checker.ProcessResumed, n.name, life))
	n.process.Resume()
	n.world.arrives(zombieFor)
	n.world.progress()
}

// zombieFor is how long a resumed process may still act on what it knew before.
const zombieFor = 30 * time.Second

// isolate cuts the process off from all others.
func (n *node) isolate(d time.Duration) {
	n.isolatedUntil = n.world.kernel.Now() + d
	n.world.agent.disconnect(n)
}

func (n *node) stopServing(r *request) {
	n.serving[r.serving-1] = nil
	r.serving = 0
	for len(n.serving) > 0 && n.serving[len(n.serving)-1] == nil {
		n.serving = n.serving[:len(n.serving)-1]
	}
}

// serve is the production handler of a remote call.
func (n *node) serve(ctx context.Context, r *request) (err error) {
	switch r.method {
	case methodStart:
		arrived := n.world.record(checker.StartArrived, n.name, n.process.Incarnation())
		arrived.Key, arrived.Owner, arrived.Token = r.start.Key, r.start.Owner, r.start.Token
		n.world.observe(arrived)
		r.answer, err = n.host.Start(ctx, r.start)
	case methodStop:
		r.answer, err = n.host.Cancel(ctx, r.key)
	case methodStatus:
		r.answer, err = n.host.Status(ctx, r.key)
	case methodWorkerEvents:
		r.events, err = n.host.Events(ctx, r.key, r.after, r.max)
	case methodCallback:
		err = n.app.Report(ctx, r.report)
	case methodSubmit:
		r.review, err = n.app.Submit(ctx, r.submission)
	case methodGet:
		r.review, err = n.app.Get(ctx, r.key.Review)
	case methodCancel:
		r.review, err = n.app.Cancel(ctx, r.key, r.text)
	case methodRetrigger:
		r.review, err = n.app.Retrigger(ctx, r.key)
	case methodEvents:
		r.events, err = n.app.Events(ctx, r.key, r.after, r.max)
	}
	return err
}

// shutDown stops the process gracefully, as a deployment does, and starts it again.
func (n *node) shutDown() {
	w, life := n.world, n.process.Incarnation()
	if !n.process.Alive() || n.process.Paused() || n.closing {
		return
	}
	n.closing = true
	w.observe(w.record(checker.ShutdownBegan, n.name, life))
	w.kernel.Spawn(n.process, "shutdown", func(ctx context.Context) {
		ctx, cancel := n.process.WithTimeout(ctx, 30*time.Second)
		defer cancel()
		var err error
		if n.role == roleApp {
			err = n.dispatcher.Close(ctx)
		} else {
			err = n.host.Close(ctx)
		}
		if err == nil {
			w.observe(w.record(checker.ShutdownEnded, n.name, life))
		}
		n.end()
		w.kernel.After(w.kernel.Between(n.process.Actor(), opRestartAfter, time.Second, 10*time.Second), labelRestart, n.restart)
		n.process.Crash()
	})
}
