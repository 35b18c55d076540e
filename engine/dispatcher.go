package engine

import (
	"context"
	"slices"
	"time"
)

// A Dispatcher gets pending reviews to the workers. Any number of replicas may
// run; they share nothing but the store.
//
// Read it from Run: a cycle reserves candidates, each candidate is prepared,
// claimed and dispatched by a task of its own, and the outcome table says what is
// recorded. Whatever is lost on the way (a trigger, an answer, this process) is
// found by the sweep.
type Dispatcher struct {
	rt       Runtime
	config   AppConfig
	store    ReviewStore
	worker   Worker
	preparer Preparer

	mutex     Mutex
	wake      Signal
	triggered []OwnerID           // owners whose cycle is asked for, in order, each once
	inFlight  map[errand]struct{} // what this replica is doing
	closing   bool
	tasks     *waitGroup
}

// NewDispatcher returns a dispatcher that does nothing until Run. The error is a
// [*ConfigError].
func NewDispatcher(rt Runtime, config AppConfig, store ReviewStore, worker Worker, preparer Preparer) (*Dispatcher, error) {
	config = config.WithDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Dispatcher{
		rt: rt, config: config, store: store, worker: worker, preparer: preparer,
		mutex: rt.NewMutex(), wake: rt.NewSignal(),
		inFlight: make(map[errand]struct{}), tasks: newWaitGroup(rt),
	}, nil
}

// Run starts the dispatcher's tasks and returns. They end with the process, or
// with Close.
func (d *Dispatcher) Run() {
	d.rt.Go("cycles", d.runCycles)
	d.rt.Go("sweep", d.runSweeps)
}

// Trigger asks for a cycle of an owner. It is a hint: when it is lost, the sweep
// comes.
func (d *Dispatcher) Trigger(owner OwnerID) {
	d.mutex.Lock()
	if !slices.Contains(d.triggered, owner) {
		d.triggered = append(d.triggered, owner)
	}
	d.mutex.Unlock()
	d.wake.Notify()
}

// triggerAfter asks for a cycle once something of the owner will be due. When the
// process ends before, the sweep comes.
func (d *Dispatcher) triggerAfter(owner OwnerID, pause time.Duration) {
	d.rt.Go("later", func(ctx context.Context) {
		if d.rt.Sleep(ctx, pause) == nil {
			d.Trigger(owner)
		}
	})
}

// Close starts no further work and waits for what is in flight, or for the
// context to end. Whatever it leaves undone, other replicas find.
func (d *Dispatcher) Close(ctx context.Context) error {
	d.mutex.Lock()
	d.closing = true
	d.mutex.Unlock()
	d.wake.Notify()
	return d.tasks.wait(ctx)
}

// runCycles runs one cycle for every triggered owner.
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

// cycle reserves an owner's candidates and sets each on its way, all in parallel.
func (d *Dispatcher) cycle(ctx context.Context, owner OwnerID) {
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

// dispatch brings one candidate to a worker: prepare, then claim, then send. The
// claim comes after the slow preparation, so that a crash leaves no review claimed
// for longer than a call takes.
func (d *Dispatcher) dispatch(ctx context.Context, candidate Review) {
	payload, err := d.prepare(ctx, candidate)
	if err != nil {
		if !ended(ctx) {
			d.preparationFailed(ctx, candidate, err)
		}
		return
	}
	token, err := d.claim(ctx, &candidate)
	if err != nil {
		return // taken, no slot, or unknown: if the claim was made, it goes stale
	}
	err = d.send(ctx, &candidate, StartRequest{
		Key: candidate.Key(), Owner: candidate.Owner, Token: token, Payload: payload,
	})
	if IsKind(err, Permanent) {
		d.abandon(ctx, &candidate, token, err.Error())
	}
}

func (d *Dispatcher) prepare(ctx context.Context, candidate Review) ([]byte, error) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.PrepareTimeout)
	defer cancel()
	return d.preparer.Prepare(call, candidate)
}

func (d *Dispatcher) claim(ctx context.Context, candidate *Review) (Token, error) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	return d.store.Claim(call, Claim{
		Key: candidate.Key(), Owner: candidate.Owner, Seen: candidate.Claim,
		Limit: d.config.LimitOf(candidate.Owner), Now: now, DueAt: now.Add(d.config.StaleAfter),
	})
}

