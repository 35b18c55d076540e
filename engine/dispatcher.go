package engine

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// A Dispatcher brings pending reviews to the workers. Any number of replicas may run; they share nothing but the store.
//
// Read it from Run. A cycle reserves candidates. A task of its own prepares, claims and dispatches each candidate, and
// records the worker's answer (see send). The sweep finds what gets lost on the way: a trigger, an answer, or this
// process.
type Dispatcher struct {
	rt       Runtime
	config   AppConfig
	store    ReviewStore
	worker   Worker
	preparer Preparer
	gate     *gate // to the workers
	log      *slog.Logger

	mutex     Mutex
	wake      Signal
	triggered []OwnerID         // owners that wait for a cycle, in order, each once
	sweptTo   OwnerID           // the last owner that a sweep has found
	held      []OwnerID         // owners whose cycles wait for the workers to accept calls, each once
	inFlight  map[task]struct{} // what this replica is working on
	inVain    map[task]int      // how often the sweeps have asked the worker in vain
	closing   bool
	tasks     *waitGroup
}

// errThrottled is the error of a call that is not made because the workers throttle this replica.
var errThrottled = Errorf(Rejected, "worker", "not sent: the workers throttle their callers")

// NewDispatcher returns a dispatcher that does nothing until Run. The error is a [*ConfigError] if the config is out of
// range.
func NewDispatcher(rt Runtime, config AppConfig, store ReviewStore, worker Worker, preparer Preparer) (*Dispatcher, error) {
	config = config.WithDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	guard := newGuard(rt, config.Log)
	d := &Dispatcher{
		rt: rt, config: config,
		store: guardedStore{guard, store}, worker: guardedWorker{guard, worker}, preparer: guardedPreparer{guard, preparer},
		mutex: rt.NewMutex(), wake: rt.NewSignal(),
		inFlight: make(map[task]struct{}), tasks: newWaitGroup(rt),
		gate: newGate(rt, config.BackoffMin, config.BackoffMax, config.RetryAfterMax),
		log:  guard.log, inVain: make(map[task]int),
	}
	d.gate.onOpen = d.triggerHeld
	return d, nil
}

// Run starts the tasks of the dispatcher and returns. They end with the process, or with Close.
func (d *Dispatcher) Run() {
	d.rt.Go("cycles", d.runCycles)
	d.rt.Go("sweep", d.runSweeps)
}

// Trigger requests a cycle for an owner. It is a hint: if it is lost, the next sweep finds the owner's candidates.
func (d *Dispatcher) Trigger(owner OwnerID) {
	d.mutex.Lock()
	if !slices.Contains(d.triggered, owner) {
		d.triggered = append(d.triggered, owner)
	}
	d.mutex.Unlock()
	d.wake.Notify()
}

// triggerAfter triggers an owner after a pause, when one of its reviews becomes due. If the process ends earlier, the
// sweep finds the review.
func (d *Dispatcher) triggerAfter(owner OwnerID, pause time.Duration) {
	d.rt.Go("later", func(ctx context.Context) {
		if d.rt.Sleep(ctx, pause) == nil {
			d.Trigger(owner)
		}
	})
}

// holdBack reports whether the workers throttle this replica. Then nothing is claimed, because a claim would only wait
// and become stale, and the owner's cycle runs as soon as the workers accept calls again.
func (d *Dispatcher) holdBack(owner OwnerID) bool {
	if !d.gate.isClosed() {
		return false
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if !slices.Contains(d.held, owner) {
		d.held = append(d.held, owner)
	}
	return true
}

// triggerHeld triggers the owners that were held back.
func (d *Dispatcher) triggerHeld() {
	d.mutex.Lock()
	held := d.held
	d.held = nil
	d.mutex.Unlock()
	for _, owner := range held {
		d.Trigger(owner)
	}
}

// Close stops new work and waits for the work in flight. It returns nil, or the context's error if the context ends
// first. Other replicas pick up what it leaves unfinished.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mutex.Lock()
	d.closing = true
	d.mutex.Unlock()
	d.wake.Notify()
	return d.tasks.wait(ctx)
}

// runCycles runs one cycle for every triggered owner until the dispatcher closes.
func (d *Dispatcher) runCycles(ctx context.Context) {
	for d.wake.Wait(ctx) == nil {
		for {
			owner, ok := d.nextTriggered()
			if !ok {
				break
			}
			d.tasks.start(d.rt, "cycle", func(ctx context.Context) { d.cycle(ctx, owner) })
		}
		if d.isClosing() {
			return
		}
	}
}

