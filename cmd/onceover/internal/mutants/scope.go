package mutants

import "slices"

// A Scope is a part of the module that is mutated, and reported by itself.
type Scope struct {
	// Name is what the scope is called on the command line.
	Name string
	// Sentence describes what it covers.
	Sentence string
	// Directory is its package, from the module's root.
	Directory string
	// Files are the names of its files; without any, all are covered.
	Files []string
	// Spared are functions, or whole types (with a dot at the end), that are not mutated, each with the reason.
	Spared map[string]string
}

// Reasons for which functions are spared.
const (
	beforeTheWorld = "decided before a deployment starts; tables in its tests are about it"
	wiring         = "hands over what a component is made of; without it nothing starts"
	forPeople      = "text that only people read"
	input          = "refuses what no client of the simulated world sends; tables in its tests are about it"
	wire           = "codec of the wire, with its own round-trip tests"
	recovers       = "recover works only in the function that is deferred, and what is deferred here calls a mutant"
	bookkeeping    = "memory of the model, no rule of the store; its property tests are about it"
)

// Scopes returns the scopes: the engine's core, and the simulated stores, where the fences and predicates of database
// and journal stand. The slice is the caller's.
func Scopes() []Scope {
	return []Scope{
		{
			Name: "engine", Sentence: "the engine's core", Directory: "engine",
			Files: []string{
				"app.go", "config.go", "dispatcher.go", "errors.go", "gate.go", "host.go", "meter.go",
				"orchestrator.go", "orchestrator_session.go", "refusals.go", "resume.go", "review.go", "runtime.go",
				"store.go", "sweep.go", "timing.go", "worker.go",
			},
			Spared: map[string]string{
				"NewApp": wiring, "NewDispatcher": wiring, "NewHost": wiring,
				"AppConfig.WithDefaults": beforeTheWorld, "AppConfig.Validate": beforeTheWorld,
				"WorkerConfig.WithDefaults": beforeTheWorld, "WorkerConfig.Validate": beforeTheWorld,
				"validateOwnerLimits": beforeTheWorld, "sortedOwners": beforeTheWorld,
				"upTo": beforeTheWorld, "between": beforeTheWorld,
				"ConfigError.": forPeople, "Error.Error": forPeople, "ErrorKind.String": forPeople,
				"Submission.validate": input,
				"ParseStatus":         wire, "Status.String": wire, "Status.MarshalText": wire, "Status.UnmarshalText": wire,
				"EventKind.String": wire, "EventKind.MarshalText": wire, "EventKind.UnmarshalText": wire,
			},
		},
		{
			Name: "store", Sentence: "the simulated database and journal", Directory: "checker/model",
			Files: []string{
				"reviews_dispatch.go", "reviews_progress.go", "reviews_submit.go", "reviews_sweep.go",
				"journal_leases.go", "journal_progress.go",
			},
			Spared: map[string]string{"searchHeartbeat": bookkeeping},
		},
	}
}

// Excused returns the files of the mutated packages that are in no scope, by their paths, each with the reason.
func Excused() map[string]string {
	return map[string]string{"engine/doc.go": "the comment of the package, without code"}
}

// covers reports whether a file of the scope's package is mutated.
func (s *Scope) covers(name string) bool { return len(s.Files) == 0 || slices.Contains(s.Files, name) }

// spares reports whether a function of the scope is not mutated.
func (s *Scope) spares(function string) bool {
	if _, spared := s.Spared[function]; spared {
		return true
	}
	for i := range function {
		if function[i] == '.' {
			_, spared := s.Spared[function[:i+1]]
			return spared
		}
	}
	return false
}