// send tells a worker, and records what came of it as far as that is known.
func (d *Dispatcher) send(ctx context.Context, candidate *Review, request StartRequest) error {
	call, cancel := d.rt.WithTimeout(ctx, d.config.DispatchTimeout)
	report, err := d.worker.Start(call, request)
	cancel()
	switch {
	case err == nil:
		d.record(ctx, report, request.Token)
	case IsKind(err, Rejected):
		d.release(ctx, candidate, request.Token)
	case IsKind(err, Permanent):
		// It will never run as it was sent; the caller knows what to send instead.
	default:
		// It may run. The review stays queued, and when the claim is stale the next
		// cycle asks the worker.
	}
	return err
}

// preparationFailed puts a candidate off, or ends it when it can never be
// prepared. A stale claim is not ended for that: somebody may have dispatched it.
func (d *Dispatcher) preparationFailed(ctx context.Context, candidate Review, cause error) {
	hopeless := IsKind(cause, Permanent) || candidate.Deferrals+1 >= d.config.MaxDeferrals
	switch {
	case !hopeless:
		pause := backoff(candidate.Key(), candidate.Deferrals+1, d.config.BackoffMin, d.config.BackoffMax)
		d.postpone(ctx, candidate.Key(), candidate.Claim, pause)
		d.triggerAfter(candidate.Owner, pause)
	case candidate.Status == Pending:
		d.fail(ctx, candidate.Key(), candidate.Claim, "preparation: "+cause.Error())
	default:
		token, err := d.claim(ctx, &candidate)
		if err == nil {
			d.abandon(ctx, &candidate, token, "preparation: "+cause.Error())
		}
	}
}

// abandon ends a claimed attempt that can't be executed. An earlier dispatch may
// have reached a worker, or still be on its way: so the worker is told to record
// that the attempt has failed, unless it knows it, and what it answers is the truth.
func (d *Dispatcher) abandon(ctx context.Context, candidate *Review, token Token, reason string) {
	_ = d.send(ctx, candidate, StartRequest{
		Key: candidate.Key(), Owner: candidate.Owner, Token: token, Abandon: reason,
	})
}

// ask makes a call about an attempt to the worker.
func (d *Dispatcher) ask(ctx context.Context, key AttemptKey, call func(context.Context, AttemptKey) (WorkerReport, error)) (WorkerReport, error) {
	ctx, cancel := d.rt.WithTimeout(ctx, d.config.DispatchTimeout)
	defer cancel()
	return call(ctx, key)
}

// record writes what the worker said about a dispatch, under the claim that it was
// sent with. The agent's version is a note beside it: failing to write that says
// nothing about the review.
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

// apply merges a worker's report into the review and starts the cycle that a free
// slot or a next attempt calls for.
func (d *Dispatcher) apply(ctx context.Context, report WorkerReport, token Token) (Review, error) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	pause := backoff(report.Key, report.Key.Attempt, d.config.BackoffMin, d.config.BackoffMax)
	r, err := d.store.Apply(call, Report{
		WorkerReport: report, Token: token, Now: now,
		DueAt:      now.Add(d.config.SilentAfter),
		RetryAt:    now.Add(pause),
		MaxRetries: max(d.config.MaxRetries, 0),
	})
	if err == nil && report.Status.Terminal() {
		d.Trigger(r.Owner)
		if r.Status == Pending {
			d.triggerAfter(r.Owner, pause)
		}
	}
	return r, err
}

// release gives up a claim whose dispatch was refused before any effect.
func (d *Dispatcher) release(ctx context.Context, candidate *Review, token Token) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	now := d.rt.Now()
	pause := backoff(candidate.Key(), int(token), d.config.BackoffMin, d.config.BackoffMax)
	_ = d.store.Release(call, candidate.Key(), token, now.Add(pause), now)
	d.triggerAfter(candidate.Owner, pause)
}

func (d *Dispatcher) fail(ctx context.Context, key AttemptKey, token Token, reason string) {
	call, cancel := d.rt.WithTimeout(ctx, d.config.StoreTimeout)
	defer cancel()
	_ = d.store.Fail(call, key, token, reason, d.rt.Now())
}

// An errand is one thing being done about one attempt: dispatch, stop or ask.
type errand struct {
	name string
	key  AttemptKey
}

// start runs an errand as a task unless this replica is at it already, or closing.
func (d *Dispatcher) start(name string, key AttemptKey, fn func(ctx context.Context)) {
	this := errand{name, key}
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
