package world

import (
	"context"
	"slices"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A Deployment is the world of reviews: app replicas and worker hosts that run the production engine, around a simulated
// database, journal, network, agent and clients. It runs one seed after the other and reuses its memory.
//
// One goroutine at a time may use a Deployment. Many run side by side.
type Deployment struct {
	kernel   *kernel.Kernel
	monitor  *checker.Monitor
	history  history
	database database
	journal  journal
	agent    *agent
	spec     run.Spec

	// OnRecord, when not nil, receives what the checker sees, with the step at which it does. The record is valid
	// during the call.
	OnRecord func(step uint64, record *checker.Record)

	profile faults.Profile   // of the run
	own     []faults.Profile // beside those of the catalogue, by [Deployment.Use]

	stores Stores // behind database and journal; nil: their models alone
	outage error  // of the stores: the run is unknown

	mix    faults.Mix
	faults faults.Counts
	// overHTTP: remote calls go through the production HTTP clients and handlers.
	overHTTP bool
	listens  bool // the app's replicas listen to the database
	capacity capacity
	audit    audit
	naming   naming

	stormy   bool // faults happen
	phase    checker.Phase
	stormEnd time.Duration // on the virtual clock
	storms   storms        // that come back
	actor    *kernel.Actor // decides about the deployment as a whole

	appConfig    engine.AppConfig
	workerConfig engine.WorkerConfig
	apps         []*node
	hosts        []*node
	clients      *node
	nodes        [3][nodesMax]*node // memory of the above, by role
	plan         plan
	clientsLeft  int
	panicking    engine.ReviewID // the review for which the preparer panics; empty: none
	panics       int             // of the preparer
	operator     operator
	poison       poison

	calls       []*call // memory of calls that are over
	operations  uint64
	scratch     checker.Record
	noted       hashedReview // of the latest record
	violation   *checker.Violation
	lastArrival time.Duration // of messages that faults delay or duplicate
	waiting     bool          // progress checks again then
	// stalledUntil is when the last connection that stands still moves on.
	stalledUntil time.Duration
	troubles     troubles
	rolling      bool    // processes restart one after another
	rollout      []*node // those that have their turn yet
	planned      []plannedFault
	refused      []engine.AttemptKey // of starts that are too large
	strays       int                 // starts of another deployment so far
	sent         uint64              // messages reported so far
	owners       []engine.OwnerID    // memory of size
	processes    uint64              // that have started
	faultAt      string              // for the trace: the operation that the latest fault hit
	faultBy      kernel.Key          // and the decision that made it happen
}

var (
	opCoreOnly    = faultOp(20, "heal.core-only")
	opCore        = timingOp(160, "heal.core")
	labelHeal     = kernel.NewPoint("phase.heal")
	labelQuiet    = kernel.NewPoint("phase.quiet")
	labelProgress = kernel.NewPoint("progress")
	labelEnd      = kernel.NewPoint("phase.end")
	labelFail     = kernel.NewPoint("database.failover")
)

// New returns a world for any number of runs.
func New() *Deployment {
	w := &Deployment{kernel: kernel.New(), monitor: checker.NewMonitor()}
	w.database = database{service: partyDatabase, world: w, state: model.NewReviews()}
	w.journal = journal{service: partyJournal, world: w, state: model.NewJournal()}
	w.agent = &agent{service: partyAgent, world: w}
	w.agent.handler = httpapi.NewAgentHandler(agentService{w.agent}, httpapi.HandlerConfig{
		Token: agentToken,
		WithTimeout: func(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
			return w.agent.process.WithTimeout(ctx, d)
		},
	})
	w.history = history{world: w, recorded: checker.NewHistory()}
	return w
}

// NewOn returns a world, for any number of runs, that carries out operations on real stores beside the models.
// Only one world may use them at a time.
func NewOn(stores Stores) *Deployment {
	w := New()
	w.stores = stores
	return w
}

// History implements [run.Historian]: it returns the operations on one review in the latest run, in the order that
// porcupine finds for them.
func (w *Deployment) History(review string) (run.History, error) {
	order, err := w.history.recorded.Order(engine.ReviewID(review), checker.Client)
	if err != nil {
		return run.History{}, err
	}
	h := run.History{Linearizable: order.Linearizable, Breaks: order.Breaks, Reason: order.Reason}
	for _, o := range order.Operations {
		h.Operations = append(h.Operations, run.Operation(o))
	}
	return h, nil
}

// Use adds a fault profile beside those of the catalogue, and returns its name, for [run.Spec].Profile. It replaces one
// of the same name.
func (w *Deployment) Use(profile faults.Profile) (name string) {
	w.own = slices.DeleteFunc(w.own, func(p faults.Profile) bool { return p.Name == profile.Name })
	w.own = append(w.own, profile)
	return profile.Name
}

// profileNamed returns the profile that a specification names. The error is a [*faults.UnknownProfileError].
func (w *Deployment) profileNamed(name string) (faults.Profile, error) {
	for i := range w.own {
		if w.own[i].Name == name {
			return w.own[i], nil
		}
	}
	if name == "" {
		name = profileDefault
	}
	return faults.Named(name)
}

const profileDefault = "default"

// Close ends the world's coroutines. It is not used afterwards.
func (w *Deployment) Close() { w.kernel.Close() }

// Run simulates one deployment until everything is over, a property is violated, or the quiet phase has lasted longer
// than it may.
func (w *Deployment) Run(spec run.Spec) run.Result {
	var err error
	if w.profile, err = w.profileNamed(spec.Profile); err != nil {
		return run.Result{Seed: spec.Seed, Verdict: run.Unknown, Unknown: err.Error()}
	}
	w.reset(spec)
	if w.outage != nil {
		return run.Result{Seed: spec.Seed, Verdict: run.Unknown, Unknown: w.outage.Error()}
	}
	w.build()
	err = w.play()
	if w.stores != nil && w.outage == nil {
		w.compareContents()
	}
	return w.result(err)
}

// play carries out the run.
func (w *Deployment) play() error {
	if w.spec.Branch.After == 0 {
		return w.kernel.Run(w.horizon())
	}
	paused, err := w.kernel.RunTo(w.horizon(), w.spec.Branch.After)
	if !paused || err != nil {
		return err
	}
	w.branch()
	return w.kernel.Run(w.horizon())
}

// branch gives the run another future.
func (w *Deployment) branch() {
	w.kernel.Branch(w.spec.Branch.Seed)
	if w.spec.Branch.Calm && w.phase == checker.PhaseStorm {
		w.healNow()
	}
}

func (w *Deployment) reset(spec run.Spec) {
	w.spec = spec
	w.kernel.Reset(kernel.Config{Seed: spec.Seed, Overrides: spec.Overrides, Tape: spec.Tape, StepLimit: stepLimit})
	w.kernel.OnDecision = spec.OnDecision
	w.database.state.Reset()
	w.database.down, w.database.failing, w.database.busyUntil = 0, false, 0
	w.journal.state.Reset()
	w.journal.busyUntil = 0
	w.database.refused, w.journal.refused = w.database.refused[:0], w.journal.refused[:0]
	w.agent.sessions, w.agent.stopped, w.agent.refused = w.agent.sessions[:0], w.agent.stopped[:0], w.agent.refused[:0]
	w.agent.scripts = w.agent.scripts[:0]
	w.agent.agentLife = agentLife{}
	w.faults = faults.Counts{}
	w.operations = 0
	w.violation = nil
	w.lastArrival, w.waiting, w.stalledUntil = 0, false, 0
	w.troubles, w.rolling = troubles{}, false
	w.sent, w.processes = 0, 0
	w.planned = w.planned[:0]
	w.refused, w.strays = w.refused[:0], 0
	w.history.recorded.Reset()
	w.audit.reset()
	w.actor = w.kernel.Actor(worldActor)
	w.outage = nil
	if w.stores != nil {
		w.outage = w.stores.Reset()
	}
}

// stepLimit ends a run that goes round in circles. The longest good runs, with sessions that hang one after the other,
// take some ten thousand steps.
const stepLimit = 1_000_000

// build decides the deployment, its faults and its workload, and starts it.
func (w *Deployment) build() {
	w.mix = w.profile.Draw(func(kind faults.Kind, decision faults.Decision) uint64 {
		if decision == faults.Enable {
			return w.kernel.Draw(w.actor, mixOps.kinds[kind])
		}
		return w.kernel.Draw(w.actor, mixRateOps.kinds[kind])
	})
	w.stormy = len(w.mix.Enabled()) > 0
	w.decide()
	w.choosePoison()
	w.monitor.Reset(w.checkerConfig())
	w.chooseTransport()
	w.decideCapacity()
	w.listens = w.kernel.Chance(w.actor, opListens, shareListening)
	w.begin(checker.PhaseStorm)
	w.choosePanic()

	w.clients = w.node(roleClients, 0)
	w.apps, w.hosts = w.apps[:0], w.hosts[:0]
	for i := range w.plan.apps {
		w.apps = append(w.apps, w.node(roleApp, i))
	}
	for i := range w.plan.hosts {
		w.hosts = append(w.hosts, w.node(roleWorker, i))
	}
	for _, n := range w.apps {
		n.boot()
	}
	for _, n := range w.hosts {
		n.boot()
	}
	w.startClients()
	w.scheduleOperator()
	w.scheduleFailover()
	w.scheduleTroubles()
	w.scheduleDeployments()
	w.kernel.After(w.scheduleAgentLife(), labelHeal, w.heal)
}

// node returns a process of the deployment, in the memory of an earlier run if there is one.
func (w *Deployment) node(role role, number int) *node {
	n := w.nodes[role][number]
	if n == nil {
		n = &node{app: &appPort{}, host: &workerPort{}}
		n.app.node, n.host.node = n, n
		n.store = model.NewReviewsPort(n.executeStore)
		n.journal = model.NewJournalPort(n.executeJournal)
		w.nodes[role][number] = n
	}
	name := nodeNames[role][number]
	*n = node{
		world: w, name: name, role: role, process: w.kernel.NewProcess(name),
		app: n.app, host: n.host, store: n.store, journal: n.journal, serving: n.serving[:0], older: n.older[:0],
	}
	n.process.OnPanic(n.panicked)
	return n
}

// nodesMax is the largest number of processes of one role.
const nodesMax = 3

var nodeNames = [...][nodesMax]string{
	roleApp:     {"app-1", "app-2", "app-3"},
	roleWorker:  {"worker-1", "worker-2", "worker-3"},
	roleClients: {"clients"},
}

// begin enters a phase.
func (w *Deployment) begin(phase checker.Phase) {
	w.phase = phase
	r := w.record(checker.PhaseBegan, "world", 0)
	r.Phase = phase
	w.observe(r)
}

// heal ends the storm. No fault begins any more; processes that are down come up, in a share of the seeds only a random
// core of them; paused ones continue. What is already on its way still happens.
func (w *Deployment) heal() {
	if w.phase != checker.PhaseStorm {
		return // a calm branch has healed
	}
	if w.storms.left > 0 {
		w.calm()
		return
	}
	if w.stormy && w.kernel.Chance(w.actor, opCoreOnly, 0.15) {
		w.leaveCore(w.apps)
		w.leaveCore(w.hosts)
	}
	w.healNow()
}

// calmDown ends all faults that last.
func (w *Deployment) calmDown() {
	w.stormy = false
	w.begin(checker.PhaseHeal)
	w.database.down, w.database.failing = 0, false
	w.troubles = troubles{}
	for _, nodes := range [...][]*node{w.apps, w.hosts} {
		for _, n := range nodes {
			n.heal()
		}
	}
}

// healNow ends all faults for good, and schedules the quiet phase and the end of the run.
func (w *Deployment) healNow() {
	w.storms.left = 0
	w.calmDown()
	w.kernel.After(healFor, labelQuiet, func() {
		w.begin(checker.PhaseQuiet)
		w.scheduleRolling()
		w.progress()
		w.kernel.After(w.quietBound(), labelEnd, w.kernel.Stop)
	})
}

// leaveCore takes some processes of a role down for good, at least one excepted. The rest must finish everything.
func (w *Deployment) leaveCore(nodes []*node) {
	stays := w.kernel.Pick(w.actor, opCore, len(nodes))
	for i, n := range nodes {
		if i != stays && w.kernel.Chance(w.actor, opCore, 0.6) {
			n.takeDown()
		}
	}
}

// healFor is the time that processes have to come up again.
const healFor = time.Minute

func (n *node) heal() {
	n.loops, n.looping, n.crashPoint, n.closePassages = 0, false, pointNone, 0
	n.cut.until, n.oneWay.until, n.stalled.until = 0, 0, 0
	n.process.SetSlowdown(1)
	n.process.CrashAfterSwitches(0, nil)
	n.resume(n.process.Incarnation())
}

func (w *Deployment) stormLeft() time.Duration { return max(w.stormEnd-w.kernel.Now(), 0) }

// scheduleFailover plans one failover of the database, if the seed decides so.
func (w *Deployment) scheduleFailover() {
	if !w.schedule(w.actor, &runPoint, faults.DatabaseFailover) {
		return
	}
	at := w.kernel.Between(w.actor, opFaultDetail, 0, w.stormLeft())
	w.kernel.After(at, labelFail, func() { w.database.failing = true })
}

// progress ends the run when nothing is unfinished, and nothing is on its way that could still do harm: a zombie, a
// late or a second delivery.
func (w *Deployment) progress() {
	if w.clientsLeft > 0 || w.unfinished() != "" || w.phase == checker.PhaseHeal || w.anyPaused() {
		return
	}
	if left := w.lastArrival - w.kernel.Now(); left >= 0 {
		if !w.waiting {
			w.waiting = true
			w.kernel.After(left+time.Second, labelProgress, func() {
				w.waiting = false
				w.progress()
			})
		}
		return
	}
	w.kernel.Stop()
}

// arrives notes that a message sent now arrives so much later.
func (w *Deployment) arrives(after time.Duration) {
	w.lastArrival = max(w.lastArrival, w.kernel.Now()+after)
}

func (w *Deployment) anyPaused() bool {
	for _, nodes := range [...][]*node{w.apps, w.hosts} {
		for _, n := range nodes {
			if n.process.Paused() {
				return true
			}
		}
	}
	return false
}

// unfinished returns the name of something that is not over yet; empty if all is.
func (w *Deployment) unfinished() (what string) {
	w.database.state.Each(func(r *engine.Review) {
		if what == "" && (!r.Status.Terminal() || r.Stopping != 0) {
			what = string(r.Review)
		}
	})
	if what != "" {
		return what
	}
	w.journal.state.Each(func(o *engine.Orchestration) {
		if what == "" && o.Unfinished() {
			what = o.Key.String()
		}
	})
	return what
}

// record returns the world's scratch record, with what every record has.
func (w *Deployment) record(kind checker.Kind, actor string, life int) *checker.Record {
	r := &w.scratch
	*r = checker.Record{} // and then field by field, which copies no second record
	r.At, r.Kind, r.Actor, r.Life = w.kernel.Now(), kind, actor, life
	return r
}

// observe passes a record to the checker and folds it into the trace hash. The first violation ends the run. Records of
// a task that unwinds in a crash do not count.
func (w *Deployment) observe(r *checker.Record) {
	if w.kernel.Unwinding() {
		return
	}
	w.note(r)
	if w.OnRecord != nil {
		w.OnRecord(w.kernel.Steps(), r)
	}
	if w.spec.OnState != nil {
		w.draw(r)
	}
	if w.spec.OnMessage != nil && r.Kind == checker.EventDelivered {
		w.deliver(r)
	}
	if r.Kind == checker.ProcessStarted && r.Life == 1 {
		w.processes++
	}
	if w.spec.Trace != nil {
		w.trace(r)
	}
	if w.violation != nil {
		return
	}
	w.monitor.Observe(r)
	if v := w.monitor.Violation(); v != nil {
		w.violation = v
		w.kernel.Stop()
	}
}
