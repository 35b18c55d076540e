package nightly

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// GoalSeeds is from how many seeds on a coverage goal that was never reached fails a night, or a shard by itself: seeds
// of the profiles default and storm, which can reach every goal. The rarest (retries-exhausted) happens in 3 of 1,000
// seeds there, so chance alone leaves one out less than once in 10^11 nights. Profiles of a single category cannot reach
// all; what they reach counts.
const GoalSeeds = 10_000

// goalProfiles can reach every goal.
var goalProfiles = []string{"default", "storm"}

// A Report is what a whole night came to.
type Report struct {
	Run           uint64   `json:"run"`
	Shards        int      `json:"shards"`
	EngineVersion string   `json:"engine_version"`
	Missing       []Shard  `json:"missing"`     // shards that have left no result
	Interrupted   []Shard  `json:"interrupted"` // shards that have not done all
	Broken        []string `json:"broken"`      // how the simulator broke, by shard
	// Profiles are those of all shards, each added up, without first seeds and hashes.
	Profiles []Part `json:"profiles"`
	// Seconds is how long the longest of the shards took to simulate, on the wall clock.
	Seconds  float64    `json:"wall_seconds"`
	Goals    run.Counts `json:"goals"`
	Failures []Finding  `json:"failures"`
	LongGone int        `json:"long_gone"` // known failures that were gone before, and are
	Bugs     *Bugs      `json:"bugs"`      // nil if nobody was to try them
}

// A Finding is a failure of a night, or one of a night before.
type Finding struct {
	Failure
	State    State    `json:"state,omitempty"` // empty before [Report.Compare]
	Runs     uint64   `json:"runs"`            // how many runs failed so
	Profiles []string `json:"profiles"`        // of these runs
	Shards   []int    `json:"shards"`          // of these runs
	Dir      string   `json:"dir"`             // where the files are
	FirstRun uint64   `json:"first_run"`       // of the night that showed it first
	LastRun  uint64   `json:"last_run"`        // of the night that showed it last
	Note     string   `json:"note,omitempty"`  // of the known failure
	// KnownReplay is its replay file beside the known failures; empty: none.
	KnownReplay string `json:"known_replay,omitempty"`
	// Replayed is what became of a known failure that no seed of the night has shown.
	Replayed string `json:"replayed,omitempty"`
}

// source is where the night has left the replay file that is worth keeping; empty: nowhere.
func (f *Finding) source() string {
	name := cmp.Or(f.Files.Minimised, f.Files.Replay)
	if name == "" {
		return ""
	}
	return filepath.Join(f.Dir, name)
}

// Merge makes one report of the results of a night's shards. It lists the shards that are missing. Errors are results that do
// not belong together, and no result at all.
func Merge(results []Left) (*Report, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("there is no result of a shard to report on")
	}
	results = slices.Clone(results)
	slices.SortStableFunc(results, func(a, b Left) int { return cmp.Compare(a.Shard.Index, b.Shard.Index) })
	first := results[0]
	r := newReport(first.Result)
	next := 1 // shard
	for i, result := range results {
		switch {
		case result.Run != first.Run || result.Shard.Of != first.Shard.Of:
			return nil, fmt.Errorf("%s is of shard %s of run %d, and %s of shard %s of run %d: give the results of one run",
				first.Dir, first.Shard, first.Run, result.Dir, result.Shard, result.Run)
		case i > 0 && result.Shard == results[i-1].Shard:
			return nil, fmt.Errorf("%s and %s are both of shard %s: give each once", results[i-1].Dir, result.Dir, result.Shard)
		case result.EngineVersion != first.EngineVersion:
			return nil, fmt.Errorf("%s was made by version %s, and %s by version %s: a seed means the same run only to the same version",
				first.Dir, first.EngineVersion, result.Dir, result.EngineVersion)
		}
		for ; next < result.Shard.Index; next++ {
			r.Missing = append(r.Missing, Shard{next, r.Shards})
		}
		next++
		r.add(result)
	}
	for ; next <= r.Shards; next++ {
		r.Missing = append(r.Missing, Shard{next, r.Shards})
	}
	return r, nil
}

