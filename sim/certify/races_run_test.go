package certify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
	"github.com/onceover/onceover/sim/run"
)

// onlyScenario returns the scenario with a name, in a list.
func onlyScenario(t *testing.T, name string) []scenario {
	t.Helper()
	for _, s := range scenarios() {
		if s.name == name {
			return []scenario{s}
		}
	}
	t.Fatalf("no scenario %s", name)
	return nil
}

// TestPostgresIsLinearizable plays all scenarios on the production stores.
func TestPostgresIsLinearizable(t *testing.T) {
	t.Parallel()
	rounds := 30
	if testing.Short() {
		rounds = 6
	}
	report, err := Races(t.Context(), pgserver.ForTest(t).CreateDatabase, RacesOptions{Seed: 1, Rounds: rounds})
	if err != nil {
		t.Fatal(err)
	}
	if f := report.Failure; f != nil {
		t.Fatal(f)
	}
	for _, c := range report.Scenarios {
		t.Logf("%-28s %4d rounds %5d operations %4d ambiguous %4d concurrent", c.Scenario, c.Rounds, c.Operations, c.Ambiguous, c.Concurrent)
		// A scenario in which rivals never meet shows nothing.
		if c.Concurrent < c.Rounds/2 {
			t.Errorf("%s: operations overlapped in %d of %d rounds only", c.Scenario, c.Concurrent, c.Rounds)
		}
	}
	if report.Ambiguous == 0 {
		t.Error("no operation was given up, so nothing was shown about lost answers")
	}
}

// TestBrokenStatementsAreNoticed removes locks and predicates from the SQL. A predicate is replaced by one that always
// holds, because the server needs to know the type of each parameter.
func TestBrokenStatementsAreNoticed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name             string
		scenario         string
		pattern, instead string
	}{
		{
			name: "claims of an owner are not serialised", scenario: "claims-under-one-limit",
			pattern: `pg_advisory_xact_lock\(1, hashtext\((\$\d+)\)\)`, instead: `hashtext($1)`,
		},
		{
			name: "submissions of an owner are not serialised", scenario: "heads-of-one-pull-request",
			pattern: `(/\* reviews/submit \*/ SELECT) pg_advisory_xact_lock\(1, hashtext\((\$\d+)\)\)`, instead: `${1} hashtext(${2})`,
		},
		{
			name: "takeovers are not serialised", scenario: "hosts-that-suspect-each-other",
			pattern: `(/\* journal/hold \*/ SELECT) pg_advisory_xact_lock\(2, 0\)`, instead: `${1} 1`,
		},
		{
			name: "takeovers do not wait for writes", scenario: "takeovers-against-the-outbox",
			pattern: `(?s)(/\* journal/hold \*/.*)FOR UPDATE`, instead: `${1}`,
		},
		{
			name: "takeovers do not wait for the writes of those that gave up", scenario: "takeovers-against-the-outbox",
			pattern: `(?s)(/\* journal/hold \*/ WITH locked AS MATERIALIZED \(\s+SELECT\s+FROM \(\s+SELECT '')`, instead: `${1} WHERE false`,
		},
		{
			name: "a cancellation does not wait for reports", scenario: "cancel-against-start",
			pattern: `(?s)(/\* reviews/cancel \*/.*?)FOR UPDATE`, instead: `${1}`,
		},
		{
			name: "a claim without its predicate", scenario: "claims-of-one-review",
			pattern: `attempt = \$\d+ AND claim = \$\d+ AND status IN [^A-Z]* AND stopping = 0\s+AND \(due_at [^)]*\)`, instead: `(${0}) IS NOT NULL`,
		},
		{
			name: "a journal write without its fence", scenario: "takeover-against-zombie",
			pattern: `AND ((o\.)?epoch = \$\d+)`, instead: `AND (${1}) IS NOT NULL`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			broken, err := pgwire.NewRewrite(test.pattern, test.instead)
			if err != nil {
				t.Fatal(err)
			}
			var noticed *RaceFailure
			for seed := uint64(0); noticed == nil && seed < 10; seed++ {
				report, err := Races(t.Context(), pgserver.ForTest(t).CreateDatabase, RacesOptions{
					Seed: seed, Rounds: 30, Rewrites: []*pgwire.Rewrite{broken}, scenarios: onlyScenario(t, test.scenario),
				})
				if err != nil {
					t.Fatal(err)
				}
				noticed = report.Failure
			}
			if noticed == nil || noticed.Verdict != run.Violated {
				t.Fatalf("not noticed in 300 rounds: %v", noticed)
			}
			for _, part := range []string{"not linearizable: " + test.scenario, "the longest order", "no order has a place"} {
				if !strings.Contains(noticed.String(), part) {
					t.Errorf("%q does not stand in the failure:\n%s", part, noticed)
				}
			}
			t.Logf("noticed in round %d:\n%s", noticed.Round, noticed)
		})
	}
}

// TestRacesEndWithTheirContext cancels races between two rounds.
func TestRacesEndWithTheirContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	_, err := Races(ctx, pgserver.ForTest(t).CreateDatabase, RacesOptions{Rounds: 1000, OnProgress: func(done, total int) {
		if rounds++; rounds == 3 {
			cancel()
		}
		if done != rounds || total != 1000*len(scenarios()) {
			t.Errorf("round %d is reported as %d of %d", rounds, done, total)
		}
	}})
	if !errors.Is(err, context.Canceled) || rounds > 4 {
		t.Errorf("%v after %d rounds", err, rounds)
	}
}
