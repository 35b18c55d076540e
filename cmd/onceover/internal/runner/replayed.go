package runner

import (
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
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
	Recorded         string       `json:"recorded,omitempty"`    // how it relates to the violation in the file
	RecordedBy       *Engine      `json:"recorded_by,omitempty"` // if it is another one than this
	Determinism      *Determinism `json:"determinism,omitempty"`
}

// An Engine is what ran a seed.
type Engine struct {
	Version string `json:"version"` // empty if nobody knows
	Bug     string `json:"bug,omitempty"`
	Patch   string `json:"patch,omitempty"` // hash of what the bug changes
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

// NewReplayed returns what a recorded run came to when it was run again by an engine with a bug, or none. store is nil for the
// model.
func NewReplayed(recorded *run.Replay, engine run.Bug, outcome run.Result, store *Store) *Replayed {
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
	if !recorded.SameEngine(engine) {
		j.RecordedBy = &Engine{recorded.EngineVersion, recorded.Bug.Name, recorded.Bug.Patch}
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

// A Minimised is what onceover replay --minimise --json prints.
type Minimised struct {
	explain.Facts
	ReplayFile string `json:"replay_file"` // empty of a run that does not fail
}
