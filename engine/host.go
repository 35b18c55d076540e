package engine

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// A Host is one worker process: it accepts starts, runs an orchestrator for every
// orchestration whose lease it holds, and takes over those of hosts that are gone.
// Host implements [Worker]; any number of hosts may serve, and each answers for
// every attempt, since what it does not run it reads from the journal.
type Host struct {
	id       HostID
	rt       Runtime
	config   WorkerConfig
	journal  Journal
	agent    Agent
	callback Callback

	mutex    Mutex
	live     map[AttemptKey]*orchestrator
	launched uint64       // orchestrators so far; their order
	ended    []AttemptKey // what has ended since the lease was last going to be renewed
	starting []AttemptKey // starts under way, which launch what they create
	closing  bool
	tasks    *waitGroup
}

// NewHost returns a host that does nothing until Run. id must never have been
// used by another life of any host. The error is a [*ConfigError].
func NewHost(id HostID, rt Runtime, config WorkerConfig, journal Journal, agent Agent, callback Callback) (*Host, error) {
	config = config.WithDefaults()
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Host{
		id: id, rt: rt, config: config, journal: journal, agent: agent, callback: callback,
		mutex: rt.NewMutex(), live: make(map[AttemptKey]*orchestrator), tasks: newWaitGroup(rt),
	}, nil
}

// Run starts the host's tasks and returns. They end with the process, or with
// Close.
func (h *Host) Run() {
	h.rt.Go("lease", h.keepLease)
	h.rt.Go("purge", h.purge)
}

// Close refuses new starts, has every orchestrator journal what it holds and give
// up its lease, and waits for that or for the context to end. Other hosts go on
// where this one stopped.
func (h *Host) Close(ctx context.Context) error {
	h.mutex.Lock()
	h.closing = true
	h.mutex.Unlock()
	for _, o := range h.running() {
		o.leave()
	}
	return h.tasks.wait(ctx)
}

// Start implements [Worker]. A known attempt is answered with its state, and
// neither memory nor journal is touched.
func (h *Host) Start(ctx context.Context, request StartRequest) (WorkerReport, error) {
	if o := h.find(request.Key); o != nil {
		return h.report(o.snapshot()), nil
	}
	if !h.admit(request.Key) {
		return WorkerReport{}, Errorf(Rejected, "worker.start", "host %s is shutting down", h.id)
	}
	defer h.admitted(request.Key)
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	state, created, err := h.journal.Create(call, request, h.id, h.rt.Now())
	if err != nil {
		return WorkerReport{}, err
	}
	if created && state.Unfinished() {
		// Only now that the start is durable. If the process dies here, its lease runs
		// out and another host takes over.
		h.launch(state)
	}
	return h.report(state), nil
}

// Cancel implements [Worker].
func (h *Host) Cancel(ctx context.Context, key AttemptKey) (WorkerReport, error) {
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	state, err := h.journal.RequestCancel(call, key, h.rt.Now())
	if err != nil {
		return WorkerReport{}, err
	}
	if o := h.find(key); o != nil {
		o.cancel()
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

// Events implements [Worker]. Only journaled events are shown: a shown event is
// never taken back.
func (h *Host) Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error) {
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	return h.journal.Events(call, key, after, max)
}

func (h *Host) report(state Orchestration) WorkerReport {
	report := state.Report()
	report.AgentVersion = h.config.AgentVersion
	return report
}

// keepLease renews the host's lease, takes over from hosts that do not renew
// theirs, launches what it holds and does not run, and stops what it runs and no
// longer holds. It is also how a cancel that another host accepted arrives here.
func (h *Host) keepLease(ctx context.Context) {
	var watch leaseWatch
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
		holding, err := h.journal.RenewLease(call, h.id, watch.suspects(h.rt.Now(), h.config.LeaseFor), batch)
		cancel()
		if err == nil {
			watch.update(holding.Others, h.rt.Now())
			h.compare(running, holding.Orchestrations)
		}
		if h.rt.Sleep(ctx, h.config.RenewEvery) != nil {
			return
		}
	}
}

// compare brings what ran before the lease was renewed in line with what is held.
// What was launched or has ended since is newer than the reading, and left alone. What
// a start is still creating is left to the start: when its answer comes late, the
// orchestrator might have ended before, and would be launched again.
func (h *Host) compare(running []*orchestrator, held []Orchestration) {
	for _, o := range running {
		i, found := slices.BinarySearchFunc(held, o.key, func(state Orchestration, key AttemptKey) int {
			return compareKeys(state.Key, key)
		})
		switch {
		case !found || held[i].Epoch != o.epoch:
			o.lose()
		case held[i].Cancel:
			o.cancel()
		}
	}
	for _, state := range held {
		if !h.isClosing() && !h.isStarting(state.Key) && !h.hasEnded(state.Key) {
			h.launch(state)
		}
	}
}

// launch runs an orchestrator for an orchestration that this host holds, unless
// one runs already.
func (h *Host) launch(state Orchestration) {
	h.mutex.Lock()
	if h.live[state.Key] != nil {
		h.mutex.Unlock()
		return
	}
	h.launched++
	o := newOrchestrator(h, state, h.launched)
	h.live[state.Key] = o
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

// find returns the orchestrator that runs an attempt here, or nil.
func (h *Host) find(key AttemptKey) *orchestrator {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.live[key]
}

// admit lets a start begin, unless the host is closing. Close waits for it: what it
// launches has to give its lease up.
func (h *Host) admit(key AttemptKey) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closing {
		return false
	}
	h.tasks.enter()
	h.starting = append(h.starting, key)
	return true
}

// admitted is the end of a start that admit let begin.
func (h *Host) admitted(key AttemptKey) {
	h.mutex.Lock()
	i := slices.Index(h.starting, key)
	h.starting = slices.Delete(h.starting, i, i+1)
	h.mutex.Unlock()
	h.tasks.leave()
}

func (h *Host) isStarting(key AttemptKey) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Contains(h.starting, key)
}

// running lists the live orchestrators, oldest first.
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

func (h *Host) forgetEnded() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.ended = h.ended[:0]
}

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

// purge forgets the events of attempts that ended long ago.
func (h *Host) purge(ctx context.Context) {
	for !h.isClosing() {
		call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
		_, _ = h.journal.Purge(call, h.rt.Now().Add(-h.config.KeepFor), h.config.PurgeBatch)
		cancel()
		if h.rt.Sleep(ctx, h.config.PurgeEvery) != nil {
			return
		}
	}
}

func compareKeys(a, b AttemptKey) int {
	return cmp.Or(cmp.Compare(a.Review, b.Review), cmp.Compare(a.Attempt, b.Attempt))
}

// pause sleeps before try number n, and reports whether to go on.
func (h *Host) pause(ctx context.Context, key AttemptKey, n int) bool {
	return h.rt.Sleep(ctx, h.backoff(key, n)) == nil
}

func (h *Host) backoff(key AttemptKey, n int) time.Duration {
	return backoff(key, n, h.config.BackoffMin, h.config.BackoffMax)
}
