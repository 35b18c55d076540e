// Package testfilesincluded has a test that is looked at.
package testfilesincluded

func run(f func()) { f() }
