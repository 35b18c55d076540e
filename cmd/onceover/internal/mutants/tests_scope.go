package mutants

import (
	"slices"
	"strconv"
	"strings"
)

// TestedScopes returns the scopes that tests judge: what of the engine's core the simulation does not reach, and the
// packages around it, each by its own tests. The slice is the caller's.
func TestedScopes() []Scope {
	return []Scope{
		{
			Name: "rim", Sentence: "the core's bounds, its guards, and what operators see", Directory: "engine",
			Files:  []string{"cause.go", "guard.go", "guarded_ports.go", "inspection.go", "limits.go", "operator.go", "waits.go"},
			Spared: map[string]string{"guard.caught": recovers},
		},
		{Name: "httpapi", Sentence: "APIs and clients over HTTP", Directory: "engine/httpapi"},
		{Name: "live", Sentence: "the runtime of production", Directory: "engine/live"},
		{Name: "postgres", Sentence: "the stores on Postgres, but for their SQL", Directory: "engine/postgres"},
	}
}

// AllScopes returns all scopes, in the order in which reports list them. The slice is the caller's.
func AllScopes() []Scope {
	return slices.Concat(Scopes(), TestedScopes(), []Scope{SQLScope()})
}

// allOperators returns the operators of Go and of SQL.
func allOperators() []Operator {
	all := Operators()
	for _, operator := range SQLOperators() {
		if !slices.ContainsFunc(all, func(o Operator) bool { return o.Name == operator.Name }) {
			all = append(all, operator)
		}
	}
	return all
}

// A Trial is one run of a program that judges mutants: the tests of a package, or the certificate.
type Trial struct {
	// Name is what reports call it.
	Name string
	// Package holds the tests, from the module's root. Without one, it is the command that runs.
	Package string
	// Scope is whose mutants it judges, and Of begins the names of their files. Each may be empty.
	Scope, Of string
	Arguments []string
}

// Judges reports whether the trial is one for a mutant: not for those that are refused.
func (t *Trial) Judges(m Mutant) bool {
	return m.Refused == "" && (t.Scope == "" || t.Scope == m.Scope) && strings.HasPrefix(m.File, t.Of)
}

// Tests of engine/postgres that take long: those that compare plans, those of the contracts, those that wait for a limit
// to run out, and those of what may stand between the store and its server.
const (
	plans     = "Plans(Are|Outlive)"
	contracts = "FollowTheContract|Constraints"
	waits     = "ThatStall|StoppedHost"
	units     = "^Test(Classify|Parse|Operations|Signed|SetupErrorIsOneLine|Sessions|SettingsOfTrans|Signs|ErrorsOf|MissingRights|" +
		"PausesOfTheDefault|ConnectionsThatFail|TriesOf|OptionsOf|ConfigurationOf)"
	lockstep = "InLockstepWithModel|InLockstepByCase"
	poolers  = "Pooler|Failover|TornApart"
)

// testsOf returns what judges mutants of Go: the tests of their package, the quick ones first.
func testsOf(scope *Scope) []Trial {
	trial := func(name string, arguments ...string) Trial {
		return Trial{Name: name, Package: scope.Directory, Scope: scope.Name, Arguments: arguments}
	}
	if scope.Directory != postgresDirectory {
		return []Trial{trial("tests of " + scope.Directory)}
	}
	return []Trial{
		trial("tests without a server", "-test.run", units),
		trial("lockstep, shortly", "-test.run", lockstep, "-rapid.checks=20", "-rapid.seed=1"),
		trial("tests of "+scope.Directory, "-test.skip", plans+"|"+contracts+"|"+waits+"|"+poolers, "-rapid.checks=20"),
		trial("contracts", "-test.run", contracts),
		trial("waits", "-test.run", waits),
		trial("poolers", "-test.run", poolers),
		trial("plans", "-test.run", plans),
	}
}

const postgresDirectory = "engine/postgres"

// TestTrials returns what the mutants of [TestedScopes] have to get through.
func TestTrials() []Trial {
	var all []Trial
	scopes := TestedScopes()
	for i := range scopes {
		all = append(all, testsOf(&scopes[i])...)
	}
	return all
}

// SQLTrials returns what the mutants of the SQL have to get through, from cheap to dear: the tests that compare the
// store with the model operation by operation, its contract, its other tests, the plans of its statements, the
// comparison again with the given number of histories, and the certificate.
func SQLTrials(draws uint64) []Trial {
	var all []Trial
	for _, port := range []struct{ folder, tests string }{{"reviews/", "TestReviews"}, {"journal/", "TestJournal"}} {
		add := func(name string, arguments ...string) {
			all = append(all, Trial{Name: name, Package: postgresDirectory, Of: sqlDirectory + "/" + port.folder, Arguments: arguments})
		}
		lockstep := "^" + port.tests + "InLockstep"
		add("lockstep, shortly", "-test.run", lockstep, "-rapid.checks=100", "-rapid.seed=1")
		add("contract", "-test.run", "^"+port.tests+".*Contract")
		add("other tests", "-test.skip", "InLockstep|"+plans+"|"+contracts+"|"+poolers)
		add("plans", "-test.run", plans)
		add("lockstep", "-test.run", lockstep, "-rapid.checks="+strconv.FormatUint(draws, 10), "-rapid.seed=2")
	}
	return append(all, Trial{Name: "certificate", Of: sqlDirectory + "/", Arguments: []string{"certify", "--json"}})
}
