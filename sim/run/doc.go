// Package run defines what one simulated run is, for any system under simulation.
//
// A [World] is the system: it takes a [Spec], which decides a run completely, and returns a [Result]. Everything else
// in the simulator speaks these words and no others, so it works for any world: many seeds at once
// ([github.com/onceover/onceover/sim/campaign]), tests ([github.com/onceover/onceover/sim]), and the explanation of a
// failure ([github.com/onceover/onceover/sim/explain]).
//
// # What a world reports
//
// A world calls the functions of its Spec while it runs, those that are not nil: Trace with a [Line] for each thing
// that happened, OnMessage with each [Message] between two parties, OnState with each [State] that a picture draws as
// a bar, and OnDecision with each decision. Lines carry facts beside their text: which subject they are about, which
// fault was injected, how much they matter. No code reads the text, so every sentence can be reworded.
//
// A run that violates a property has a [Violation]. Its property and cause are identifiers; together they are its
// signature, which stays the same while the run is made smaller.
//
// # What a world may add
//
// A world that implements [Describer] names its vocabulary: fault profiles, properties, coverage goals, and the
// classes of decisions that a minimiser may take away ([Simplification]). One that implements [Historian] draws the
// history of its latest run. Both are optional.
//
// # Replay files
//
// A [Replay] is a run written down: seed, profile, overridden decisions, and what was found.
//
// The package imports the kernel and the standard library, so a world of one's own links nothing of this module's
// engine. Package [github.com/onceover/onceover/sim/counter] is an example.
package run
