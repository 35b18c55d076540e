package world

import (
	"context"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/sim/kernel"
)

// A method is something that a process can ask another party for: one row of the table.
type method struct {
	call checker.Call
	name string // of the call; the decisions on its faults begin with it
	link *link  // to the party that answers
	// point is the fault point that the caller passes: before the request leaves, after that, and when the answer has
	// arrived.
	point point
	// inject decides which faults a call meets, during the storm. Nil: that of the link.
	inject func(w *Deployment, c *call) callFaults
	faults faultOps // the decisions of inject
	// record adds what is asked to the record that a call began, and what is answered to the record that it ended.
	// Nil: nothing.
	record  func(c *call, r *checker.Record)
	sent    checker.Kind        // the kind of the record that a request leaves; 0: none
	history model.ReviewsOpKind // the operation of a call in the history of a review; 0: none
	route   string              // of its messages in pictures; empty: that of the link
	// direct carries out a call at the party that it has reached.
	direct func(ctx context.Context, c *call) error
	// overHTTP makes a call with the production client. Nil: the party has no HTTP API.
	overHTTP func(ctx context.Context, c *call) error
}

// A link leads to parties of one kind and back.
type link struct {
	to      func(w *Deployment, from *node) answerer // chooses who answers
	latency kernel.Latency                           // of one message
	decides kernel.Point                             // the latency
	request kernel.Point                             // the arrival of a request
	answer  kernel.Point                             // the arrival of an answer
	inject  func(w *Deployment, c *call) callFaults
	route   string

	// peers: both ends are processes of the deployment. Either end may be cut off, when a message leaves as well as when
	// it arrives; and a request that gets lost never leaves.
	peers bool
	// store: the party is a store. The caller passes no fault point between sending and the answer.
	store bool
}

// A request is what a remote method is asked. Which fields count depends on the method.
type request struct {
	start      engine.StartRequest
	report     engine.WorkerReport
	submission engine.Submission
	text       string
	payload    []byte
	after      int64
	max        int
	agentLife  int // of the agent that it is sent to
}

// A response is what a remote method answers. Which fields count depends on the method.
type response struct {
	report   engine.WorkerReport
	review   engine.Review
	events   []engine.Event
	attempts []engine.Attempt
	session  engine.SessionID
	over     bool
	// inspection is of an attempt.
	inspection engine.Inspection
	stream     engine.EventStream
	found      *session // by a stream that is not over HTTP
}

var (
	// methods is the table, by [checker.Call].
	methods = make([]method, checker.CallAppInspect+1)

	toWorkers, toApps, toAgent, toDatabase, toJournal link
)

