package world

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// networkLatency is one way between two processes, load balancer included.
var networkLatency = kernel.Latency{Min: 300 * time.Microsecond, Median: 2 * time.Millisecond, Max: 2 * time.Second}

var (
	labelRequest     = kernel.NewOp("network.request")
	labelAnswer      = kernel.NewOp("network.answer")
	opNetworkLatency = kernel.NewOp("network.latency")
	opPickHost       = kernel.NewOp("network.pick")
)

// A method is a remote call of one of the two production APIs.
type method uint8

const (
	methodStart method = iota
	methodStop
	methodStatus
	methodWorkerEvents
	methodCallback
	methodSubmit
	methodGet
	methodCancel
	methodRetrigger
	methodEvents
	methodAttempts
	methodCount
)

var methodNames = [methodCount]string{
	"worker.start", "worker.cancel", "worker.status", "worker.events", "app.callback",
	"app.submit", "app.get", "app.cancel", "app.retrigger", "app.events", "app.attempts",
}

var methodPoints = func() (points [methodCount]faultOps) {
	for m, name := range methodNames {
		points[m] = newFaultOps(name)
	}
	return points
}()

// methodErrors are the operations that errors of the network name.
var (
	errConnectionRefused = errors.New("connection refused")
	errConnectionReset   = errors.New("connection reset")
	errHungUp            = errors.New("connection closed by the other side")
	errUnauthorized      = errors.New("401 unauthorized")
	errServer            = errors.New("500 internal server error")
	errTooLarge          = errors.New("413 payload too large")
)

// A request is one remote call under way: the message, the handler's work at its
// target and the answer. Each of caller, message, handler and answer holds a
// reference; the last one returns it to the pool.
type request struct {
	world      *World
	method     method
	from, to   *node
	stage      requestStage
	references int
	completion kernel.Completion
	fate       fate
	tag        uint64
	exchange   *exchange // of a call over HTTP
	serve      func(ctx context.Context)
	serving    int    // position in to.serving, plus 1
	message    uint64 // that is on its way, if somebody listens
	copy       bool   // it is delivered a second time
	refused    bool   // it is a start that is too large

	// What is asked.
	key        engine.AttemptKey
	start      engine.StartRequest
	report     engine.WorkerReport
	submission engine.Submission
	text       string
	after      int64
	max        int

	// What is answered.
	err    error
	answer engine.WorkerReport
	review engine.Review
	events []engine.Event

	attempts []engine.Attempt
}

type requestStage uint8

const (
	stageTravelling requestStage = iota
	stageAnswering
)

func (w *World) takeRequest(m method, from *node, key engine.AttemptKey) *request {
	var r *request
	if n := len(w.requests); n > 0 {
		r = w.requests[n-1]
		w.requests = w.requests[:n-1]
	} else {
		r = &request{world: w}
		r.serve = r.handle
	}
	r.method, r.from, r.key = m, from, key
	r.references = 1
	return r
}

func (r *request) release() {
	r.references--
	if r.references > 0 {
		return
	}
	w, serve := r.world, r.serve
	*r = request{world: w, serve: serve}
	w.requests = append(w.requests, r)
}

// call sends the request to a process and waits for the answer, or for the
// context, whose error it then returns.
func (r *request) call(ctx context.Context, to *node) error {
	w := r.world
	r.from.faultPoint(pointOfMethod[r.method])
	r.to = to
	r.fate = w.networkFate(r)
	r.completion.Reset(w.kernel)
	w.operations++
	if r.fate.duplicate > 0 {
		w.duplicate(r)
	}
	if r.fate.requestLost {
		w.sends(r.asMessage(), 0)
	} else {
		r.references++
		r.schedule(r.latency()+r.fate.requestDelay, labelRequest)
	}
	r.from.faultPoint(pointOfMethod[r.method])
	err := r.completion.Wait(ctx)
	if err == nil {
		err = r.err
	}
	r.from.faultPoint(pointOfMethod[r.method])
	return err
}

// duplicate has a copy of the request delivered later. Nobody waits for its answer.
func (w *World) duplicate(r *request) {
	c := w.takeRequest(r.method, r.from, r.key)
	c.to, c.tag = r.to, r.tag
	c.completion.Reset(w.kernel)
	c.start, c.report, c.submission = r.start, r.report, r.submission
	c.text, c.after, c.max = r.text, r.after, r.max
	if r.exchange != nil {
		c.exchange = r.exchange.again()
	}
	c.copy = true
	c.schedule(r.latency()+r.fate.duplicate, labelRequest)
}

// schedule sends the request, or its answer.
func (r *request) schedule(after time.Duration, label kernel.Label) {
	r.message = r.world.sends(r.asMessage(), after)
	r.world.kernel.Schedule(after, label, r)
}

func (r *request) asMessage() Message {
	m := Message{From: r.from.name, To: r.to.name, Name: methodNames[r.method], Key: r.key, Copy: r.copy, Lost: r.fate.requestLost}
	if r.stage == stageAnswering {
		m.From, m.To, m.Answer, m.Of, m.Lost = m.To, m.From, true, r.message, r.fate.answerLost
	}
	return m
}