// Report is what the shard came to by itself: other shards are not missed.
func (l Left) Report() *Report {
	r := newReport(l.Result)
	r.add(l)
	return r
}

// newReport returns the report of the night that a shard is part of, with nothing in it.
func newReport(of *Result) *Report {
	return &Report{
		Run: of.Run, Shards: of.Shard.Of, EngineVersion: of.EngineVersion, Goals: world.CountGoals(&checker.GoalCounts{}),
		Missing: []Shard{}, Interrupted: []Shard{}, Broken: []string{}, Profiles: []Part{}, Failures: []Finding{},
	}
}

// add takes in the result of one more shard.
func (r *Report) add(result Left) {
	if result.Interrupted {
		r.Interrupted = append(r.Interrupted, result.Shard)
	}
	if result.Broken != "" {
		r.Broken = append(r.Broken, fmt.Sprintf("shard %s: %s", result.Shard, result.Broken))
	}
	seconds := 0.0
	for i := range result.Profiles {
		part := &result.Profiles[i]
		seconds += part.WallSeconds
		r.Goals.Merge(part.Goals)
		r.profile(part.Profile).add(part)
	}
	r.Seconds = max(r.Seconds, seconds)
	for i := range result.Failures {
		r.addFailure(result, &result.Failures[i])
	}
	if result.Bugs != nil {
		if r.Bugs == nil {
			r.Bugs = &Bugs{}
		}
		r.Bugs.Rows = append(r.Bugs.Rows, result.Bugs.Rows...)
		for _, problem := range result.Bugs.Problems {
			if !slices.Contains(r.Bugs.Problems, problem) {
				r.Bugs.Problems = append(r.Bugs.Problems, problem)
			}
		}
		r.Bugs.Seconds = max(r.Bugs.Seconds, result.Bugs.Seconds)
	}
}

// profile returns the part of a profile, which is made when needed.
func (r *Report) profile(name string) *Part {
	for i := range r.Profiles {
		if r.Profiles[i].Profile == name {
			return &r.Profiles[i]
		}
	}
	r.Profiles = append(r.Profiles, Part{Profile: name, Ways: []Way{}, GaveUp: []GaveUp{}})
	return &r.Profiles[len(r.Profiles)-1]
}

// add adds what another shard has done under the same profile.
func (p *Part) add(other *Part) {
	p.Seeds += other.Seeds
	p.Steps += other.Steps
	p.WallSeconds += other.WallSeconds
	p.Violations += other.Violations
	p.Unknown += other.Unknown
	p.Faults.Merge(other.Faults)
	p.Goals.Merge(other.Goals)
	for _, way := range other.Ways {
		i := slices.IndexFunc(p.Ways, func(w Way) bool { return w.Signature == way.Signature })
		if i < 0 {
			p.Ways = append(p.Ways, way)
		} else {
			p.Ways[i].Runs += way.Runs
		}
	}
	p.GaveUp = append(p.GaveUp, other.GaveUp...)
	p.GaveUp = p.GaveUp[:min(len(p.GaveUp), gaveUpMax)]
}

// addFailure takes in a failure that a shard has found. Of several shards, the smallest run is shown.
func (r *Report) addFailure(result Left, failure *Failure) {
	i := slices.IndexFunc(r.Failures, func(f Finding) bool { return f.Signature == failure.Signature })
	if i < 0 {
		i = len(r.Failures)
		r.Failures = append(r.Failures, Finding{Failure: *failure, Profiles: []string{}, Dir: result.Dir})
	}
	f := &r.Failures[i]
	repeats := f.Repeats && failure.Repeats
	if failure.smaller(&f.Failure) {
		f.Failure, f.Dir = *failure, result.Dir
	}
	f.Repeats = repeats
	f.Shards = append(f.Shards, result.Shard.Index)
	for p := range result.Profiles {
		for _, way := range result.Profiles[p].Ways {
			if way.Signature != failure.Signature {
				continue
			}
			f.Runs += way.Runs
			if name := result.Profiles[p].Profile; !slices.Contains(f.Profiles, name) {
				f.Profiles = append(f.Profiles, name)
			}
		}
	}
}

