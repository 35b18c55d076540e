package engine

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"
)

// A Host is one worker process. It accepts starts, runs an orchestrator for every orchestration that it holds, and
// takes over the orchestrations of hosts that are gone. Host implements [Worker]. Any number of hosts may serve: each
// answers for every attempt, because it reads from the journal what it does not run itself.
type Host struct {
	id       HostID
	rt       Runtime
	config   WorkerConfig
	journal  Journal
	agent    Agent
	callback Callback
	log      *slog.Logger

	agentGate, appGate *gate

	mutex    Mutex
	live     map[AttemptKey]*orchestrator
	launched uint64       // number of orchestrators so far
	ended    []AttemptKey // attempts that ended since the latest renewal began
	starting []AttemptKey // starts under way; each launches what it creates
	closing  bool
	tasks    *waitGroup
}

// NewHost returns a host that does nothing until Run. No earlier life of any host may have used id. The error is a
// [*ConfigError] if the config or the name is out of range.
func NewHost(id HostID, rt Runtime, config WorkerConfig, journal Journal, agent Agent, callback Callback) (*Host, error) {
	config = config.WithDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	if !ValidName(id) {
		return nil, &ConfigError{"HostID", fmt.Sprintf("%.40q", id), fmt.Sprintf("1 to %d bytes of UTF-8 without NUL", NameBytesMax)}
	}
	config.AgentVersion = CleanText(config.AgentVersion)
	guard := newGuard(rt, config.Log)
	return &Host{
		id: id, rt: rt, config: config, log: guard.log,
		journal: guardedJournal{guard, journal}, agent: guardedAgent{guard, agent}, callback: guardedCallback{guard, callback},
		agentGate: newGate(rt, config.BackoffMin, config.BackoffMax, config.RetryAfterMax),
		appGate:   newGate(rt, config.BackoffMin, config.BackoffMax, config.RetryAfterMax),
		mutex:     rt.NewMutex(), live: make(map[AttemptKey]*orchestrator), tasks: newWaitGroup(rt),
	}, nil
}

// Run starts the tasks of the host and returns. They end with the process, or with Close.
func (h *Host) Run() {
	h.rt.Go("lease", h.keepLease)
	h.rt.Go("purge", h.purge)
}

// Close refuses new starts, and makes every orchestrator journal its buffered events and give up its lease. It waits
// until they have ended and returns nil, or the context's error if the context ends first. Other hosts continue where
// this one stopped.
func (h *Host) Close(ctx context.Context) error {
	h.mutex.Lock()
	h.closing = true
	h.mutex.Unlock()
	for _, o := range h.running() {
		o.leave()
	}
	return h.tasks.wait(ctx)
}

// Start implements [Worker]. For a known attempt it returns the state, and changes neither memory nor journal. Like
// Cancel it finishes even if its caller leaves.
func (h *Host) Start(ctx context.Context, request StartRequest) (WorkerReport, error) {
	if err := request.check(); err != nil {
		return WorkerReport{}, &Error{Kind: Permanent, Op: "worker.start", Err: err}
	}
	if o := h.find(request.Key); o != nil {
		if state, loaded := o.snapshot(); loaded {
			return h.report(state), nil
		}
	}
	if !h.beginStart(request.Key) {
		return WorkerReport{}, Errorf(Rejected, "worker.start", "host %s is shutting down; send the start to another host", h.id)
	}
	defer h.endStart(request.Key)
	call, cancel := h.rt.WithTimeout(lasting(ctx), h.config.JournalTimeout)
	defer cancel()
	state, created, err := h.journal.Create(call, request, h.id, h.rt.Now())
	if err != nil {
		return WorkerReport{}, err
	}
	if created && state.Unfinished() {
		// The start is durable only now. If the process crashes here, its lease expires and another host takes over.
		h.launch(newCreated(h, state, request.Payload))
	}
	return h.report(state), nil
}

// Cancel implements [Worker].
func (h *Host) Cancel(ctx context.Context, key AttemptKey) (WorkerReport, error) {
	if err := key.Check(); err != nil {
		return WorkerReport{}, &Error{Kind: Permanent, Op: "worker.cancel", Err: err}
	}
	call, cancel := h.rt.WithTimeout(lasting(ctx), h.config.JournalTimeout)
	defer cancel()
	state, err := h.journal.RequestCancel(call, key, h.rt.Now())
	if o := h.find(key); o != nil && (err == nil || IsKind(err, Permanent)) {
		o.cancel() // also if the request can't be recorded: the outcome can
	}
	if err != nil {
		return WorkerReport{}, err
	}
	return h.report(state), nil
}

// Status implements [Worker].
func (h *Host) Status(ctx context.Context, key AttemptKey) (WorkerReport, error) {
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	state, err := h.journal.Load(call, key)
	if err != nil {
		return WorkerReport{}, err
	}
	return h.report(state), nil
}

// Events implements [Worker]. It returns journaled events only: an event that was returned is never taken back.
func (h *Host) Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error) {
	if err := CheckPage(after, max); err != nil {
		return nil, &Error{Kind: Permanent, Op: "worker.events", Err: err}
	}
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	return h.journal.Events(call, key, after, max)
}

// report returns the worker's report of an orchestration.
func (h *Host) report(state Orchestration) WorkerReport {
	report := state.Report()
	report.AgentVersion = h.config.AgentVersion
	return report
}

