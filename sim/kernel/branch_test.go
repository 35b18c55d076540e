package kernel

import (
	"fmt"
	"testing"
	"time"
)

// branched runs the busy world to a step, branches with another seed and runs it to its end.
func branched(k *Kernel, config Config, step, seed uint64) (hash uint64, decisions []string) {
	k.Reset(config)
	k.OnDecision = func(key Key, value uint64) {
		decisions = append(decisions, fmt.Sprintf("%s = %d", key, value))
	}
	busy(k)
	if paused, err := k.RunTo(time.Second, step); !paused || err != nil || k.Steps() != step {
		panic(fmt.Sprintf("RunTo step %d: paused %v at step %d, error %v", step, paused, k.Steps(), err))
	}
	k.Branch(seed)
	if err := k.Run(time.Second); err != nil {
		panic(err)
	}
	return k.Hash(), decisions
}

// TestRunToContinues compares a run that is stopped at each of its steps with one that is not stopped.
func TestRunToContinues(t *testing.T) {
	k := New()
	defer k.Close()
	k.Reset(Config{Seed: 7})
	busy(k)
	if err := k.Run(time.Second); err != nil {
		t.Fatal(err)
	}
	hash, steps := k.Hash(), k.Steps()
	k.Reset(Config{Seed: 7})
	busy(k)
	for step := uint64(1); ; step++ {
		paused, err := k.RunTo(time.Second, step)
		if err != nil {
			t.Fatal(err)
		}
		if !paused {
			break
		}
		if k.Steps() != step {
			t.Fatalf("RunTo %d stopped at step %d", step, k.Steps())
		}
	}
	if k.Hash() != hash || k.Steps() != steps {
		t.Errorf("step by step: hash %016x after %d steps, at once: %016x after %d", k.Hash(), k.Steps(), hash, steps)
	}
}

// TestBranch checks what a branch keeps and what it changes. The hashes are golden: to change one is to change the
// meaning of a branch.
func TestBranch(t *testing.T) {
	k := New()
	defer k.Close()
	for _, test := range []struct {
		name       string
		config     Config
		step, seed uint64
		want       string
	}{
		{"early", Config{Seed: 7}, 10, 1, "98dc851075566573"},
		{"late", Config{Seed: 7}, 200, 1, "72707c45c750f857"},
		{"another future", Config{Seed: 7}, 200, 2, "4575b9c1b42f6e8c"},
	} {
		t.Run(test.name, func(t *testing.T) {
			hash, decisions := branched(k, test.config, test.step, test.seed)
			fresh := New()
			defer fresh.Close()
			again, _ := branched(fresh, test.config, test.step, test.seed)
			if again != hash {
				t.Errorf("in a fresh kernel the branch has hash %016x, before %016x", again, hash)
			}
			if got := fmt.Sprintf("%016x", hash); got != test.want {
				t.Errorf("hash %s, want %s", got, test.want)
			}
			_, other := branched(k, test.config, test.step, test.seed+100)
			same := 0
			for same < min(len(decisions), len(other)) && decisions[same] == other[same] {
				same++
			}
			k.Reset(test.config)
			past := 0
			k.OnDecision = func(Key, uint64) { past++ }
			busy(k)
			if _, err := k.RunTo(time.Second, test.step); err != nil {
				t.Fatal(err)
			}
			if same != past {
				t.Errorf("two futures have %d decisions in common, the past has %d", same, past)
			}
		})
	}
}

// TestBranchEndsOverrides checks that overrides apply only before the branch, and that their count stays.
func TestBranchEndsOverrides(t *testing.T) {
	k := New()
	defer k.Close()
	class := Override{Key: Key{Actor: AnyActor, Operation: pointTestPick.String(), Occurrence: Every}, Value: 0}
	k.Reset(Config{Seed: 3, Overrides: []Override{class}, Tape: func(Key) (uint64, bool) { return 5, true }})
	a := k.Actor("client")
	if got := k.Draw(a, pointTestPick); got != 0 {
		t.Errorf("before the branch: %d, want the override's 0", got)
	}
	if got := k.Draw(a, pointTestSpan); got != 5 {
		t.Errorf("before the branch: %d, want the tape's 5", got)
	}
	k.Branch(4)
	after, span := k.Draw(a, pointTestPick), k.Draw(a, pointTestSpan)
	if k.OverridesApplied() != 1 {
		t.Errorf("%d overrides applied, want 1", k.OverridesApplied())
	}
	// Occurrences count on: these are the second decisions of a run of the other seed.
	k.Reset(Config{Seed: 4})
	a = k.Actor("client")
	k.Draw(a, pointTestPick)
	k.Draw(a, pointTestSpan)
	if want := k.Draw(a, pointTestPick); after != want {
		t.Errorf("after the branch: %d, want %d", after, want)
	}
	if want := k.Draw(a, pointTestSpan); span != want {
		t.Errorf("after the branch: %d, want %d", span, want)
	}
}
