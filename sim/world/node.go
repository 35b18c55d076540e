package world

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
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
	dispatcher *engine.Dispatcher
	app        *appPort    // of an app replica
	host       *workerPort // of a worker host

	hostIDs []engine.HostID // of all its lives so far

	store   *model.Reviews  // the way to the database
	journal *model.Journals // the way to the journal

	serving       []*call // being carried out, which a crash breaks off
	cutUntil      time.Duration
	cutFrom       string // the party that it can't reach until then; empty: all
	crashPoint    point  // where it is going to crash, and at which passage
	crashPassages int
	closePassages int  // after so many of all points it is asked to shut down; 0: not
	closeAtStart  bool // it is asked to shut down when a start arrives
	loops         int  // crashes that are still to follow in a crash loop
	looping       bool // the next crash is one of these
	closing       bool // asked to shut down
	closed        bool // has shut down, and serves nobody any more
	gone          bool // down for good
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
	opCutAt         = kernel.NewOp("partition.at")
	opCutFor        = kernel.NewOp("partition.for")
	opCutAll        = kernel.NewOp("partition.all")
	opCutFrom       = kernel.NewOp("partition.from")
	opSkew          = kernel.NewOp("clock.skew")
	opJumpAt        = kernel.NewOp("clock.jump.at")
	opJump          = kernel.NewOp("clock.jump")
	opFarJump       = kernel.NewOp("clock.jump.far")
	opOldConfig     = kernel.NewOp("config.old")
	opBoot          = kernel.NewOp("boot")

	labelRestart = kernel.NewOp("process.restart")
	labelPause   = kernel.NewOp("process.pause")
	labelResume  = kernel.NewOp("process.resume")
	labelCut     = kernel.NewOp("network.partition")
	labelJump    = kernel.NewOp("clock.jump")
)

// boot starts the engine in a process that has just come up, and decides what will
// happen to it in this life.
func (n *node) boot() {
	w := n.world
	w.kernel.SetTag(0) // whatever brought the process down is none of its tasks' business
	r := w.record(checker.ProcessStarted, n.name, n.process.Incarnation())
	w.observe(r)
	n.closing, n.closed = false, false
	old := n.process.Incarnation() > 1 && w.strikes(n, &processPoint, faults.ProcessOldConfig)
	if n.role == roleApp {
		n.bootApp(old)
	} else {
		n.bootHost(old)
	}
	if w.overHTTP {
		n.listen()
	}
	n.misfortunes()
}

func (n *node) bootApp(old bool) {
	w := n.world
	config := w.appConfig
	if old {
		config = olderAppConfig(config, w.kernel.Draw(n.process.Actor(), opOldConfig))
		w.traceActor(n.name, "runs an old configuration: stale after %s, sweeps every %s, silent after %s",
			config.StaleAfter, config.SweepEvery, config.SilentAfter)
	}
	dispatcher, err := engine.NewDispatcher(n.process, config, n.store, workerClient{n}, preparer{n})
	if err != nil {
		panic(err) // the configs are ours
	}
	n.dispatcher = dispatcher
	n.app.App = engine.NewApp(dispatcher)
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
		w.traceActor(n.name, "runs an old configuration: leases of %s, batches of %d, flushed after %s",
			config.LeaseFor, config.Batch, config.FlushAfter)
	}
	id := engine.HostID(fmt.Sprintf("%s.%d", n.name, n.process.Incarnation()))
	host, err := engine.NewHost(id, n.process, config, n.journal, agentClient{n}, callbackClient{n})
	if err != nil {
		panic(err)
	}
	n.host.Host, n.hostIDs = host, append(n.hostIDs, id)
	w.kernel.Spawn(n.process, "boot", func(context.Context) { host.Run() })
}

// olderAppConfig is a configuration that was in force before: valid, but with
// other intervals. Limits are the same everywhere, as they have to be.
func olderAppConfig(config engine.AppConfig, draw uint64) engine.AppConfig {
	config.StaleAfter = [...]time.Duration{time.Minute, 2 * time.Minute, 10 * time.Minute}[draw%3]
	config.SweepEvery = [...]time.Duration{20 * time.Second, oldestSweep}[draw/3%2]
	config.SilentAfter = [...]time.Duration{2 * time.Minute, oldestSilence}[draw/6%2]
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
	k, actor, life := w.kernel, n.process.Actor(), n.process.Incarnation()
	switch {
	case n.loops > 0:
		n.loops--
		n.looping = true
		n.process.CrashAfterSwitches(1+k.Pick(actor, opCrashPassages, 30), n.crashed)
	case w.destines(actor, &processPoint, faults.ProcessCrash):
		n.planCrash()
	}
	if w.destines(actor, &processPoint, faults.ProcessPause) {
		k.After(k.Between(actor, opPauseAt, 0, w.stormLeft()), labelPause, func() {
			if w.stormy && n.living(life) {
				n.pause(k.Between(actor, opPauseFor, time.Second, 10*time.Minute))
			}
		})
	}
	if w.strikes(n, &processPoint, faults.ProcessSlow) {
		factor := 2 + k.Pick(actor, opSlowFactor, slowestFactor-1)
		n.process.SetSlowdown(float64(factor))
		w.traceActor(n.name, "is %d times slower in this life", factor)
	}
	if w.destines(actor, &processPoint, faults.NetworkPartition) {
		k.After(k.Between(actor, opCutAt, 0, w.stormLeft()), labelCut, func() {
			if w.stormy && n.process.Incarnation() == life {
				n.cut(k.Between(actor, opCutFor, 5*time.Second, 2*time.Minute))
			}
		})
	}
	n.clockFaults()
	n.planStray()
}

