package explain

import (
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A Failure is a failing run, explained: what it violates, and how a run as small as possible comes to that.
type Failure struct {
	Facts
	// Spec is what was explained: the specification that was given or, of a minimised failure, the same one with other
	// overrides. It has no observers.
	Spec   run.Spec
	Result run.Result // of Spec

	seen      *timeline    // nil unless pictures were asked for
	other     *alternative // nil for none
	history   *run.History // nil for none
	historyOf string       // subject
}

// Replay returns the run that is explained, for a replay file.
func (f *Failure) Replay() run.Replay { return run.NewReplay(f.Spec, f.Result) }

// Facts are what is known of a failure. They can be written as JSON and read again.
type Facts struct {
	Seed       uint64         `json:"seed,string"` // a string, because JSON numbers lose bits above 2^53 in jq and JavaScript
	Profile    string         `json:"profile"`
	Properties []string       `json:"properties,omitempty"` // that were watched; empty for all
	Verdict    run.Verdict    `json:"verdict"`
	Signature  string         `json:"signature"`
	Violation  *run.Violation `json:"violation"`

	// Minimised is nil unless a smaller run was searched for.
	Minimised *Minimised `json:"minimised,omitempty"`
	// Necessary are the decisions that make the misfortunes happen which the failure needs: faults, restarts, processes
	// that do not come back. They are in the order of [run.Vocabulary].Simplifications, and then of time. Of a search
	// that ended early, some may be missing: those that it has not tried to take away.
	Necessary []kernel.Key `json:"necessary"`
	// Story is what happened, and LeftOut how many lines the trace has beyond those that the entries stand for.
	Story   []Entry `json:"story"`
	LeftOut int     `json:"left_out"`
	// PointOfNoReturn is nil unless it was searched for.
	PointOfNoReturn *PointOfNoReturn `json:"point_of_no_return,omitempty"`
}

// An Entry of a story is one thing that happened.
type Entry struct {
	At    time.Duration `json:"at"` // virtual time since the start of the run, in nanoseconds
	Actor string        `json:"actor"`
	Text  string        `json:"text"`
	// Fault: it is a misfortune. Necessary: one without which the run does not fail in this way.
	Fault     bool `json:"fault"`
	Necessary bool `json:"necessary"`
	// Count is how often it happened in a row, 1 or more; At is the first time.
	Count int `json:"count"`
}

// Minimised is what a search for the smallest run has found.
type Minimised struct {
	// Sizes are how much there was in the run that was given, and is in the smallest: faults, what the world counts
	// ([run.Result].Size), and steps.
	Sizes []Size `json:"sizes"`
	// Subject is that of the violation in the run that was given. Names stay in a smaller run, but it may fail about
	// another subject.
	Subject string `json:"subject,omitempty"`
	Runs    int    `json:"runs"`  // that the search took
	Steps   uint64 `json:"steps"` // of all these runs together
	// Complete: the search came to its end. Otherwise the context had ended or the budget was used up, and less may do.
	Complete    bool    `json:"complete"`
	WallSeconds float64 `json:"wall_seconds"`
}

// A Size is how much of something there is in a run, before and after it was minimised.
type Size struct {
	Name   string `json:"name"` // in the plural, such as "faults"
	Before uint64 `json:"before"`
	After  uint64 `json:"after"`
}

// After returns how much of something is left; 0 for what was not counted.
func (m *Minimised) After(name string) uint64 {
	for _, size := range m.Sizes {
		if size.Name == name {
			return size.After
		}
	}
	return 0
}

// Describe returns the facts of a result that nothing more is known of: a failure that does not repeat, or one that
// nobody has explained.
func Describe(spec run.Spec, result run.Result) Facts {
	var f Facts
	f.describe(spec, &result, &run.Vocabulary{})
	return f
}

func (f *Facts) describe(spec run.Spec, result *run.Result, words *run.Vocabulary) {
	f.Seed, f.Profile, f.Properties, f.Verdict = spec.Seed, spec.Profile, spec.Properties, result.Verdict
	if f.Necessary == nil {
		f.Necessary = []kernel.Key{}
	}
	if f.Story == nil {
		f.Story = []Entry{}
	}
	if result.Violation == nil {
		return
	}
	violation := *result.Violation
	if violation.Sentence == "" {
		violation.Sentence = run.Sentence(words.Properties, violation.Property)
	}
	f.Violation, f.Signature = &violation, violation.Signature()
}