// nextTriggered removes and returns the owner that has waited longest for a cycle.
func (d *Dispatcher) nextTriggered() (OwnerID, bool) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if len(d.triggered) == 0 || d.closing {
		return "", false
	}
	owner := d.triggered[0]
	d.triggered = slices.Delete(d.triggered, 0, 1)
	return owner, true
}

// cycle reserves the candidates of an owner and dispatches all of them in parallel.
func (d *Dispatcher) cycle(ctx context.Context, owner OwnerID) {
	if d.holdBack(owner) {
		return
	}
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	candidates, err := d.store.Reserve(call, owner, d.config.LimitOf(owner), d.rt.Now())
	if err != nil {
		return
	}
	for _, candidate := range candidates {
		d.start("dispatch", candidate.Key(), func(ctx context.Context) { d.dispatch(ctx, candidate) })
	}
}

// dispatch brings one candidate to a worker: it prepares, then claims, then sends. The claim comes after the slow
// preparation, so that a crash leaves no review claimed for longer than one call takes.
func (d *Dispatcher) dispatch(ctx context.Context, candidate Review) {
	payload, err := d.prepare(ctx, candidate)
	if err != nil {
		if !ended(ctx) {
			d.preparationFailed(ctx, candidate, err)
		}
		return
	}
	if d.holdBack(candidate.Owner) {
		return
	}
	token, err := d.claim(ctx, &candidate)
	if err != nil {
		if IsKind(err, Permanent) {
			d.claimRefused(ctx, candidate, err)
		}
		return // taken, no slot, or unknown; a claim that was made goes stale
	}
	err = d.send(ctx, &candidate, StartRequest{
		Key: candidate.Key(), Owner: candidate.Owner, Token: token, Payload: payload,
	})
	if IsKind(err, Permanent) {
		d.abandon(ctx, &candidate, token, err.Error())
	}
}

// prepare returns the payload of a candidate. It is bounded by PrepareTimeout.
func (d *Dispatcher) prepare(ctx context.Context, candidate Review) ([]byte, error) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.PrepareTimeout)
	defer cancel()
	payload, err := d.preparer.Prepare(call, candidate)
	if err == nil && len(payload) > PayloadBytesMax {
		err = Errorf(Permanent, "prepare", "payload has %d bytes; allowed: at most %d", len(payload), PayloadBytesMax)
	}
	return payload, err
}

// claim claims a candidate and returns the token of the claim.
func (d *Dispatcher) claim(ctx context.Context, candidate *Review) (Token, error) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	return d.store.Claim(call, Claim{
		Key: candidate.Key(), Owner: candidate.Owner, Seen: candidate.Claim,
		Limit: d.config.LimitOf(candidate.Owner), Now: now, DueAt: now.Add(d.config.StaleAfter),
	})
}

// send sends a start to a worker and records the answer, as far as it is known. It gives the claim up if the workers
// throttle this replica since a moment ago.
func (d *Dispatcher) send(ctx context.Context, candidate *Review, request StartRequest) error {
	if d.holdBack(candidate.Owner) {
		d.release(ctx, candidate, request.Token, 0)
		return errThrottled
	}
	call, cancel := d.rt.WithTimeout(ctx, d.config.DispatchTimeout)
	report, err := d.worker.Start(call, request)
	cancel()
	after, _ := d.gate.pass(request.Key, err)
	if err != nil {
		logWaiting(d.log, "worker.start", request.Key, int(request.Token), err)
	}
	switch {
	case err == nil:
		d.record(ctx, report, request.Token)
	case IsKind(err, Rejected):
		d.release(ctx, candidate, request.Token, after)
	case IsKind(err, Permanent):
		// The worker will never start this request. The caller decides what to send instead.
	default:
		// The attempt may be running. The review stays queued, and once its claim is stale the next cycle asks
		// the worker.
	}
	return err
}

