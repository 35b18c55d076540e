// Package enginetest holds the contract of the engine's ports as tests that anybody's implementation can run.
//
// [TestRuntime] is the contract of [engine.Runtime].
package enginetest
