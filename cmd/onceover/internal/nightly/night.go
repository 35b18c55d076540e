package nightly

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// ExplainedMax is how many different failures of a shard are minimised. Each takes some seconds, and nobody looks at more
// than twenty.
const ExplainedMax = 20

// A Night defines what one shard does.
type Night struct {
	Run   uint64
	Shard Shard
	Mix   Mix // not empty
	// Seeds is how many seeds to run, under all profiles together: as many as there are profiles, or more. 0 means no
	// limit but Time.
	Seeds uint64
	// Time is how long seeds are handed out, on the wall clock, under all profiles together. 0 means no limit but Seeds.
	Time time.Duration
	// Parallel is how many runs there are at the same time; 0 means one per core.
	Parallel int
	// NewWorld returns a world for a worker. Nil means [world.New].
	NewWorld func() run.World
	// OnFailure, when not nil, is called with failures as they are found, as in package campaign.
	OnFailure func(string, run.Result)
	// OnProfile, when not nil, is called before each profile: with its first seed, and how many seeds and how much time it
	// has (0: no limit).
	OnProfile func(profile string, first, seeds uint64, limit time.Duration)
	// OnProgress, when not nil, is called with the progress of the profile, as in package campaign.
	OnProgress func(campaign.Progress)
	// OnPart, when not nil, is called with the result of a profile.
	OnPart func(*Part)
	// Explain, when not nil, runs a failure again and writes the files that explain it. It is called after all seeds.
	Explain func(context.Context, Failing) Explanation
}

// A Failing is a run that failed.
type Failing struct {
	Profile string
	Result  run.Result
	// Minimise: it is to be minimised, as [ExplainedMax] failures of a shard are.
	Minimise bool
}

// An Explanation is what is known of a failure beyond that it happened.
type Explanation struct {
	Repeats bool // as in [Failure]
	Small   *Small
	Files   Files
}

// Simulate does what the shard has to do. When the context ends, it returns soon, with what was done. Errors are
// [Night.Seeds] below the number of profiles, neither seeds nor time, and a [*run.BrokenError], beside which there
// is a result.
func (n *Night) Simulate(ctx context.Context) (*Result, error) {
	switch {
	case len(n.Mix) == 0:
		return nil, errors.New("a night without a profile has nothing to do")
	case n.Seeds == 0 && n.Time == 0:
		return nil, errors.New("a night without a limit of seeds or time has no end")
	case n.Seeds > 0 && n.Seeds < uint64(len(n.Mix)):
		return nil, fmt.Errorf("%d seeds are too few for %d profiles: allowed are as many as there are profiles, or more", n.Seeds, len(n.Mix))
	}
	if n.NewWorld == nil {
		n.NewWorld = func() run.World { return world.New() }
	}
	r := &Result{
		Format: ResultFormat, Run: n.Run, Shard: n.Shard, EngineVersion: run.EngineVersion(),
		Profiles: []Part{}, Failures: []Failure{},
	}
	ways := &ways{}
	err := n.campaigns(ctx, r, ways)
	var broken *run.BrokenError
	if errors.As(err, &broken) {
		r.Broken = broken.Error()
	} else if err != nil {
		return nil, err
	}
	n.explain(ctx, r, ways)
	r.Interrupted = r.Interrupted || ctx.Err() != nil
	return r, err
}