func (n *node) clockFaults() {
	w := n.world
	k, actor, life := w.kernel, n.process.Actor(), n.process.Incarnation()
	if w.strikes(n, &processPoint, faults.ClockSkew) {
		n.setSkew(k.Between(actor, opSkew, 0, 20*time.Minute) - 10*time.Minute)
	}
	if w.destines(actor, &processPoint, faults.ClockJump) {
		k.After(k.Between(actor, opJumpAt, 0, w.stormLeft()), labelJump, func() {
			if !w.stormy || n.process.Incarnation() != life {
				return
			}
			span := time.Hour
			if k.Chance(actor, opFarJump, 0.25) {
				span = 8 * 24 * time.Hour
			}
			w.struck(faults.ClockJump, n.name, "process", w.destined(actor, faults.ClockJump))
			n.setSkew(n.process.Skew() + k.Between(actor, opJump, 0, 2*span) - span)
		})
	}
}

func (n *node) setSkew(skew time.Duration) {
	n.process.SetSkew(skew)
	n.world.traceActor(n.name, "has a clock that is off by %s", skew)
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

// crashed is the aftermath: connections break, and the process comes up again.
func (n *node) crashed() {
	w := n.world
	if n.looping {
		w.struck(faults.ProcessCrashLoop, n.name, "process", w.destined(n.process.Actor(), faults.ProcessCrashLoop))
	} else {
		w.struck(faults.ProcessCrash, n.name, "process", w.destined(n.process.Actor(), faults.ProcessCrash))
		if w.destines(n.process.Actor(), &processPoint, faults.ProcessCrashLoop) {
			n.loops = 2 + w.kernel.Pick(n.process.Actor(), opCrashLoops, 3)
		}
	}
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
	n.crashPoint, n.looping, n.closePassages, n.closeAtStart = pointNone, false, 0, false
	n.hangUp()
	if n.world.overHTTP {
		n.world.agent.disconnect(n)
	}
}

func (n *node) restart() {
	if n.gone || n.process.Alive() {
		return
	}
	n.process.SetSlowdown(1)
	n.process.Restart()
	n.boot()
}

// takeDown ends the process, which does not come back.
func (n *node) takeDown() {
	n.gone = true
	n.world.traceLine(run.Line{
		Actor: n.name, Weight: run.Looking, Effect: true, Decision: n.world.kernel.LastDecision(n.world.actor, opCoreOnly),
	}, "is taken down, and does not come back")
	if n.process.Alive() {
		n.world.observe(n.world.record(checker.ProcessCrashed, n.name, n.process.Incarnation()))
		n.end()
		n.process.Crash()
	}
}

// lives reports whether the process still is in that life, paused or not.
func (n *node) lives(life int) bool {
	return n.process.Alive() && n.process.Incarnation() == life
}

// living reports whether the process still is in that life and can be disturbed.
func (n *node) living(life int) bool { return n.lives(life) && !n.process.Paused() }

func (n *node) pause(d time.Duration) {
	w, life := n.world, n.process.Incarnation()
	w.struck(faults.ProcessPause, n.name, "process", w.destined(n.process.Actor(), faults.ProcessPause))
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

// zombieFor is how long a resumed process may still act on what it knew before.
const zombieFor = 30 * time.Second

// The parties that a process talks to besides other processes, in which a process
// is a party by its name.
const (
	partyDatabase = "database"
	partyJournal  = "journal"
	partyAgent    = "agent"
)

// cut makes the process unreachable for all others or for one of them.
func (n *node) cut(d time.Duration) {
	w, actor := n.world, n.process.Actor()
	n.cutUntil, n.cutFrom = w.kernel.Now()+d, ""
	if !w.kernel.Chance(actor, opCutAll, 0.5) {
		parties := n.parties()
		n.cutFrom = parties[w.kernel.Pick(actor, opCutFrom, len(parties))]
	}
	w.struck(faults.NetworkPartition, n.name, "process", w.destined(actor, faults.NetworkPartition))
	if n.cutFrom == "" {
		w.traceActor(n.name, "is cut off from everybody for %s", d)
	} else {
		w.traceActor(n.name, "is cut off from %s for %s", n.cutFrom, d)
	}
	if n.cutOffFrom(partyAgent) {
		w.agent.disconnect(n)
	}
}

// parties lists whom the process talks to.
func (n *node) parties() []string {
	w := n.world
	if n.role == roleApp {
		return append([]string{partyDatabase, w.clients.name}, nodeNames[roleWorker][:len(w.hosts)]...)
	}
	return append([]string{partyJournal, partyAgent}, nodeNames[roleApp][:len(w.apps)]...)
}

// cutOffFrom reports whether nothing passes between the process and a party now.
func (n *node) cutOffFrom(party string) bool {
	return n.cutUntil > n.world.kernel.Now() && (n.cutFrom == "" || n.cutFrom == party)
}

// loses reports whether a message of a call is lost on its way between the process
// and a party, because the process is cut off.
func (n *node) loses(party string, called checker.Call) bool {
	if !n.cutOffFrom(party) {
		return false
	}
	w := n.world
	w.felt(faults.NetworkPartition, n.name, called.String(), w.destined(n.process.Actor(), faults.NetworkPartition))
	return true
}