func (r *request) latency() time.Duration {
	return r.world.kernel.Latency(r.from.process.Actor(), opNetworkLatency, networkLatency)
}

// Fire is the arrival of the message at its target, or of the answer at the
// caller.
func (r *request) Fire() {
	if r.stage == stageTravelling {
		r.arrive()
		return
	}
	if r.partitioned() {
		r.world.loses(r.message)
		r.release() // the caller waits in vain
		return
	}
	r.completion.Complete()
	r.release()
}

func (r *request) arrive() {
	w := r.world
	switch {
	case r.partitioned():
		w.loses(r.message)
		r.release() // into the void
	case !r.to.serves():
		r.fail(engine.Rejected, errConnectionRefused)
		r.reply()
	case r.fate.withoutEffect && !r.unauthorized():
		r.fail(r.fate.err, faultError(&r.fate))
		r.reply()
	default:
		if r.fate.withoutEffect {
			r.exchange.unauthorize()
		}
		r.refused = w.refusesStart(r)
		r.to.serving = append(r.to.serving, r)
		r.serving = len(r.to.serving)
		w.kernel.SpawnTagged(r.to.process, methodNames[r.method], r.tag, r.serve)
	}
}

// handle is the task that serves the request in the target process.
func (r *request) handle(ctx context.Context) {
	r.err = r.to.serve(ctx, r)
	r.to.stopServing(r)
	if r.fate.fails && !r.unauthorized() {
		r.fail(r.fate.err, faultError(&r.fate))
	}
	r.reply()
}

// refusesStart decides whether a worker refuses a start for good. What was refused
// stays so, whichever worker it reaches; what is journaled was small enough.
func (w *World) refusesStart(r *request) bool {
	if r.method != methodStart || r.start.Abandon != "" {
		return false
	}
	if _, known := w.journal.state.Orchestration(r.key); known {
		return false
	}
	if slices.Contains(w.refused, r.key) {
		return true
	}
	if r.copy || !w.strikesActor(r.from.process.Actor(), r.to.name, &methodPoints[methodStart], faults.WorkerRefuse) {
		return false
	}
	w.refused = append(w.refused, r.key)
	return true
}

// reply sends the answer back, unless it gets lost.
func (r *request) reply() {
	r.stage = stageAnswering
	if r.fate.answerLost || r.partitioned() {
		m := r.asMessage()
		m.Lost = true
		r.world.sends(m, 0)
		r.release()
		return
	}
	r.schedule(r.latency()+r.fate.answerDelay, labelAnswer)
}

// broken is what happens to a request whose target crashes while serving it.
func (r *request) broken() {
	r.serving = 0
	r.fail(engine.Ambiguous, errHungUp)
	r.reply()
}

func faultError(f *fate) error {
	switch {
	case f.reset:
		return errConnectionReset
	case f.err == engine.Rejected:
		return errUnauthorized
	}
	return errServer
}

// networkFate decides what becomes of a request.
func (w *World) networkFate(r *request) (f fate) {
	if !w.stormy {
		return f
	}
	n, at := r.from, &methodPoints[r.method]
	switch {
	case w.strikes(n, at, faults.NetworkRequestLost):
		f.requestLost = true
	case w.strikes(n, at, faults.NetworkAnswerLost):
		f.answerLost = true
	case w.strikes(n, at, faults.NetworkDelay):
		f.requestDelay = w.delay(n, n.patience(), 90*time.Second)
	case w.strikes(n, at, faults.NetworkReset):
		f.fails, f.err, f.reset = true, engine.Ambiguous, true
	case w.strikes(n, at, faults.NetworkReorder):
		f.requestDelay = w.delay(n, 100*time.Millisecond, 8*time.Second)
	}
	if w.strikes(n, at, faults.NetworkDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 3*time.Minute)
	}
	if r.method == methodCallback {
		w.callbackFate(n, at, &f)
	}
	return f
}

func (w *World) callbackFate(n *node, at *faultOps, f *fate) {
	switch {
	case w.strikes(n, at, faults.CallbackErrorWithoutEffect):
		f.refuse(engine.Ambiguous)
	case w.strikes(n, at, faults.CallbackErrorAfterEffect):
		f.fails, f.err = true, engine.Ambiguous
	case w.strikes(n, at, faults.CallbackUnauthorized):
		f.refuse(engine.Rejected)
	case w.strikes(n, at, faults.CallbackTimeout):
		f.answerDelay = w.delay(n, 15*time.Second, time.Minute)
	case w.strikes(n, at, faults.CallbackLate):
		f.requestDelay = w.delay(n, 15*time.Second, 4*time.Minute)
	}
	if w.strikes(n, at, faults.CallbackDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 4*time.Minute)
	}
}

// partitioned reports whether the message is lost since its two ends can't reach
// each other now.
func (r *request) partitioned() bool {
	operation := methodNames[r.method]
	return r.from.loses(r.to.name, operation) || r.to.loses(r.from.name, operation)
}

