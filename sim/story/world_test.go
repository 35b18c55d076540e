package story_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/story"
	"github.com/onceover/onceover/sim/world"
)

// A failing world calls it a violation that a review is claimed twice.
type failing struct{ *world.World }

func (w failing) Run(spec run.Spec) run.Result {
	claims := map[string]int{}
	trace := spec.Trace
	var twice run.Line
	spec.Trace = func(line run.Line) {
		if strings.Contains(line.Text, "store: claim of") {
			if claims[line.Part]++; claims[line.Part] == 2 {
				twice = line
			}
		}
		if trace != nil {
			trace(line)
		}
	}
	outcome := w.World.Run(spec)
	if twice.Subject != "" && outcome.Violation == nil {
		outcome.Verdict = run.Violated
		outcome.Violation = &run.Violation{
			Property: "claimed-once", Subject: twice.Subject, Subjects: []string{twice.Subject}, Cause: "claimed twice",
			Message: fmt.Sprintf("review %s was claimed twice", twice.Subject),
		}
	}
	return outcome
}

// TestMinimisedStory tells real runs: each fits on a screen, begins with the submission, and marks every fault.
func TestMinimisedStory(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	told := 0
	for seed := uint64(1); told < 5; seed++ {
		spec := run.Spec{Seed: seed, Profile: "default"}
		if seed > 500 {
			t.Fatal("too few runs claim a review twice")
		}
		if (failing{w}).Run(spec).Verdict != run.Violated {
			continue
		}
		told++
		result, err := minimise.Minimise(t.Context(), failing{w}, spec, minimise.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := story.Tell(failing{w}, result.Spec, result.Necessary)
		if err != nil {
			t.Fatal(err)
		}
		submissions, claims, necessary := 0, 0, map[string]bool{}
		for _, e := range s.Entries {
			if strings.Contains(e.Text, "store: submit of "+s.Outcome.Violation.Subject) {
				submissions++
			}
			if strings.Contains(e.Text, "store: claim of "+s.Outcome.Violation.Subject+"/") {
				claims += e.Count
			}
			if e.Fault != e.Necessary {
				t.Errorf("seed %d: %s %s: fault: %v, necessary: %v", seed, e.Actor, e.Text, e.Fault, e.Necessary)
			}
			if e.Necessary {
				necessary[e.Text] = true
			}
		}
		if len(s.Entries) > story.LinesMost || submissions != 1 || claims != 2 || len(necessary) < len(result.Necessary) {
			t.Errorf("seed %d: %d entries with %d submissions, %d claims and %d faults, of which %d are necessary",
				seed, len(s.Entries), submissions, claims, len(necessary), len(result.Necessary))
		}
	}
}
