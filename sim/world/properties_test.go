package world_test

import (
	"testing"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// TestWatchingFewerIsTheSameRun runs seeds with all properties watched, with those of each class, and with the one that
// is decided at the end: nothing that happens depends on who looks.
func TestWatchingFewerIsTheSameRun(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	for seed := range few(100) {
		want := w.Run(run.Spec{Seed: seed, Profile: "storm"})
		for _, text := range []string{"outcome", "protocol", checker.Linearizable} {
			only, err := checker.Select(text)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "watching "+text, want, w.Run(run.Spec{Seed: seed, Profile: "storm", Properties: only}))
		}
	}
}
