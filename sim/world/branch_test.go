package world

import (
	"testing"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// TestBranchKeepsThePast: two futures of one run are the same up to the branch and differ after it, and each is the
// same whenever it is run.
func TestBranchKeepsThePast(t *testing.T) {
	w := New()
	defer w.Close()
	follow := func(w *Deployment, spec run.Spec) (lines []run.Line, outcome run.Result) {
		spec.Trace = func(line run.Line) { lines = append(lines, line) }
		return lines, w.Run(spec)
	}
	for seed := range uint64(20) {
		spec := run.Spec{Seed: seed, Profile: "default"}
		whole, first := follow(w, spec)
		after := first.Steps / 2
		for _, calm := range []bool{false, true} {
			spec.Branch = run.Branch{After: after, Seed: 99, Calm: calm}
			lines, outcome := follow(w, spec)
			fresh := New()
			_, again := follow(fresh, spec)
			fresh.Close()
			if again.Hash != outcome.Hash {
				t.Fatalf("seed %d, calm %v: hash %s, and in a fresh world %s", seed, calm, run.FormatHash(outcome.Hash), run.FormatHash(again.Hash))
			}
			if outcome.Hash == first.Hash {
				t.Errorf("seed %d, calm %v: the branch is the run itself", seed, calm)
			}
			if outcome.Verdict != run.Pass {
				t.Errorf("seed %d, calm %v: %s: %v", seed, calm, outcome.Verdict, outcome.Violation)
			}
			began, faulty := false, false
			for i, line := range lines {
				if line.Step <= after {
					// The world heals at the very step, behind what happens there.
					healed := calm && line.Step == after && (i >= len(whole) || whole[i].Step > after)
					if !healed && line != whole[i] {
						t.Fatalf("seed %d, calm %v: line %d is %+v, before %+v", seed, calm, i, line, whole[i])
					}
					continue
				}
				began = true
				kind, _ := faults.ParseKind(line.Fault)
				// A poisonous review kills in every future.
				faulty = faulty || line.Fault != "" && kind.Category() == faults.CategoryProcess && kind != faults.ProcessPoison
			}
			if !began {
				t.Errorf("seed %d, calm %v: nothing happens after the branch", seed, calm)
			}
			if calm && faulty {
				t.Errorf("seed %d: a process is struck in a calm future", seed)
			}
		}
		// A branch at a step that the run does not come to is none.
		spec.Branch = run.Branch{After: first.Steps, Seed: 99}
		if _, outcome := follow(w, spec); outcome.Hash != first.Hash {
			t.Errorf("seed %d: a branch after the end is another run", seed)
		}
	}
}

// TestMessages: listening to messages does not change the run, every message is reported once and lost at most once,
// and arrives in the order of time.
func TestMessages(t *testing.T) {
	w := New()
	defer w.Close()
	lost, answers, copies := 0, 0, 0
	for seed := range uint64(30) {
		quiet := w.Run(run.Spec{Seed: seed, Profile: "default"})
		seen := map[uint64]bool{}
		records := 0
		w.OnRecord = func(uint64, *checker.Record) { records++ }
		loud := w.Run(run.Spec{Seed: seed, Profile: "default",
			OnMessage: func(m run.Message) {
				if m.Number == 0 {
					return // an event, which is delivered without having been asked for
				}
				if m.From == "" {
					if !m.Lost || !seen[m.Number] {
						t.Fatalf("seed %d: %+v tells of no message", seed, m)
					}
					lost++
					return
				}
				if seen[m.Number] || m.Arrives < m.Sent || m.To == "" || m.Name == "" {
					t.Fatalf("seed %d: message %+v", seed, m)
				}
				seen[m.Number] = true
				if m.Answer != seen[m.Of] {
					t.Fatalf("seed %d: message %+v answers no call", seed, m)
				}
				if m.Answer {
					answers++
				}
				if m.Copy {
					copies++
				}
				if m.Lost {
					lost++
				}
			}})
		w.OnRecord = nil
		if loud.Hash != quiet.Hash {
			t.Errorf("seed %d: hash %s with listeners, %s without", seed, run.FormatHash(loud.Hash), run.FormatHash(quiet.Hash))
		}
		if len(seen) == 0 || records == 0 {
			t.Errorf("seed %d: %d messages and %d records", seed, len(seen), records)
		}
	}
	if lost == 0 || answers == 0 || copies == 0 {
		t.Errorf("%d messages lost, %d answers, %d copies: one of them never happens", lost, answers, copies)
	}
}