// smaller reports whether a failure is easier to understand than another.
func (f *Failure) smaller(other *Failure) bool {
	if f.Small == nil || other.Small == nil {
		return f.Small != nil
	}
	a, b := f.Small, other.Small
	return cmp.Or(cmp.Compare(a.Faults, b.Faults), cmp.Compare(a.Reviews, b.Reviews), cmp.Compare(a.StoryLines, b.StoryLines), cmp.Compare(a.Steps, b.Steps)) < 0
}

// Seeds returns how many seeds the night has done.
func (r *Report) Seeds() uint64 {
	var seeds uint64
	for i := range r.Profiles {
		seeds += r.Profiles[i].Seeds
	}
	return seeds
}

// GoalsDemanded reports whether the night has run enough seeds to reach each coverage goal: see [GoalSeeds].
func (r *Report) GoalsDemanded() bool {
	var seeds uint64
	for i := range r.Profiles {
		if slices.Contains(goalProfiles, r.Profiles[i].Profile) {
			seeds += r.Profiles[i].Seeds
		}
	}
	return seeds >= GoalSeeds
}

// A Problem is why a night does not pass.
type Problem struct {
	Verdict run.Verdict `json:"verdict"`
	Text    string      `json:"text"` // a sentence without its full stop
}

// Problems are why the night does not pass, the worst first.
func (r *Report) Problems() []Problem {
	problems := []Problem{}
	add := func(verdict run.Verdict, format string, arguments ...any) {
		problems = append(problems, Problem{verdict, fmt.Sprintf(format, arguments...)})
	}
	for i := range r.Failures {
		f := &r.Failures[i]
		if !f.Repeats {
			add(run.NotDeterministic, "seed %d of profile %s did not run the same way when it was repeated", f.Seed, f.Profile)
		}
		if f.State != Gone {
			state := ""
			if f.State != "" {
				state = " (" + string(f.State) + ")"
			}
			add(run.Violated, "violated: %s%s", f.Signature, state)
		}
	}
	if missing := r.Goals.Missing(); len(missing) > 0 && r.GoalsDemanded() {
		add(run.Violated, "never reached: %s", strings.Join(missing, ", "))
	}
	if r.Bugs != nil {
		for _, bug := range r.Bugs.Rows {
			if bug.Problem != "" {
				add(run.Violated, "bug %s", bug.Problem)
			}
		}
		for _, problem := range r.Bugs.Problems {
			add(run.Violated, "table of bugs: %s", problem)
		}
	}
	for i := range r.Profiles {
		if p := &r.Profiles[i]; p.Unknown > 0 {
			first := ""
			if len(p.GaveUp) > 0 {
				first = fmt.Sprintf(", such as %d (%s)", p.GaveUp[0].Seed, p.GaveUp[0].Check)
			}
			add(run.Unknown, "a check gave up on %d of %d seeds of profile %s%s", p.Unknown, p.Seeds, p.Profile, first)
		}
	}
	for _, broken := range r.Broken {
		add(run.Unknown, "%s", broken)
	}
	for _, shard := range r.Missing {
		add(run.Unknown, "shard %s has left no result", shard)
	}
	for _, shard := range r.Interrupted {
		add(run.Unknown, "shard %s was interrupted before it had done all", shard)
	}
	if r.Seeds() == 0 {
		add(run.Unknown, "no seed was done")
	}
	slices.SortStableFunc(problems, func(a, b Problem) int { return cmp.Compare(b.Verdict, a.Verdict) })
	return problems
}

// Verdict is the worst of the problems; pass if there is none.
func (r *Report) Verdict() run.Verdict {
	verdict := run.Pass
	for _, problem := range r.Problems() {
		verdict = verdict.Worse(problem.Verdict)
	}
	return verdict
}