// keepLease renews the host's lease periodically. Each time it takes over orchestrations from hosts that have stopped
// renewing, launches what this host holds and does not run, and stops what it runs and no longer holds. This is also
// how a cancel that another host accepted arrives here.
func (h *Host) keepLease(ctx context.Context) {
	var watch leaseWatch
	var failed failures
	for {
		running := h.running()
		h.forgetEnded()
		if h.isClosing() && len(running) == 0 {
			return
		}
		call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
		batch := h.config.TakeoverBatch
		if h.isClosing() {
			batch = 0
		}
		_, err := h.journal.RenewLease(call, h.id, watch.suspects(h.rt.Now(), h.config.LeaseFor), batch)
		cancel()
		if h.isClosing() && len(h.running()) == 0 {
			return
		}
		if err == nil {
			h.readHolding(ctx, &watch, running)
		}
		failed.count(h.log, "journal.renew-lease", err)
		if h.rt.Sleep(ctx, h.config.RenewEvery) != nil {
			return
		}
	}
}

// readHolding reads what this host holds after a renewal, and acts on it.
func (h *Host) readHolding(ctx context.Context, watch *leaseWatch, running []*orchestrator) {
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	holding, err := h.journal.Held(call, h.id)
	if err != nil {
		return // the next renewal reads it
	}
	watch.update(holding.Others, h.rt.Now())
	h.reconcile(running, holding.Leases)
}

// reconcile brings the orchestrators that ran before the renewal in line with the leases that were read after it. It
// leaves alone what was launched or has ended since, because that is newer than the answer. It also leaves an attempt
// to the start that is creating it: the orchestrator could end before the start has its answer, and the start would
// launch it again.
func (h *Host) reconcile(running []*orchestrator, held []Lease) {
	for _, o := range running {
		i, found := slices.BinarySearchFunc(held, o.key, func(lease Lease, key AttemptKey) int {
			return compareKeys(lease.Key, key)
		})
		switch {
		case !found || held[i].Epoch != o.epoch:
			o.lose()
		case held[i].Cancel:
			o.cancel()
		}
	}
	for _, lease := range held {
		if !h.isClosing() && !h.isStarting(lease.Key) && !h.hasEnded(lease.Key) {
			h.launch(newOrchestrator(h, lease))
		}
	}
}

// launch runs an orchestrator, unless one of its attempt runs already.
func (h *Host) launch(o *orchestrator) {
	h.mutex.Lock()
	if h.live[o.key] != nil {
		h.mutex.Unlock()
		return
	}
	h.launched++
	o.number = h.launched
	o.leaving = h.closing
	h.live[o.key] = o
	h.mutex.Unlock()
	h.tasks.start(h.rt, "orchestrator", func(ctx context.Context) {
		defer func() {
			h.mutex.Lock()
			delete(h.live, o.key)
			h.ended = append(h.ended, o.key)
			h.mutex.Unlock()
		}()
		o.run(ctx)
	})
}

// find returns the orchestrator of an attempt, or nil if this host runs none.
func (h *Host) find(key AttemptKey) *orchestrator {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.live[key]
}

// beginStart registers a start, or returns false if the host is closing. Close waits for a registered start, because
// the orchestrator that it launches has to give up its lease.
func (h *Host) beginStart(key AttemptKey) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closing {
		return false
	}
	h.tasks.enter()
	h.starting = append(h.starting, key)
	return true
}

// endStart ends a start that beginStart registered.
func (h *Host) endStart(key AttemptKey) {
	h.mutex.Lock()
	i := slices.Index(h.starting, key)
	h.starting = slices.Delete(h.starting, i, i+1)
	h.mutex.Unlock()
	h.tasks.leave()
}

// isStarting reports whether a start of the attempt is under way.
func (h *Host) isStarting(key AttemptKey) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Contains(h.starting, key)
}

// running returns the live orchestrators, oldest first.
func (h *Host) running() []*orchestrator {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	running := make([]*orchestrator, 0, len(h.live))
	for _, o := range h.live {
		running = append(running, o)
	}
	slices.SortFunc(running, func(a, b *orchestrator) int { return cmp.Compare(a.number, b.number) })
	return running
}

// forgetEnded empties the list of attempts that have ended.
func (h *Host) forgetEnded() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.ended = h.ended[:0]
}

// hasEnded reports whether the attempt has ended since forgetEnded was called.
func (h *Host) hasEnded(key AttemptKey) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Contains(h.ended, key)
}

func (h *Host) isClosing() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.closing
}

// purge deletes the events of attempts that ended long ago, periodically until the host closes.
func (h *Host) purge(ctx context.Context) {
	var failed failures
	for !h.isClosing() {
		call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
		_, err := h.journal.Purge(call, h.rt.Now().Add(-h.config.KeepFor), h.config.PurgeBatch)
		cancel()
		failed.count(h.log, "journal.purge", err)
		if h.rt.Sleep(ctx, h.config.PurgeEvery) != nil {
			return
		}
	}
}

// compareKeys orders keys by their reviews, then by their attempts.
func compareKeys(a, b AttemptKey) int {
	return cmp.Or(cmp.Compare(a.Review, b.Review), cmp.Compare(a.Attempt, b.Attempt))
}

// pause sleeps after the n-th try, and reports whether to go on.
func (h *Host) pause(ctx context.Context, key AttemptKey, n int) bool {
	return h.rt.Sleep(ctx, h.backoff(key, n)) == nil
}

// backoff returns the pause after the n-th try, within the bounds of the config.
func (h *Host) backoff(key AttemptKey, n int) time.Duration {
	return backoff(key, n, h.config.BackoffMin, h.config.BackoffMax)
}
