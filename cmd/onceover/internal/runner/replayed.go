package runner

import (
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A Replayed is what onceover replay --json prints. Seeds and hashes are strings, because JSON numbers lose bits above
// 2^53 in jq and JavaScript.
type Replayed struct {
	Seed             uint64       `json:"seed,string"`
	Profile          string       `json:"profile"`
	Verdict          run.Verdict  `json:"verdict"`
	TraceHash        string       `json:"trace_hash"`
	Store            *Store       `json:"store,omitempty"` // a real one
	Steps            uint64       `json:"steps"`
	VirtualSeconds   float64      `json:"virtual_seconds"`
	Violation        *Violation   `json:"violation"`
	Unknown          string       `json:"unknown,omitempty"`
	OverridesApplied int          `json:"overrides_applied"`
	Recorded         string       `json:"recorded,omitempty"` // how it relates to the violation in the file
	Determinism      *Determinism `json:"determinism,omitempty"`
}

// A Violation is the property that a run violates.
type Violation struct {
	Property  string  `json:"property"`
	Signature string  `json:"signature"`
	Message   string  `json:"message"`
	AtSeconds float64 `json:"at_seconds"` // of virtual time
}

// A Determinism is what repeating a run showed.
type Determinism struct {
	Runs         uint64 `json:"runs"`
	Equal        bool   `json:"equal"`
	Differs      string `json:"differs,omitempty"` // the circumstances
	OtherHash    string `json:"other_trace_hash,omitempty"`
	ExpectedLine *Line  `json:"expected_line,omitempty"`
	GotLine      *Line  `json:"got_line,omitempty"`
}

// A Line is one line of a trace.
type Line struct {
	Step      uint64  `json:"step"`
	AtSeconds float64 `json:"at_seconds"`
	Actor     string  `json:"actor"`
	Text      string  `json:"text"`
}

// NewReplayed returns what a recorded run came to when it was run again. store is nil for the model.
func NewReplayed(recorded *run.Replay, outcome run.Result, store *Store) *Replayed {
	j := &Replayed{
		Seed:             recorded.Seed,
		Profile:          recorded.Profile,
		Verdict:          outcome.Verdict,
		TraceHash:        run.FormatHash(outcome.Hash),
		Store:            store,
		Steps:            outcome.Steps,
		VirtualSeconds:   outcome.Virtual.Seconds(),
		Unknown:          outcome.Unknown,
		OverridesApplied: outcome.Overrides,
	}
	if v := outcome.Violation; v != nil {
		j.Violation = &Violation{v.Property, v.Signature(), v.Message, v.At.Seconds()}
	}
	if recorded.Signature != "" {
		j.Recorded = recorded.Compare(outcome).String()
	}
	return j
}

// Repeated adds that the run was repeated a number of times, and where a repetition differed; nil if none did.
func (r *Replayed) Repeated(runs uint64, m *campaign.Mismatch) {
	r.Determinism = &Determinism{Runs: runs, Equal: m == nil}
	if m != nil {
		r.Verdict = run.NotDeterministic
		r.Determinism.Differs = m.Circumstances
		r.Determinism.OtherHash = run.FormatHash(m.Other.Hash)
		r.Determinism.ExpectedLine = newLine(m.Expected)
		r.Determinism.GotLine = newLine(m.Got)
	}
}

func newLine(line *run.Line) *Line {
	if line == nil {
		return nil
	}
	return &Line{line.Step, line.At.Seconds(), line.Actor, line.Text}
}

// A Minimised is what onceover replay --minimise --json prints. The seed is a string, as in [Replayed].
type Minimised struct {
	Seed          uint64       `json:"seed,string"`
	Profile       string       `json:"profile"`
	Verdict       run.Verdict  `json:"verdict"`
	Signature     string       `json:"signature"`
	Property      string       `json:"property"`
	Message       string       `json:"message"`
	FaultsBefore  int          `json:"faults_before"`
	FaultsAfter   int          `json:"faults_after"`
	ReviewsBefore int          `json:"reviews_before"`
	ReviewsAfter  int          `json:"reviews_after"`
	OwnersBefore  int          `json:"owners_before"`
	OwnersAfter   int          `json:"owners_after"`
	EventsBefore  int          `json:"events_before"`
	EventsAfter   int          `json:"events_after"`
	StepsBefore   uint64       `json:"steps_before"`
	StepsAfter    uint64       `json:"steps_after"`
	StoryLines    int          `json:"story_lines"`
	Runs          int          `json:"runs"`
	WallSeconds   float64      `json:"wall_seconds"`
	Complete      bool         `json:"complete"` // false: ended early, so less may do
	ReplayFile    string       `json:"replay_file"`
	Necessary     []kernel.Key `json:"necessary"` // decisions of the misfortunes that the failure needs
	Story         []Entry      `json:"story"`
}

// An Entry is one line of the story of a failure.
type Entry struct {
	AtSeconds float64 `json:"at_seconds"`
	Actor     string  `json:"actor"`
	Text      string  `json:"text"`
	Fault     bool    `json:"fault"`
	Necessary bool    `json:"necessary"`
	Count     int     `json:"count"`
}
