package campaign

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// FailuresMax is how many failing seeds a [Summary] holds. All are counted; beyond a hundred, more examples tell
// nothing new, and memory stays flat however long a campaign runs.
const FailuresMax = 100

// progressEvery is the time between two calls of OnProgress: often enough to look alive.
const progressEvery = 100 * time.Millisecond

// A Campaign says which runs to do. The zero value of a field is its default.
type Campaign struct {
	// Profile is what may go wrong, by a name that the worlds know.
	Profile string
	// Properties are the identifiers of those that are watched, as in [run.Spec]; empty for all.
	Properties []string
	// From is the first seed; the others follow one by one. After the largest number comes 0.
	From uint64
	// Seeds is how many seeds to run. 0 means no limit: until Time has passed or the context ends.
	Seeds uint64
	// Time is how long seeds are handed out, on the wall clock. What is running then is finished. 0 means no limit.
	Time time.Duration
	// Parallel is the number of workers. 0 means one per core that Go uses (GOMAXPROCS).
	Parallel int
	// FailFast hands out no more seeds after the first violation. Seeds below it have been handed out by then, and
	// are finished, so the lowest failing seed is the same however many workers there are.
	FailFast bool
	// OnFailure, when not nil, is told of violated runs as they are found, in the order in which they end: at most
	// [FailuresMax] by each worker, which always includes those of the summary. Workers wait while it runs.
	OnFailure func(run.Result)
	// OnProgress, when not nil, is told about ten times a second how far the campaign is, and once at the end.
	OnProgress func(Progress)
	// NewWorld returns a world for a worker. It is required.
	NewWorld func() run.World
}

// A Progress is how far a campaign is.
type Progress struct {
	Seeds      uint64 // done
	Violations uint64
	Unknown    uint64
	Elapsed    time.Duration // on the wall clock
}

// Run carries out the campaign. It returns when all seeds are done, or soon after Time has passed or the context has
// ended: with the seeds that are running by then, which takes milliseconds. The summary covers what was done, also
// beside an error. Errors are a negative field, and a [*run.BrokenError]. OnFailure and OnProgress are never called at
// the same time.
func (c Campaign) Run(ctx context.Context) (*Summary, error) {
	if c.Parallel < 0 {
		return nil, fmt.Errorf("campaign: Parallel is %d: allowed are 1 and more, or 0 for one worker per core", c.Parallel)
	}
	if c.Time < 0 {
		return nil, fmt.Errorf("campaign: Time is %s: allowed are positive durations, or 0 for no limit", c.Time)
	}
	if c.NewWorld == nil {
		return nil, errors.New("campaign: NewWorld is nil: give a function that returns a world")
	}
	workers := c.Parallel
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if c.Seeds > 0 && uint64(workers) > c.Seeds {
		workers = int(c.Seeds)
	}

	started := time.Now()
	limited, stop := context.WithCancel(ctx)
	defer stop()
	if c.Time > 0 {
		var release context.CancelFunc
		limited, release = context.WithTimeout(limited, c.Time)
		defer release()
	}
	seeds := c.Seeds
	if seeds == 0 {
		seeds = NoLimit
	}
	shared := &shared{worlds: worlds{c.NewWorld, make([]run.World, workers)}, stop: stop}
	for range workers {
		shared.counted = append(shared.counted, &Summary{From: c.From, signatures: signatures{}})
	}
	var broken error
	done := make(chan struct{})
	go func() {
		defer close(done)
		broken = Distribute(limited, workers, seeds, func(_ context.Context, worker int, index uint64) error {
			return c.once(shared, worker, index)
		})
		shared.worlds.close()
	}()
	c.watch(shared, started, done)

	summary := &Summary{
		Profile:     c.Profile,
		Properties:  c.Properties,
		From:        c.From,
		Interrupted: ctx.Err() != nil && (c.Seeds == 0 || shared.seeds.Load() < c.Seeds),
		Workers:     workers,
		signatures:  signatures{},
	}
	for _, part := range shared.counted {
		summary.merge(part)
	}
	summary.finish()
	summary.Wall = time.Since(started)
	return summary, broken
}

// shared is what the workers of a campaign have in common.
type shared struct {
	worlds  worlds
	counted []*Summary // by worker
	stop    func()     // no further seed begins

	seeds, violations, unknown atomic.Uint64 // for progress

	callbacks sync.Mutex // held while OnFailure or OnProgress runs
}

// watch reports progress until the workers are done.
func (c *Campaign) watch(s *shared, started time.Time, done <-chan struct{}) {
	if c.OnProgress == nil {
		<-done
		return
	}
	report := func() {
		s.callbacks.Lock()
		defer s.callbacks.Unlock()
		c.OnProgress(Progress{
			Seeds:      s.seeds.Load(),
			Violations: s.violations.Load(),
			Unknown:    s.unknown.Load(),
			Elapsed:    time.Since(started),
		})
	}
	ticker := time.NewTicker(progressEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			report()
		case <-done:
			report()
			return
		}
	}
}

// once runs one seed and counts it.
func (c *Campaign) once(s *shared, worker int, index uint64) error {
	outcome, err := run.Once(s.worlds.of(worker), run.Spec{Seed: c.From + index, Profile: c.Profile, Properties: c.Properties})
	if err != nil {
		s.worlds.forget(worker)
		return err
	}
	kept := s.counted[worker].count(index, outcome)
	switch outcome.Verdict {
	case run.Violated:
		s.violations.Add(1)
		if c.FailFast {
			s.stop()
		}
		if kept && c.OnFailure != nil {
			s.report(c.OnFailure, outcome)
		}
	case run.Unknown:
		s.unknown.Add(1)
	case run.Pass, run.NotDeterministic:
	}
	s.seeds.Add(1)
	return nil
}

// report calls OnFailure, never at the same time as OnProgress.
func (s *shared) report(onFailure func(run.Result), outcome run.Result) {
	s.callbacks.Lock()
	defer s.callbacks.Unlock()
	onFailure(outcome)
}
