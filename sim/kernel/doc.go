// Package kernel is a deterministic simulation kernel: coroutines, virtual time, seeded decisions, a trace hash.
package kernel