// init fills the table, because methods lead to code that looks methods up: a declaration with these values would refer
// to itself.
func init() {
	toWorkers = link{
		to:      func(w *Deployment, from *node) answerer { return w.pick(from, w.hosts) },
		latency: networkLatency, decides: opNetworkLatency, request: labelRequest, answer: labelAnswer,
		inject: networkFaults, route: routeDispatch, peers: true,
	}
	toApps = toWorkers
	toWorkers.inject = workerFaults
	toApps.to = func(w *Deployment, from *node) answerer { return w.pick(from, w.apps) }
	toApps.route = routeClient
	toAgent = link{
		to:      func(w *Deployment, _ *node) answerer { return w.agent },
		latency: agentLatency, decides: opAgentLatency, request: labelAgentRequest, answer: labelAgentAnswer,
		inject: agentFaults, route: routeAgent,
	}
	toDatabase = link{
		to:      func(w *Deployment, _ *node) answerer { return &w.database },
		latency: databaseLatency, decides: opStatementLatency, request: labelStatement, answer: labelStatementAnswer,
		inject: databaseFaults, route: routeStore, store: true,
	}
	toJournal = link{
		to:      func(w *Deployment, _ *node) answerer { return &w.journal },
		latency: journalLatency, decides: opEntryLatency, request: labelEntry, answer: labelEntryAnswer,
		inject: journalFaults, route: routeStore, store: true,
	}

	for _, m := range []method{
		workerMethod(checker.CallWorkerStart, pointStart, recordReport,
			func(ctx context.Context, to engine.Worker, c *call) (err error) {
				c.response.report, err = to.Start(ctx, c.request.start)
				return err
			}),
		workerMethod(checker.CallWorkerCancel, pointStop, recordReport,
			func(ctx context.Context, to engine.Worker, c *call) (err error) {
				c.response.report, err = to.Cancel(ctx, c.key)
				return err
			}),
		workerMethod(checker.CallWorkerStatus, pointStop, recordReport,
			func(ctx context.Context, to engine.Worker, c *call) (err error) {
				c.response.report, err = to.Status(ctx, c.key)
				return err
			}),
		workerMethod(checker.CallWorkerEvents, pointNone, nil,
			func(ctx context.Context, to engine.Worker, c *call) (err error) {
				c.response.events, err = to.Events(ctx, c.key, c.request.after, c.request.max)
				return err
			}),
		workerMethod(checker.CallWorkerAbandon, pointStop, recordReport,
			func(ctx context.Context, to engine.Worker, c *call) (err error) {
				c.response.report, err = to.Abandon(ctx, c.key, c.request.text)
				return err
			}),
		workerMethod(checker.CallWorkerInspect, pointNone, nil,
			func(ctx context.Context, to engine.Worker, c *call) (err error) {
				c.response.inspection, err = to.Inspect(ctx, c.key)
				return err
			}),
		callbackMethod(checker.CallAppCallback, pointCallback,
			func(ctx context.Context, to engine.Callback, c *call) error {
				return to.Report(ctx, c.request.report)
			}),
		appMethod(checker.CallAppSubmit, model.ReviewsSubmit,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.review, err = to.Submit(ctx, c.request.submission)
				return err
			}),
		appMethod(checker.CallAppGet, model.ReviewsGet,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.review, err = to.Get(ctx, c.key.Review)
				return err
			}),
		appMethod(checker.CallAppCancel, model.ReviewsCancel,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.review, err = to.Cancel(ctx, c.key, c.request.text)
				return err
			}),
		appMethod(checker.CallAppRetrigger, model.ReviewsRetrigger,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.review, err = to.Retrigger(ctx, c.key)
				return err
			}),
		appMethod(checker.CallAppEvents, none,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.events, err = to.Events(ctx, c.key, c.request.after, c.request.max)
				return err
			}),
		appMethod(checker.CallAppAttempts, none,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.attempts, err = to.Attempts(ctx, c.key.Review)
				return err
			}),
		appMethod(checker.CallAppAbandon, none,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.review, err = to.Abandon(ctx, c.key, c.request.text)
				return err
			}),
		appMethod(checker.CallAppInspect, none,
			func(ctx context.Context, to httpapi.App, c *call) (err error) {
				c.response.inspection, err = to.Inspect(ctx, c.key)
				return err
			}),
		agentMethod(checker.CallAgentCreate, pointAgentCreate, checker.CreateSent, (*agent).serveCreate,
			func(ctx context.Context, to engine.Agent, c *call) (err error) {
				c.response.session, err = to.Create(ctx, c.key, c.request.payload)
				return err
			}),
		agentMethod(checker.CallAgentStream, pointAgentStream, checker.StreamSent, (*agent).serveStream,
			func(ctx context.Context, to engine.Agent, c *call) (err error) {
				c.response.stream, err = to.Stream(ctx, c.key, c.request.after)
				return err
			}),
		agentMethod(checker.CallAgentInterrupt, pointAgentInterrupt, checker.InterruptSent, (*agent).serveInterrupt,
			func(ctx context.Context, to engine.Agent, c *call) (err error) {
				c.response.over, err = to.Interrupt(ctx, c.key)
				return err
			}),
		storeMethod(model.ReviewsSubmit, pointSubmit),
		storeMethod(model.ReviewsGet, pointNone),
		storeMethod(model.ReviewsAttempts, pointNone),
		storeMethod(model.ReviewsReserve, pointReserve),
		storeMethod(model.ReviewsClaim, pointClaim),
		storeMethod(model.ReviewsRelease, pointRecord),
		storeMethod(model.ReviewsDefer, pointNone),
		storeMethod(model.ReviewsFail, pointRecord),
		storeMethod(model.ReviewsApply, pointRecord),
		storeMethod(model.ReviewsSetAgentVersion, pointNone),
		storeMethod(model.ReviewsCancel, pointCancel),
		storeMethod(model.ReviewsStopped, pointRecord),
		storeMethod(model.ReviewsRetrigger, pointNone),
		storeMethod(model.ReviewsSweep, pointNone),
		journalMethod(model.JournalCreate, pointJournalCreate),
		journalMethod(model.JournalLoad, pointNone),
		journalMethod(model.JournalRenewLease, pointNone),
		journalMethod(model.JournalReleaseLease, pointNone),
		journalMethod(model.JournalRecordIntent, pointJournalIntend),
		journalMethod(model.JournalAppend, pointJournalAppend),
		journalMethod(model.JournalSpend, pointNone),
		journalMethod(model.JournalDecide, pointJournalFinish),
		journalMethod(model.JournalFinish, pointJournalFinish),
		journalMethod(model.JournalClearOutbox, pointJournalSettle),
		journalMethod(model.JournalRequestCancel, pointJournalFinish),
		journalMethod(model.JournalAbandon, pointNone),
		journalMethod(model.JournalEvents, pointNone),
		journalMethod(model.JournalPayload, pointNone),
		journalMethod(model.JournalHeld, pointNone),
		journalMethod(model.JournalPurge, pointNone),
	} {
		m.name = m.call.String()
		m.faults = newFaultOps(m.name)
		if m.inject == nil {
			m.inject = m.link.inject
		}
		if m.route == "" {
			m.route = m.link.route
		}
		methods[m.call] = m
	}
}

