package world_test

import (
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// seedsPerProfile is how many runs of each profile are compared with themselves.
const seedsPerProfile = 200

func few(seeds uint64) uint64 {
	if testing.Short() {
		return seeds / 10
	}
	return seeds
}

// TestSameSeedSameRun runs every seed in a world that has run others before and in one that is new, and again with a
// trace: it is the same run.
func TestSameSeedSameRun(t *testing.T) {
	for _, p := range faults.Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			used := world.New()
			defer used.Close()
			for seed := range few(seedsPerProfile) {
				spec := run.Spec{Seed: seed, Profile: p.Name}
				first := used.Run(spec)
				fresh := world.New()
				second := fresh.Run(spec)
				fresh.Close()
				equal(t, "in a new world", first, second)
				lines, third := traced(used, spec)
				equal(t, "traced", first, third)
				if len(lines) == 0 {
					t.Fatalf("seed %d: the trace is empty", seed)
				}
			}
		})
	}
}

// TestWorldsDoNotMeet runs seeds in several worlds at once; with -race it shows that they share nothing.
func TestWorldsDoNotMeet(t *testing.T) {
	const worlds = 4
	seeds := few(seedsPerProfile)
	serial := make([]run.Result, seeds)
	w := world.New()
	defer w.Close()
	for seed := range seeds {
		serial[seed] = w.Run(run.Spec{Seed: seed, Profile: "storm"})
	}
	parallel := make([]run.Result, seeds)
	var running sync.WaitGroup
	for i := range uint64(worlds) {
		running.Go(func() {
			w := world.New()
			defer w.Close()
			for seed := i; seed < seeds; seed += worlds {
				parallel[seed] = w.Run(run.Spec{Seed: seed, Profile: "storm"})
			}
		})
	}
	running.Wait()
	for seed := range serial {
		equal(t, "beside others", serial[seed], parallel[seed])
	}
}

// equal compares everything that outcomes hold but the addresses of violations.
func equal(t *testing.T, how string, want, got run.Result) {
	t.Helper()
	if want.Verdict != run.Pass {
		t.Errorf("seed %d is %s: %v %s", want.Seed, want.Verdict, want.Violation, want.Unknown)
	}
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("seed %d %s is another run:\n%+v\n%+v", want.Seed, how, got, want)
	}
}

// TestOverridesTakeOneFaultAway takes single faults out of runs: up to there the run is the same, and the deployment
// and the workload stay what they were.
func TestOverridesTakeOneFaultAway(t *testing.T) {
	w := world.New()
	defer w.Close()
	for seed := range few(seedsPerProfile) {
		spec := run.Spec{Seed: seed, Profile: "preparation"}
		before, _ := traced(w, spec)
		for i, line := range before {
			if line.Fault == "" {
				continue
			}
			kind := line.Fault
			decision := line.Decision // about the run, where the kind happens per run
			if parsed, _ := faults.ParseKind(kind); faults.Lookup(parsed).Unit == faults.PerCall {
				decision = kernel.Key{Actor: line.Actor, Operation: "prepare/" + kind, Occurrence: decisionsBefore(before, i, kind)}
			}
			spec.Overrides = []kernel.Override{{Key: decision}}
			after, outcome := traced(w, spec)
			if outcome.Overrides != 1 {
				t.Fatalf("seed %d: %v met %d decisions", seed, spec.Overrides, outcome.Overrides)
			}
			if len(after) <= i || !reflect.DeepEqual(before[:i], after[:i]) {
				t.Fatalf("seed %d: without the fault at line %d the run differs before", seed, i+1)
			}
			if after[i].Text == line.Text && after[i].Actor == line.Actor {
				t.Fatalf("seed %d: the fault is still there:\n%s", seed, quote(after, []int{i}))
			}
			if b, a := submissions(before), submissions(after); !reflect.DeepEqual(b, a) {
				t.Fatalf("seed %d: other reviews are submitted:\n%v\n%v", seed, a, b)
			}
			break
		}
	}
}

// decisionsBefore counts the decisions about a kind of preparation fault that an app has made before a line: one at
// each preparation, unless a kind that is asked for earlier has struck.
func decisionsBefore(lines []run.Line, to int, kind string) (n uint32) {
	order := []string{"preparation.slow", "preparation.retryable", "preparation.permanent"}
	for i := range to {
		if lines[i].Actor != lines[to].Actor || !strings.HasPrefix(lines[i].Text, "prepares ") {
			continue
		}
		if i == to-1 {
			break // the preparation that the fault struck
		}
		asked := true
		if next := lines[i+1]; next.Fault != "" {
			for _, earlier := range order {
				if earlier == kind {
					break
				}
				asked = asked && next.Fault != earlier
			}
		}
		if asked {
			n++
		}
	}
	return n
}

// submissions lists the reviews that came to the database first, whatever became of them later.
func submissions(lines []run.Line) map[string]bool {
	reviews := map[string]bool{}
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line.Text, "store: submit of "); ok {
			review, _, _ := strings.Cut(rest, ":")
			review, _, _ = strings.Cut(review, " ")
			reviews[review] = true
		}
	}
	return reviews
}

// TestWithoutAKind switches single kinds off: the kind is gone, the seed's deployment and clients are the same.
func TestWithoutAKind(t *testing.T) {
	w := world.New()
	defer w.Close()
	for seed := range few(seedsPerProfile) {
		spec := run.Spec{Seed: seed, Profile: "default"}
		_, with := traced(w, spec)
		for k := range faults.Count {
			kind := faults.Kind(k)
			if with.Faults.Of(kind.String()) == 0 {
				continue
			}
			spec.Overrides = []kernel.Override{{Key: kernel.Key{Actor: "world", Operation: "mix.enabled/" + kind.String()}}}
			lines, without := traced(w, spec)
			if without.Faults.Of(kind.String()) != 0 || without.Overrides != 1 || without.Verdict != run.Pass {
				t.Fatalf("seed %d without %s: it strikes %d times, %d overrides applied, %s", seed, kind, without.Faults.Of(kind.String()), without.Overrides, without.Verdict)
			}
			if len(lines) == 0 {
				t.Fatalf("seed %d without %s: nothing happens", seed, kind)
			}
			break
		}
	}
}

// TestWatchingFewerIsTheSameRun runs seeds with all properties watched, with those of each class, and with the one that
// is decided at the end: nothing that happens depends on who looks.
func TestWatchingFewerIsTheSameRun(t *testing.T) {
	w := world.New()
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
