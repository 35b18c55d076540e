package world

import (
	"context"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/sim/kernel"
)

// A method is one thing that a process can ask another party for: a row of the table.
type method struct {
	call checker.Call
	name string // of the call; its faults are named after it
	via  *route // to those who carry it out
	// point is the point of the caller that every call passes: before the request leaves, after that, and when the
	// answer is there.
	point point
	// inject decides what the faults make of a call, during the storm. faults are its decisions, one per kind of fault.
	inject func(w *World, c *call) callFaults
	faults faultOps
	// history is the operation that a call is in the history of a review.
	history model.OpKind
	// sent is the record that a request leaves; 0 for none.
	sent checker.Kind
	// describe, when not nil, adds what is asked to the record of the call's beginning, and what is answered to that of
	// its end.
	describe func(c *call, r *checker.Record)
	// direct carries a call out at the party that it has reached. overHTTP makes it by way of the production client.
	direct, overHTTP func(ctx context.Context, c *call) error
}

// A route is the way to parties of one kind and back.
type route struct {
	to      func(w *World, from *node) answerer // chooses who answers
	latency kernel.Latency                      // of one message
	drawn   kernel.Op                           // decides the latency
	request kernel.Label                        // the arrival of a request
	answer  kernel.Label                        // the arrival of an answer
	inject  func(w *World, c *call) callFaults  // unless the method has its own

	// peers: both ends are processes of the deployment. What passes between them can be cut off at both, and is looked at
	// when it leaves as well as when it arrives.
	peers bool
	// store: the party is a store. Callers pass no point between asking it and its answer.
	store bool
}

var (
	// methods is the table, by [checker.Call].
	methods = make([]method, checker.JournalCall(model.JournalPurge)+1)

	toWorkers, toApps, toAgent, toDatabase, toJournal route
)

// The table is filled here and not where it is declared, since methods lead to code that looks methods up.
func init() {
	toWorkers = route{
		to:      func(w *World, from *node) answerer { return w.pick(from, w.hosts) },
		latency: networkLatency, drawn: opNetworkLatency, request: labelRequest, answer: labelAnswer,
		inject: networkFaults, peers: true,
	}
	toApps = toWorkers
	toApps.to = func(w *World, from *node) answerer { return w.pick(from, w.apps) }
	toAgent = route{
		to:      func(w *World, _ *node) answerer { return w.agent },
		latency: agentLatency, drawn: opAgentLatency, request: labelAgentRequest, answer: labelAgentAnswer,
		inject: agentFaults,
	}
	toDatabase = route{
		to:      func(w *World, _ *node) answerer { return &w.database },
		latency: databaseLatency, drawn: opStatementLatency, request: labelStatement, answer: labelStatementAnswer,
		inject: databaseFaults, store: true,
	}
	toJournal = route{
		to:      func(w *World, _ *node) answerer { return &w.journal },
		latency: journalLatency, drawn: opEntryLatency, request: labelEntry, answer: labelEntryAnswer,
		inject: journalFaults, store: true,
	}

	for _, m := range []method{
		workerMethod(checker.CallWorkerStart, pointStart, describeReport, func(ctx context.Context, to engine.Worker, c *call) (err error) {
			c.response.report, err = to.Start(ctx, c.request.start)
			return err
		}),
		workerMethod(checker.CallWorkerCancel, pointStop, describeReport, func(ctx context.Context, to engine.Worker, c *call) (err error) {
			c.response.report, err = to.Cancel(ctx, c.key)
			return err
		}),
		workerMethod(checker.CallWorkerStatus, pointStop, describeReport, func(ctx context.Context, to engine.Worker, c *call) (err error) {
			c.response.report, err = to.Status(ctx, c.key)
			return err
		}),
		workerMethod(checker.CallWorkerEvents, pointNone, nil, func(ctx context.Context, to engine.Worker, c *call) (err error) {
			c.response.events, err = to.Events(ctx, c.key, c.request.after, c.request.max)
			return err
		}),
		callbackMethod(checker.CallAppCallback, pointCallback, func(ctx context.Context, to engine.Callback, c *call) error {
			return to.Report(ctx, c.request.report)
		}),
		appMethod(checker.CallAppSubmit, model.OpSubmit, func(ctx context.Context, to httpapi.App, c *call) (err error) {
			c.response.review, err = to.Submit(ctx, c.request.submission)
			return err
		}),
		appMethod(checker.CallAppGet, model.OpGet, func(ctx context.Context, to httpapi.App, c *call) (err error) {
			c.response.review, err = to.Get(ctx, c.key.Review)
			return err
		}),
		appMethod(checker.CallAppCancel, model.OpCancel, func(ctx context.Context, to httpapi.App, c *call) (err error) {
			c.response.review, err = to.Cancel(ctx, c.key, c.request.text)
			return err
		}),
		appMethod(checker.CallAppRetrigger, model.OpRetrigger, func(ctx context.Context, to httpapi.App, c *call) (err error) {
			c.response.review, err = to.Retrigger(ctx, c.key)
			return err
		}),
		appMethod(checker.CallAppEvents, none, func(ctx context.Context, to httpapi.App, c *call) (err error) {
			c.response.events, err = to.Events(ctx, c.key, c.request.after, c.request.max)
			return err
		}),
		appMethod(checker.CallAppAttempts, none, func(ctx context.Context, to httpapi.App, c *call) (err error) {
			c.response.attempts, err = to.Attempts(ctx, c.key.Review)
			return err
		}),
		agentMethod(checker.CallAgentCreate, pointAgentCreate, checker.CreateSent, func(ctx context.Context, to engine.Agent, c *call) (err error) {
			c.response.session, err = to.Create(ctx, c.key, c.request.payload)
			return err
		}),
		agentMethod(checker.CallAgentStream, pointAgentStream, checker.StreamSent, func(ctx context.Context, to engine.Agent, c *call) (err error) {
			c.response.stream, err = to.Stream(ctx, c.key, c.request.after)
			return err
		}),
		agentMethod(checker.CallAgentInterrupt, pointAgentInterrupt, checker.InterruptSent, func(ctx context.Context, to engine.Agent, c *call) (err error) {
			c.response.over, err = to.Interrupt(ctx, c.key)
			return err
		}),
		storeMethod(model.OpSubmit, pointSubmit),
		storeMethod(model.OpGet, pointNone),
		storeMethod(model.OpAttempts, pointNone),
		storeMethod(model.OpReserve, pointReserve),
		storeMethod(model.OpClaim, pointClaim),
		storeMethod(model.OpRelease, pointRecord),
		storeMethod(model.OpDefer, pointNone),
		storeMethod(model.OpFail, pointRecord),
		storeMethod(model.OpApply, pointRecord),
		storeMethod(model.OpSetAgentVersion, pointNone),
		storeMethod(model.OpCancel, pointCancel),
		storeMethod(model.OpStopped, pointRecord),
		storeMethod(model.OpRetrigger, pointNone),
		storeMethod(model.OpSweep, pointNone),
		journalMethod(model.JournalCreate, pointJournalCreate),
		journalMethod(model.JournalLoad, pointNone),
		journalMethod(model.JournalHold, pointNone),
		journalMethod(model.JournalYield, pointNone),
		journalMethod(model.JournalIntend, pointJournalIntend),
		journalMethod(model.JournalAppend, pointJournalAppend),
		journalMethod(model.JournalDecide, pointJournalFinish),
		journalMethod(model.JournalFinish, pointJournalFinish),
		journalMethod(model.JournalSettle, pointJournalSettle),
		journalMethod(model.JournalRequestCancel, pointJournalFinish),
		journalMethod(model.JournalEvents, pointNone),
		journalMethod(model.JournalPurge, pointNone),
	} {
		m.name = m.call.String()
		m.faults = newFaultOps(m.name)
		if m.inject == nil {
			m.inject = m.via.inject
		}
		methods[m.call] = m
	}
}