// none is the history of a call that neither reads nor changes the row of a review.
const none model.ReviewsOpKind = 0

// workerMethod returns a row for a method of the workers' API.
func workerMethod(
	called checker.Call, at point, record func(*call, *checker.Record), ask func(ctx context.Context, to engine.Worker, c *call) error,
) method {
	return method{
		call: called, link: &toWorkers, point: at, record: record,
		direct: func(ctx context.Context, c *call) error { return ask(ctx, c.server().host, c) },
		overHTTP: func(ctx context.Context, c *call) error {
			return ask(ctx, httpapi.NewWorkerClient(workerURL, workerToken, callDoer{c}), c)
		},
	}
}

// appMethod returns a row for a method of the app's API that clients call.
func appMethod(called checker.Call, history model.ReviewsOpKind, ask func(ctx context.Context, to httpapi.App, c *call) error) method {
	return method{
		call: called, link: &toApps, history: history,
		direct: func(ctx context.Context, c *call) error { return ask(ctx, c.server().app, c) },
		overHTTP: func(ctx context.Context, c *call) error {
			return ask(ctx, httpapi.NewAppClient(appURL, appToken, callDoer{c}), c)
		},
	}
}

// callbackMethod returns a row for a method of the app's API that workers call.
func callbackMethod(called checker.Call, at point, ask func(ctx context.Context, to engine.Callback, c *call) error) method {
	return method{
		call: called, link: &toApps, point: at, record: recordCallback,
		inject: callbackFaults, route: routeCallback,
		direct: func(ctx context.Context, c *call) error { return ask(ctx, c.server().app, c) },
		overHTTP: func(ctx context.Context, c *call) error {
			return ask(ctx, httpapi.NewCallbackClient(appURL, callbackToken, callDoer{c}), c)
		},
	}
}

// agentMethod returns a row for a method of the agent.
func agentMethod(
	called checker.Call, at point, sent checker.Kind,
	serve func(a *agent, c *call) error, ask func(ctx context.Context, to engine.Agent, c *call) error,
) method {
	return method{
		call: called, link: &toAgent, point: at, sent: sent,
		direct:   func(_ context.Context, c *call) error { return serve(c.world.agent, c) },
		overHTTP: func(ctx context.Context, c *call) error { return ask(ctx, c.agentOverHTTP(), c) },
	}
}

// storeMethod returns a row for an operation of the review store.
func storeMethod(kind model.ReviewsOpKind, at point) method {
	m := method{
		call: checker.StoreCall(kind), link: &toDatabase, point: at, record: recordStatement,
		direct: func(_ context.Context, c *call) error { c.world.database.run(c); return nil },
	}
	if checker.Records(kind) {
		m.history = kind
	}
	return m
}

// journalMethod returns a row for an operation of the journal.
func journalMethod(kind model.JournalOpKind, at point) method {
	return method{
		call: checker.JournalCall(kind), link: &toJournal, point: at, record: recordEntry,
		direct: func(_ context.Context, c *call) error { c.world.journal.run(c); return nil },
	}
}

// server returns the process that the call has reached.
func (c *call) server() *node { return c.to.(*node) }

// recordReport adds the worker's report to the record that a call ended.
func recordReport(c *call, r *checker.Record) {
	if r.Kind == checker.CallEnded {
		r.Status, r.Report = c.response.report.Status, &c.response.report
	}
}

// recordCallback adds the worker's report to the records of a callback.
func recordCallback(c *call, r *checker.Record) {
	r.Status, r.Report = c.request.report.Status, &c.request.report
}
