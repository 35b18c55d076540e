// Package onceover is the root of a module that is two things in one code base: a production dispatcher and
// orchestrator for code reviews, and a deterministic simulator that puts this very code through crashes, timeouts, lost
// answers and failed callbacks. Every review runs exactly once, and always finishes.
//
// The package has no code but the hash of the sources, for replay files. Start with one of these:
//
//   - [github.com/onceover/onceover/engine]: the product. The dispatcher reads from top to bottom like a story. Package
//     [github.com/onceover/onceover/engine/postgres] has its stores, [github.com/onceover/onceover/engine/httpapi] its
//     handlers and clients, and [github.com/onceover/onceover/engine/enginetest] the contracts that an implementation
//     of its ports has to keep.
//   - [github.com/onceover/onceover/sim]: the door for go test. Check runs a system under thousands of seeds, for this
//     module's engine or for a world of your own ([github.com/onceover/onceover/sim/run] defines what a world is, and
//     [github.com/onceover/onceover/sim/counter] is an example).
//   - [github.com/onceover/onceover/sim/kernel]: coroutines, virtual time and decisions, for any code.
//   - [github.com/onceover/onceover/checker]: what is verified: properties, coverage goals and linearizability.
//   - [github.com/onceover/onceover/faults]: what may go wrong.
//   - cmd/onceover: the command line.
//
// docs/ARCHITECTURE.md shows how the parts fit together and follows one review through them.
package onceover
