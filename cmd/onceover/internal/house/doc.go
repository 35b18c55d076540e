// Package house holds the rules of this project for its own source, as far as a machine can check them. Its tests apply
// the rules to the module, so that go test ./... enforces them. Every rule has a test in which it fires.
//
//   - [Rules] and [Check]: which package may import which, each with the reason
//   - [Places]: where Go source may stand
//   - [Tidy]: what has to have a comment
//   - [Size]: how long a file is
//   - [Prose]: facts decide, not the words of a text; with a list of exceptions, each with its reason
//   - [DeadReferences] and the test of comments: links, paths and identifiers in documents and comments exist
//
// It stands in internal because the rules are about this module as a whole, and nobody else has a use for them. The
// analyzer for determinism, which anybody can run on their own code, is a command: cmd/deterministic.
//
// Imports point one way:
//
//	engine ← checker ← sim ← cmd
//
// Packages sim and cmd may use faults, and the checker the catalogue alone. The engine knows neither the simulator nor
// a driver, so the same code runs with both.
//
// The rules for imports are about production code. A test may import what it needs: the conformance test of a driver
// may well use a model of the checker.
package house
