// Package run defines a simulated run of any system under simulation.
//
// A [World] simulates the system: its method Run takes a [Spec], which decides the run completely, and returns a
// [Result]. All other packages of the simulator use only these types, so they work for any world. They run many seeds
// ([github.com/onceover/onceover/sim/campaign]), run them as tests ([github.com/onceover/onceover/sim]), and explain a
// failure ([github.com/onceover/onceover/sim/explain]).
//
// # What a world reports
//
// While it runs, a world calls the functions of its Spec that are not nil: Trace with a [Line] for each thing that
// happens, OnMessage with each [Message] between two parties, OnState with each [State] that a picture draws as a bar,
// and OnDecision with each decision. A line has facts beside its text, such as its subject, the injected fault and its
// weight in a story. No code reads the text, so every sentence can be reworded.
//
// A run that violates a property has a [Violation]. The property and the cause are identifiers. Together they are its
// signature, which stays the same while a minimiser makes the run smaller.
//
// # What a world may add
//
// A world that implements [Describer] has a [Vocabulary]: fault profiles, properties, coverage goals, and the classes
// of decisions that a minimiser may simplify ([Simplification]). A world that implements [Historian] records the history
// of its latest run. Both are optional.
//
// # Replay files
//
// A [Replay] records a run in a file: its seed, profile and overrides, and its result.
//
// The package imports only the kernel and the standard library, so a world of another system links none of this
// module's engine. Package [github.com/onceover/onceover/sim/counter] is an example.
package run
