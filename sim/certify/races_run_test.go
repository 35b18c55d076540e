package certify_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
	"github.com/onceover/onceover/sim/certify"
)

// database returns the URL of an empty database.
func emptyDatabase(t *testing.T) string {
	t.Helper()
	return pgserver.ForTest(t).Database(t)
}

// scenario returns the one with that name.
func scenario(t *testing.T, name string) []certify.Scenario {
	t.Helper()
	for _, s := range certify.Scenarios() {
		if s.Name == name {
			return []certify.Scenario{s}
		}
	}
	t.Fatalf("no scenario %s", name)
	return nil
}

func TestPostgresIsLinearizable(t *testing.T) {
	rounds := 30
	if testing.Short() {
		rounds = 6
	}
	report, err := certify.Races(t.Context(), certify.RacesConfig{URL: emptyDatabase(t), Seed: 1, Rounds: rounds}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Counts {
		t.Logf("%-28s %4d rounds %5d operations %4d ambiguous %4d concurrent", c.Scenario, c.Rounds, c.Operations, c.Ambiguous, c.Concurrent)
		// Where rivals never met nothing was shown.
		if c.Concurrent < c.Rounds/2 {
			t.Errorf("%s: operations overlapped in %d of %d rounds only", c.Scenario, c.Concurrent, c.Rounds)
		}
	}
	if total := report.Total(); total.Ambiguous == 0 {
		t.Error("no operation was given up, so nothing was shown about lost answers")
	}
}

// What somebody might delete from the SQL, and what notices. A predicate is made one that always holds, rather than
// deleted, because the server wants to know the type of every parameter.
func TestBrokenStatementsAreNoticed(t *testing.T) {
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
			name: "takeovers are not serialised", scenario: "takeover-against-zombie",
			pattern: `(/\* journal/hold \*/ SELECT) pg_advisory_xact_lock\(2, 0\)`, instead: `${1} 1`,
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
			var violation *certify.RaceViolation
			for seed := range uint64(10) {
				_, err = certify.Races(t.Context(), certify.RacesConfig{
					URL: emptyDatabase(t), Seed: seed, Rounds: 30, Scenarios: scenario(t, test.scenario), Rewrites: []*pgwire.Rewrite{broken},
				}, nil)
				if err != nil {
					break
				}
			}
			if !errors.As(err, &violation) {
				t.Fatalf("not noticed in 300 rounds: %v", err)
			}
			for _, part := range []string{"not linearizable: " + test.scenario, "the longest order", "no order has a place"} {
				if !strings.Contains(violation.Error(), part) {
					t.Errorf("the violation does not say %q:\n%s", part, violation)
				}
			}
			t.Logf("noticed in round %d:\n%s", violation.Round, violation)
		})
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rounds := 0
	_, err := certify.Races(ctx, certify.RacesConfig{URL: emptyDatabase(t), Rounds: 1000}, func(certify.RacesReport) {
		if rounds++; rounds == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || rounds > 4 {
		t.Errorf("%v after %d rounds", err, rounds)
	}
}
