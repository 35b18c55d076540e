package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/mutants"
)

// Groups of scopes: those that the simulation judges, and those of Go that tests judge.
const (
	scopeCore    = "core"
	scopeOutside = "outside"
)

// scopeFlag is a scope of mutants by name, or a group of them.
type scopeFlag string

func (f *scopeFlag) String() string { return string(*f) }
func (f *scopeFlag) Type() string   { return "SCOPE" }
func (f *scopeFlag) Set(name string) error {
	names := append([]string{scopeCore, scopeOutside}, scopeNames(mutants.AllScopes())...)
	if !slices.Contains(names, name) {
		return fmt.Errorf("allowed are %s", strings.Join(names, ", "))
	}
	*f = scopeFlag(name)
	return nil
}

func scopeNames(scopes []mutants.Scope) []string {
	names := make([]string, len(scopes))
	for i := range scopes {
		names[i] = scopes[i].Name
	}
	return names
}

// covers reports whether the flag chooses a scope.
func (f *scopeFlag) covers(scope string) bool {
	switch string(*f) {
	case scope:
		return true
	case scopeCore:
		return slices.Contains(scopeNames(mutants.Scopes()), scope)
	case scopeOutside:
		return slices.Contains(scopeNames(mutants.TestedScopes()), scope)
	}
	return false
}

// simulated reports whether the simulation judges what the flag chooses, and isSQL whether that is the SQL.
func (f *scopeFlag) simulated() bool {
	return slices.ContainsFunc(mutants.Scopes(), func(s mutants.Scope) bool { return f.covers(s.Name) })
}
func (f *scopeFlag) isSQL() bool { return f.covers(mutants.SQLScope().Name) }
