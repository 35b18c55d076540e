package certify_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/onceover/onceover/faults/pgwire"
	"github.com/onceover/onceover/sim/certify"
)

// fence is a comparison with the token or the epoch that a write carries.
var fence = regexp.MustCompile(`\b(claim|epoch) = @(token|seen|epoch)\b`)

// Every fence in every statement is watched: a store that lacks it is told from one that has it.
func TestEveryFenceIsWatched(t *testing.T) {
	files, err := filepath.Glob("../../engine/postgres/sql/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of statements, %v", len(files), err)
	}
	races := map[string][]certify.Scenario{
		"reviews": append(scenario(t, "any-reviews"), scenario(t, "claim-against-callback")...),
		"journal": append(scenario(t, "any-journal"), scenario(t, "takeover-against-zombie")...),
	}
	fences := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(fence.FindAll(text, -1)); n == 0 {
			continue
		} else if n > 1 {
			t.Errorf("%s has %d fences; this test takes away one", file, n)
		}
		fences++
		port := filepath.Base(filepath.Dir(file))
		name := port + "/" + strings.TrimSuffix(filepath.Base(file), ".sql")
		t.Run(name, func(t *testing.T) {
			open, err := pgwire.NewRewrite(`(?s)(/\* `+name+` \*/.*?)((?:\b\w+\.)?\b(?:claim|epoch) = \$\d+)`, `${1}(${2}) IS NOT NULL`)
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(10) {
				_, err := certify.Races(t.Context(), certify.RacesConfig{
					URL: emptyDatabase(t), Seed: seed, Rounds: 20, Scenarios: races[port], Rewrites: []*pgwire.Rewrite{open},
				}, nil)
				var violation *certify.RaceViolation
				switch {
				case errors.As(err, &violation):
					t.Logf("noticed in round %d of %s, seed %d", violation.Round, violation.Scenario.Name, seed)
					return
				case err != nil:
					t.Fatal(err)
				}
			}
			t.Fatal("not noticed in 400 rounds")
		})
	}
	if fences < 10 {
		t.Errorf("%d fences found in the statements; there were 10 of them once", fences)
	}
}