// preparationFailed postpones a candidate, or ends its attempt if it can never be prepared. It does not fail a stale
// claim directly, because an earlier dispatch may have reached a worker.
func (d *Dispatcher) preparationFailed(ctx context.Context, candidate Review, cause error) {
	hopeless := IsKind(cause, Permanent) || candidate.Deferrals+1 >= d.config.MaxDeferrals
	if !hopeless {
		pause := backoff(candidate.Key(), candidate.Deferrals+1, d.config.BackoffMin, d.config.BackoffMax)
		if err := d.postpone(ctx, candidate.Key(), candidate.Claim, pause); !IsKind(err, Permanent) {
			d.triggerAfter(candidate.Owner, pause)
			return
		}
		// The failed preparations can't be counted, so there would be no end to them.
	}
	if candidate.Status == Pending {
		d.fail(ctx, &candidate, candidate.Claim, "the preparation failed: "+cause.Error())
		return
	}
	switch token, err := d.claim(ctx, &candidate); {
	case IsKind(err, Permanent):
		d.claimRefused(ctx, candidate, err)
	case err == nil:
		d.abandon(ctx, &candidate, token, "the preparation failed: "+cause.Error())
	}
}

// ask calls the worker about an attempt, unless the workers throttle this replica. The call is bounded by
// DispatchTimeout.
func (d *Dispatcher) ask(ctx context.Context, key AttemptKey, call func(context.Context, AttemptKey) (WorkerReport, error)) (WorkerReport, error) {
	if d.gate.isClosed() {
		return WorkerReport{}, errThrottled
	}
	ctx, cancel := d.rt.WithTimeout(ctx, d.config.DispatchTimeout)
	defer cancel()
	report, err := call(ctx, key)
	d.gate.pass(key, err)
	return report, err
}

// record stores a worker's answer to a dispatch, under the claim of that dispatch. It writes the agent's version
// separately, because a failure of that write must not change the status of the review.
func (d *Dispatcher) record(ctx context.Context, report WorkerReport, token Token) {
	version := report.AgentVersion
	report.AgentVersion = ""
	r, err := d.apply(ctx, report, token)
	if err != nil || version == "" || r.AgentVersion == version {
		return
	}
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	_ = d.store.SetAgentVersion(call, report.Key, version, d.rt.Now())
}

// apply merges a worker's report into the review. A terminal report triggers the cycle for the free slot or the next
// attempt.
func (d *Dispatcher) apply(ctx context.Context, report WorkerReport, token Token) (Review, error) {
	if err := report.check(); err != nil {
		return Review{}, &Error{Kind: Permanent, Op: "app.apply", Err: err}
	}
	pause := backoff(report.Key, report.Key.Attempt, d.config.BackoffMin, d.config.BackoffMax)
	r, err := d.merge(ctx, report, token, pause)
	if plain, less := report.plain(); less && IsKind(err, Permanent) {
		r, err = d.merge(ctx, plain, token, pause)
	}
	if err == nil && report.Status.Terminal() {
		d.Trigger(r.Owner)
		if r.Status == Pending {
			d.triggerAfter(r.Owner, pause)
		}
	}
	return r, err
}

// merge is one try of apply.
func (d *Dispatcher) merge(ctx context.Context, report WorkerReport, token Token, pause time.Duration) (Review, error) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	return d.store.Apply(call, Report{
		WorkerReport: report, Token: token, Now: now,
		DueAt:      now.Add(d.config.SilentAfter),
		RetryAt:    now.Add(pause),
		MaxRetries: max(d.config.MaxRetries, 0),
	})
}

// release gives up a claim after a dispatch that was refused before any effect. The next one comes no earlier than
// after a pause, which the worker may have asked for.
func (d *Dispatcher) release(ctx context.Context, candidate *Review, token Token, after time.Duration) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	pause := max(after, backoff(candidate.Key(), int(token), d.config.BackoffMin, d.config.BackoffMax))
	_ = d.store.Release(call, candidate.Key(), token, now.Add(pause), now)
	d.triggerAfter(candidate.Owner, pause)
}

// A task is one piece of work on one attempt: to dispatch it, to stop it, or to ask about it.
type task struct {
	name string
	key  AttemptKey
}

// start runs a task, unless this replica already runs the same one or is closing.
func (d *Dispatcher) start(name string, key AttemptKey, fn func(ctx context.Context)) {
	this := task{name, key}
	d.mutex.Lock()
	_, busy := d.inFlight[this]
	if busy || d.closing {
		d.mutex.Unlock()
		return
	}
	d.inFlight[this] = struct{}{}
	d.mutex.Unlock()
	d.tasks.start(d.rt, name, func(ctx context.Context) {
		defer func() {
			d.mutex.Lock()
			delete(d.inFlight, this)
			d.mutex.Unlock()
		}()
		fn(ctx)
	})
}

func (d *Dispatcher) isClosing() bool {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.closing
}
