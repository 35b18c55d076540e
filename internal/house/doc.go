// Package house holds the rules of this project for its own source, as far as a machine can check them: which package
// may import which ([Rules], [Check]), where Go source may stand ([Places]), and the form of files and comments
// ([Tidy]). Its tests apply the rules to the module, so that go test ./... enforces them. Every rule gives the reason
// for which it exists, and has a test in which it fires.
//
// It stands in internal because the rules are about this module as a whole and nobody else has a use for them. The
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
