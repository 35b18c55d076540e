package world

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A role is what a node runs.
type role uint8

const (
	roleApp role = iota
	roleWorker
	roleClients
)

// A node is one process of the deployment: an app replica or a worker host, with the engine's real code in it, or the
// clients. It outlasts the lives of its process.
type node struct {
	world   *Deployment
	name    string
	role    role
	process *kernel.Process

	// New in each life.
	dispatcher *engine.Dispatcher
	app        *appPort    // of an app replica
	host       *workerPort // of a worker host

	hostIDs []engine.HostID // of all its lives so far
	older   []lifeConfig    // of those of its lives that had an older configuration

	store   *model.ReviewsPort // the way to the database
	journal *model.JournalPort // the way to the journal

	serving       []*call       // being carried out; a crash breaks them off
	busyUntil     time.Duration // with them, in seeds in which services have a capacity
	cut           cut           // of both directions
	oneWay        cut           // of one direction
	stalled       cut           // what it is about waits, and is not lost
	crashPoint    point         // where it is going to crash, and after how many passages
	crashPassages int
	closePassages int  // it shuts down after so many passages of any point; 0: not
	closeAtStart  bool // it shuts down when a start arrives
	loops         int  // crashes still to follow in a crash loop
	looping       bool // the next crash is one of them
	closing       bool // asked to shut down
	closed        bool // has shut down, and serves no request any more
	gone          bool // down for good
	rolled        bool // others wait for its restart
	newer         bool // speaks the next version in this life
}

var (
	opBoot         = timingOp(30, "boot")
	opRestartAfter = timingOp(200, "crash.restart")

	labelRestart = kernel.NewPoint("process.restart")

	// noLog takes what the engine logs: the records of the run say more.
	noLog = slog.New(slog.DiscardHandler)
)

// boot starts the engine in a process that has come up, and decides which faults this life has.
func (n *node) boot() {
	w := n.world
	w.kernel.SetTag(0) // its tasks act for nobody who acted before
	r := w.record(checker.ProcessStarted, n.name, n.process.Incarnation())
	w.observe(r)
	n.closing, n.closed = false, false
	old := n.process.Incarnation() > 1 && w.inject(n, &processPoint, faults.ProcessOldConfig)
	if n.role == roleApp {
		n.bootApp(old)
	} else {
		n.bootHost(old)
	}
	n.chooseVersion()
	if w.overHTTP {
		n.listen()
	}
	n.planFaults(true)
	if n.rolled {
		n.rolled = false
		w.rollNext()
	}
}

func (n *node) bootApp(old bool) {
	w := n.world
	config := w.appConfig
	config.Log = noLog
	if old {
		config = olderAppConfig(config, w.plan.owners, w.kernel.Draw(n.process.Actor(), opOldConfig))
		n.older = append(n.older, lifeConfig{life: n.process.Incarnation(), app: config})
		w.plan.noteLimits(&config)
		w.traceActor(n.name, "runs an old configuration: a claim is stale after %s, a review silent after %s, a sweep every %s, slots: %s",
			config.StaleAfter, config.SilentAfter, config.SweepEvery, w.plan.describeLimits(config.OwnerLimits))
	}
	if old || n.process.Incarnation() == 1 {
		w.auditAppConfig(&config)
	}
	dispatcher, err := engine.NewDispatcher(n.process, config, n.store, workerClient{n}, preparer{n})
	if err != nil {
		panic(err) // the configuration is our own
	}
	n.dispatcher = dispatcher
	n.app.App = engine.NewApp(dispatcher)
	// Replicas do not start at the same moment.
	w.kernel.Spawn(n.process, "boot", func(ctx context.Context) {
		if n.process.Sleep(ctx, w.kernel.Between(n.process.Actor(), opBoot, 0, 20*time.Second)) == nil {
			dispatcher.Run()
		}
	})
}

func (n *node) bootHost(old bool) {
	w := n.world
	config := w.workerConfig
	config.Log = noLog
	if old {
		config = olderWorkerConfig(config, w.kernel.Draw(n.process.Actor(), opOldConfig))
		n.older = append(n.older, lifeConfig{life: n.process.Incarnation(), worker: config})
		w.traceActor(n.name, "runs an old configuration: leases of %s, batches of %d events, written after %s, sessions of %s at most, %d tries to create one and %d to decode an event",
			config.LeaseFor, config.Batch, config.FlushAfter, config.StreamLimit, config.CreateTries, config.DecodeTries)
	}
	if old || n.process.Incarnation() == 1 {
		w.auditWorkerConfig(&config)
	}
	id := engine.HostID(fmt.Sprintf("%s.%d", n.name, n.process.Incarnation()))
	host, err := engine.NewHost(id, n.process, config, n.journal, agentClient{n}, callbackClient{n})
	if err != nil {
		panic(err)
	}
	n.host.Host, n.hostIDs = host, append(n.hostIDs, id)
	w.kernel.Spawn(n.process, "boot", func(context.Context) { host.Run() })
}

// end clears what dies with the process, and breaks off what it was serving.
func (n *node) end() {
	n.crashPoint, n.looping, n.closePassages, n.closeAtStart = pointNone, false, 0, false
	n.hangUp()
	n.abandonCalls()
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

// takeDown ends the process for good.
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

// lives reports whether the process is still in that life, paused or not.
func (n *node) lives(life int) bool {
	return n.process.Alive() && n.process.Incarnation() == life
}

// living reports whether the process is still in that life and not paused.
func (n *node) living(life int) bool { return n.lives(life) && !n.process.Paused() }
