package runner

import (
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// A Summary is what onceover run --json prints. Seeds and hashes are strings, because JSON numbers lose bits above
// 2^53 in jq and JavaScript.
type Summary struct {
	Verdict run.Verdict `json:"verdict"`
	Profile string      `json:"profile"`
	From    uint64      `json:"from,string"` // the first seed
	// Bug is what the engine was broken with; empty for the engine as it is.
	Bug string `json:"bug"`
	// Version is that of the program, as [run.EngineVersion] returns it.
	Version     string `json:"version"`
	Interrupted bool   `json:"interrupted"` // before all seeds were finished

	Seeds          uint64     `json:"seeds"`
	Steps          uint64     `json:"steps"`
	Operations     uint64     `json:"operations"`
	VirtualSeconds float64    `json:"virtual_seconds"`
	WallSeconds    float64    `json:"wall_seconds"`
	StepsPerSecond float64    `json:"steps_per_second"`
	SeedsPerMinute float64    `json:"seeds_per_minute"`
	Violations     uint64     `json:"violations"`
	Unknown        uint64     `json:"unknown"`
	Store          Store      `json:"store"`
	Faults         run.Counts `json:"faults"`
	Goals          run.Counts `json:"goals"`
	Inputs         run.Counts `json:"inputs"`   // values drawn, by class
	Failures       []Failure  `json:"failures"` // the lowest seeds, in order
	Ways           []Way      `json:"ways"`     // in which seeds fail, the most frequent first
	TraceHash      string     `json:"trace_hash"`
}

// A Store is what carried out the statements of a campaign.
type Store struct {
	Name   string  `json:"name"`            // model or postgres
	Found  string  `json:"found,omitempty"` // how: url, docker or local
	Server string  `json:"server,omitempty"`
	Runs   *uint64 `json:"runs,omitempty"`  // on a real store
	Equal  *uint64 `json:"equal,omitempty"` // of these, that were the same as on the model
}

// A Way is one way to fail, with the lowest seed that does.
type Way struct {
	Signature  string `json:"signature"`
	Runs       uint64 `json:"runs"`
	Seed       uint64 `json:"seed,string"`
	ReplayFile string `json:"replay_file"`
}

// A Failure is a run in which a property was violated.
type Failure struct {
	Seed       uint64 `json:"seed,string"`
	Property   string `json:"property"`
	Signature  string `json:"signature"`
	Faults     uint64 `json:"faults"` // that were injected in the run
	Steps      uint64 `json:"steps"`
	ReplayFile string `json:"replay_file"`
}

// NewSummary returns the summary of a campaign that ran on a store. replayFile returns the path of a seed's replay file.
func NewSummary(s *campaign.Summary, store Store, replayFile func(seed uint64) string) *Summary {
	j := &Summary{
		Verdict:        s.Verdict(),
		Profile:        s.Profile,
		From:           s.From,
		Version:        run.EngineVersion(),
		Interrupted:    s.Interrupted,
		Seeds:          s.Seeds,
		Steps:          s.Steps,
		Operations:     s.Operations,
		VirtualSeconds: s.VirtualSeconds(),
		WallSeconds:    s.Wall.Seconds(),
		StepsPerSecond: s.StepsPerSecond(),
		SeedsPerMinute: s.SeedsPerMinute(),
		Violations:     s.Violations,
		Unknown:        s.Unknown,
		Store:          store,
		Faults:         s.Faults,
		Goals:          s.Goals,
		Inputs:         s.Inputs,
		Failures:       []Failure{},
		Ways:           []Way{},
		TraceHash:      run.FormatHash(s.TraceHash),
	}
	for _, way := range s.Signatures {
		seed := way.First.Seed
		j.Ways = append(j.Ways, Way{way.First.Violation.Signature(), way.Runs, seed, replayFile(seed)})
	}
	for _, failure := range s.Failures {
		j.Failures = append(j.Failures, Failure{
			Seed:       failure.Seed,
			Property:   failure.Violation.Property,
			Signature:  failure.Violation.Signature(),
			Faults:     failure.Faults.Total(),
			Steps:      failure.Steps,
			ReplayFile: replayFile(failure.Seed),
		})
	}
	return j
}

// Smaller reports whether a failure is easier to understand than another: it has fewer faults, and then fewer steps.
func (f *Failure) Smaller(other *Failure) bool {
	switch {
	case f.Faults != other.Faults:
		return f.Faults < other.Faults
	case f.Steps != other.Steps:
		return f.Steps < other.Steps
	}
	return f.Seed < other.Seed
}