// none is the history's operation of a call that neither reads nor changes the row of a review.
const none model.OpKind = 0

// workerMethod is a row for a method of the workers' API.
func workerMethod(
	called checker.Call, at point, describe func(*call, *checker.Record), ask func(ctx context.Context, to engine.Worker, c *call) error,
) method {
	return method{
		call: called, via: &toWorkers, point: at, describe: describe,
		direct: func(ctx context.Context, c *call) error { return ask(ctx, c.server().host, c) },
		overHTTP: func(ctx context.Context, c *call) error {
			return ask(ctx, httpapi.NewWorkerClient(workerURL, workerToken, callDoer{c}), c)
		},
	}
}

// appMethod is a row for a method of the app's API, called by clients.
func appMethod(called checker.Call, history model.OpKind, ask func(ctx context.Context, to httpapi.App, c *call) error) method {
	return method{
		call: called, via: &toApps, history: history,
		direct: func(ctx context.Context, c *call) error { return ask(ctx, c.server().app, c) },
		overHTTP: func(ctx context.Context, c *call) error {
			return ask(ctx, httpapi.NewAppClient(appURL, appToken, callDoer{c}), c)
		},
	}
}

// callbackMethod is a row for a method of the app's that workers call.
func callbackMethod(called checker.Call, at point, ask func(ctx context.Context, to engine.Callback, c *call) error) method {
	return method{
		call: called, via: &toApps, point: at, describe: describeCallback, inject: callbackFaults,
		direct: func(ctx context.Context, c *call) error { return ask(ctx, c.server().app, c) },
		overHTTP: func(ctx context.Context, c *call) error {
			return ask(ctx, httpapi.NewCallbackClient(appURL, callbackToken, callDoer{c}), c)
		},
	}
}

// agentMethod is a row for a method of the agent.
func agentMethod(
	called checker.Call, at point, sent checker.Kind, ask func(ctx context.Context, to engine.Agent, c *call) error,
) method {
	return method{
		call: called, via: &toAgent, point: at, sent: sent,
		direct:   func(_ context.Context, c *call) error { return c.world.agent.serve(c) },
		overHTTP: func(ctx context.Context, c *call) error { return ask(ctx, c.agentOverHTTP(), c) },
	}
}

// storeMethod is a row for an operation of the review store. The history records those that it knows.
func storeMethod(kind model.OpKind, at point) method {
	m := method{call: checker.StoreCall(kind), via: &toDatabase, point: at, describe: describeStatementCall}
	if checker.Records(kind) {
		m.history = kind
	}
	return m
}

// journalMethod is a row for an operation of the journal.
func journalMethod(kind model.JournalOpKind, at point) method {
	return method{call: checker.JournalCall(kind), via: &toJournal, point: at, describe: describeJournalCall}
}

// server is the process that the call has reached.
func (c *call) server() *node { return c.to.(*node) }

// describeReport adds to the record of a call's end what the worker reports.
func describeReport(c *call, r *checker.Record) {
	if r.Kind == checker.CallEnded {
		r.Status, r.Report = c.response.report.Status, &c.response.report
	}
}

// describeCallback adds to the records of a callback what the worker reports.
func describeCallback(c *call, r *checker.Record) {
	r.Status, r.Report = c.request.report.Status, &c.request.report
}
