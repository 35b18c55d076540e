package certify

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/onceover/onceover/faults/pgserver"
	"github.com/onceover/onceover/faults/pgwire"
	"github.com/onceover/onceover/sim/run"
)

// fence matches the comparison of a token or an epoch with the one that a write carries.
var fence = regexp.MustCompile(`\b(claim|epoch) = @(token|seen|epoch)\b`)

// TestEveryFenceIsWatched removes each fence from its statement. The races notice each of them.
func TestEveryFenceIsWatched(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../engine/postgres/sql/*/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files of statements, %v", len(files), err)
	}
	races := map[string][]scenario{
		"reviews": append(onlyScenario(t, "any-reviews"), onlyScenario(t, "claim-against-callback")...),
		"journal": append(onlyScenario(t, "any-journal"), onlyScenario(t, "takeover-against-zombie")...),
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
				report, err := Races(t.Context(), pgserver.ForTest(t).CreateDatabase, RacesOptions{
					Seed: seed, Rounds: 20, Rewrites: []*pgwire.Rewrite{open}, scenarios: races[port],
				})
				if err != nil {
					t.Fatal(err)
				}
				if f := report.Failure; f != nil {
					if f.Verdict != run.Violated {
						t.Fatal(f)
					}
					t.Logf("noticed in round %d of %s, seed %d", f.Round, f.Scenario, seed)
					return
				}
			}
			t.Fatal("not noticed in 400 rounds")
		})
	}
	if fences < 10 {
		t.Errorf("%d fences found in the statements; there were 10 of them once", fences)
	}
}
