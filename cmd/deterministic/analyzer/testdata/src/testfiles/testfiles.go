// Package testfiles has a test that does what only tests may do.
package testfiles

func run(f func()) { f() }