// patience is the longest that anything in a process waits for the answer to a
// request: what arrives later arrives after the caller's timeout.
func (n *node) patience() time.Duration {
	switch n.role {
	case roleApp:
		return n.world.appConfig.DispatchTimeout
	case roleWorker:
		return n.world.workerConfig.CallbackTimeout
	default:
		return clientTimeout
	}
}

// pick chooses the process that the load balancer sends a request to. It knows of
// a process that is down only sometimes, as health checks lag; one that has shut down
// has told it.
func (w *World) pick(from *node, among []*node) *node {
	chosen := among[w.kernel.Pick(from.process.Actor(), opPickHost, len(among))]
	if !chosen.process.Alive() {
		chosen = among[w.kernel.Pick(from.process.Actor(), opPickHost, len(among))]
	}
	if chosen.gone || chosen.closed {
		for _, other := range among {
			if !other.gone && (chosen.gone || !other.closed) {
				chosen = other
			}
		}
	}
	return chosen
}

// workerClient is the dispatcher's way to the workers.
type workerClient struct{ node *node }

func (c workerClient) Start(ctx context.Context, start engine.StartRequest) (engine.WorkerReport, error) {
	n := c.node
	w := n.world
	sent := w.record(checker.DispatchSent, n.name, n.process.Incarnation())
	sent.Key, sent.Owner, sent.Token, sent.Text = start.Key, start.Owner, start.Token, start.Abandon
	w.observe(sent)
	w.observe(n.callBegan(ctx, methodNames[methodStart], start.Key))
	r := w.takeRequest(methodStart, n, start.Key)
	r.start = start
	report, err := r.workerReport(r.send(ctx, w.pick(n, w.hosts)))
	n.workerAnswered(methodStart, start.Key, &report, err)
	answered := w.record(checker.DispatchAnswered, n.name, n.process.Incarnation())
	answered.Key, answered.Owner, answered.Token, answered.Status = start.Key, start.Owner, start.Token, report.Status
	answered.Text = kindText(err)
	if err == nil {
		answered.Report = &report
	}
	w.observe(answered)
	return report, err
}

func (c workerClient) Cancel(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return c.ask(ctx, methodStop, key)
}

func (c workerClient) Status(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
	return c.ask(ctx, methodStatus, key)
}

func (c workerClient) ask(ctx context.Context, m method, key engine.AttemptKey) (engine.WorkerReport, error) {
	n := c.node
	n.world.observe(n.callBegan(ctx, methodNames[m], key))
	r := n.world.takeRequest(m, n, key)
	report, err := r.workerReport(r.send(ctx, n.world.pick(n, n.world.hosts)))
	n.workerAnswered(m, key, &report, err)
	return report, err
}

// workerAnswered tells what came of a call of a worker.
func (n *node) workerAnswered(m method, key engine.AttemptKey, report *engine.WorkerReport, err error) {
	ended := n.callEnded(methodNames[m], key, kindText(err))
	ended.Status, ended.Report = report.Status, report
	n.world.observe(ended)
}

func (r *request) workerReport(err error) (engine.WorkerReport, error) {
	report := r.answer
	r.release()
	if err != nil {
		return engine.WorkerReport{}, err
	}
	return report, nil
}

func (c workerClient) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	n := c.node
	n.world.observe(n.callBegan(ctx, methodNames[methodWorkerEvents], key))
	r := n.world.takeRequest(methodWorkerEvents, n, key)
	defer r.release()
	r.after, r.max = after, max
	err := r.send(ctx, n.world.pick(n, n.world.hosts))
	n.world.observe(n.callEnded(methodNames[methodWorkerEvents], key, kindText(err)))
	if err != nil {
		return nil, err
	}
	return r.events, nil
}

// callbackClient is the worker's way to the app.
type callbackClient struct{ node *node }

func (c callbackClient) Report(ctx context.Context, report engine.WorkerReport) error {
	n := c.node
	w := n.world
	sent := w.record(checker.CallbackSent, n.name, n.process.Incarnation())
	sent.Key, sent.Status, sent.Tokens, sent.Number = report.Key, report.Status, report.Tokens, report.Events
	w.observe(sent)
	began := n.callBegan(ctx, methodNames[methodCallback], report.Key)
	began.Status, began.Report = report.Status, &report
	w.observe(began)
	r := w.takeRequest(methodCallback, n, report.Key)
	r.report = report
	r.tag = w.history.callback(n, &report)
	tag := r.tag
	err := r.send(ctx, w.pick(n, w.apps))
	r.release()
	w.history.answered(tag, nil, err)
	ended := n.callEnded(methodNames[methodCallback], report.Key, kindText(err))
	ended.Status, ended.Report = report.Status, &report
	w.observe(ended)
	answered := w.record(checker.CallbackAnswered, n.name, n.process.Incarnation())
	answered.Key, answered.Status, answered.Text = report.Key, report.Status, kindText(err)
	w.observe(answered)
	return err
}
