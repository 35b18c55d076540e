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

// failuresMax is the number of failing seeds that a [Summary] keeps. All are counted. More than a hundred examples are
// of no use, and the limit bounds the memory of a long campaign.
const failuresMax = 100

// progressEvery is the time between two calls of OnProgress.
const progressEvery = 100 * time.Millisecond

// A Campaign describes runs of many seeds. The zero value of a field is its default.
type Campaign struct {
	// Profile is the name of a fault profile of the worlds.
	Profile string
	// Properties are the identifiers of the properties to watch, as in [run.Spec]; empty for all.
	Properties []string
	// From is the first seed. The others follow one by one, with 0 after the largest number.
	From uint64
	// Seeds is the number of seeds. 0 means no limit: the campaign ends when Time has passed or the context ends.
	Seeds uint64
	// Time is how long new seeds begin, on the wall clock. Runs in progress are finished. 0 means no limit.
	Time time.Duration
	// Parallel is the number of workers. 0 means one per core that Go uses (GOMAXPROCS).
	Parallel int
	// FailFast begins no seed after the first violation. All lower seeds have begun by then and are finished, so the
	// lowest failing seed does not depend on the number of workers.
	FailFast bool

	// OnFailure, when not nil, is called with violated runs in the order in which they end. It receives at most 100
	// runs of each worker, and the first of each signature, which include those of the summary. The worker waits for it.
	OnFailure func(run.Result)
	// OnProgress, when not nil, is called about ten times a second, and once at the end.
	OnProgress func(Progress)

	// NewWorld returns a world for a worker. It is required.
	NewWorld func() run.World
}

// A Progress is the state of a campaign that is running.
type Progress struct {
	Seeds      uint64        // finished
	Violations uint64        // runs in which a property was violated
	Unknown    uint64        // runs in which a check gave up
	Elapsed    time.Duration // on the wall clock
}

// Run executes the campaign. It returns when all seeds are finished. After Time has passed or the context has ended, it
// returns as soon as the running seeds are finished, which takes milliseconds. It does not call OnFailure and
// OnProgress at the same time.
//
// The error reports a negative or missing field, or is a [*run.BrokenError]. In the latter case the summary covers the
// seeds that were finished.
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
		seeds = noLimit
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

// shared is the state that the workers of a campaign share.
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
	result, err := run.Once(s.worlds.of(worker), run.Spec{Seed: c.From + index, Profile: c.Profile, Properties: c.Properties})
	if err != nil {
		s.worlds.forget(worker)
		return err
	}
	kept := s.counted[worker].count(index, result)
	switch result.Verdict {
	case run.Violated:
		s.violations.Add(1)
		if c.FailFast {
			s.stop()
		}
		if kept && c.OnFailure != nil {
			s.report(c.OnFailure, result)
		}
	case run.Unknown:
		s.unknown.Add(1)
	case run.Pass, run.NotDeterministic:
	}
	s.seeds.Add(1)
	return nil
}

// report calls OnFailure, never at the same time as OnProgress.
func (s *shared) report(onFailure func(run.Result), result run.Result) {
	s.callbacks.Lock()
	defer s.callbacks.Unlock()
	onFailure(result)
}