// campaigns runs a campaign for each profile. Each has its share of the time that is left, so what one takes too long
// is taken from all.
func (n *Night) campaigns(ctx context.Context, r *Result, ways *ways) error {
	started := time.Now()
	left := n.Mix.weight()
	var seeds []uint64
	if n.Seeds > 0 {
		seeds = n.Mix.seeds(n.Seeds)
	}
	for i, share := range n.Mix {
		if r.Interrupted = ctx.Err() != nil; r.Interrupted {
			break
		}
		c := campaign.Campaign{
			Profile:    share.Profile,
			From:       FirstSeed(n.Run, n.Shard, share.Profile),
			Parallel:   n.Parallel,
			NewWorld:   n.NewWorld,
			OnProgress: n.OnProgress,
		}
		if seeds != nil {
			c.Seeds = seeds[i]
		}
		if n.Time > 0 {
			part := float64(share.Weight) / float64(left)
			c.Time = max(time.Duration(float64(n.Time-time.Since(started))*part), 1) // 0 would be no limit
		}
		left -= share.Weight
		if n.OnFailure != nil {
			c.OnFailure = func(o run.Result) { n.OnFailure(share.Profile, o) }
		}
		if n.OnProfile != nil {
			n.OnProfile(share.Profile, c.From, c.Seeds, c.Time)
		}
		summary, err := c.Run(ctx)
		if summary != nil {
			r.Profiles = append(r.Profiles, newPart(summary))
			r.Interrupted = summary.Interrupted
			ways.add(summary)
			if n.OnPart != nil {
				n.OnPart(&r.Profiles[len(r.Profiles)-1])
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// newPart takes from the summary of a campaign what goes into a result.
func newPart(s *campaign.Summary) Part {
	part := Part{
		Profile: s.Profile, FirstSeed: s.From, Seeds: s.Seeds, Steps: s.Steps, WallSeconds: s.Wall.Seconds(),
		Violations: s.Violations, Unknown: s.Unknown, Ways: []Way{}, GaveUp: []GaveUp{},
		Faults: s.Faults, Goals: s.Goals, TraceHash: run.FormatHash(s.TraceHash),
	}
	for _, signature := range s.Signatures {
		first := signature.First
		part.Ways = append(part.Ways, Way{
			Property: first.Violation.Property, Signature: first.Violation.Signature(), Message: first.Violation.Message,
			Seed: first.Seed, Runs: signature.Runs,
		})
	}
	for _, one := range s.Unknowns[:min(len(s.Unknowns), gaveUpMax)] {
		part.GaveUp = append(part.GaveUp, GaveUp{Seed: one.Seed, Check: one.Unknown})
	}
	return part
}

// gaveUpMax is how many runs without a verdict are named: they are of few kinds.
const gaveUpMax = 5

// ways are the different failures of all profiles, in the order in which they were found.
type ways struct {
	list  []Failing
	index map[string]int // by signature
}

// add takes the failures of one more profile. Of the same failure under several profiles, the run with fewer faults is
// kept, and then the shorter one: that is easier to make small.
func (w *ways) add(s *campaign.Summary) {
	if w.index == nil {
		w.index = make(map[string]int)
	}
	for _, signature := range s.Signatures {
		found := Failing{Profile: s.Profile, Result: signature.First}
		key := found.Result.Violation.Signature()
		i, known := w.index[key]
		switch {
		case !known:
			w.index[key] = len(w.list)
			w.list = append(w.list, found)
		case found.easier(w.list[i]):
			w.list[i] = found
		}
	}
}

func (f Failing) easier(other Failing) bool {
	a, b := &f.Result, &other.Result
	return cmp.Or(cmp.Compare(a.Faults.Total(), b.Faults.Total()), cmp.Compare(a.Steps, b.Steps)) < 0
}

// explain minimises failures in the order of their properties: those that a user would notice come first.
func (n *Night) explain(ctx context.Context, r *Result, ways *ways) {
	rank := make(map[string]int)
	for i, property := range checker.Properties() {
		rank[property.ID] = i + 1
	}
	slices.SortStableFunc(ways.list, func(a, b Failing) int {
		return cmp.Compare(rank[a.Result.Violation.Property], rank[b.Result.Violation.Property])
	})
	for i, failing := range ways.list {
		o := &failing.Result
		f := Failure{
			Property: o.Violation.Property, Signature: o.Violation.Signature(), Message: o.Violation.Message,
			Profile: failing.Profile, Seed: o.Seed, Faults: o.Faults.Total(), Steps: o.Steps, Repeats: true,
		}
		if n.Explain != nil {
			failing.Minimise = i < ExplainedMax
			e := n.Explain(ctx, failing)
			f.Repeats, f.Small, f.Files = e.Repeats, e.Small, e.Files
		}
		r.Failures = append(r.Failures, f)
	}
}
