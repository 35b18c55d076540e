package minimise_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A judged world finds fault with what its judge sees in the trace: failures can't wait for a bug of the engine.
type judged struct {
	*world.World
	judge func(trace []run.Line) (cause string)
}

func (w judged) Run(spec run.Spec) run.Result {
	var lines []run.Line
	trace := spec.Trace
	spec.Trace = func(line run.Line) {
		lines = append(lines, line)
		if trace != nil {
			trace(line)
		}
	}
	outcome := w.World.Run(spec)
	if cause := w.judge(lines); cause != "" && outcome.Violation == nil {
		outcome.Verdict = run.Violated
		outcome.Violation = &run.Violation{Property: "judged", Cause: cause, Message: "judged: " + cause}
	}
	return outcome
}

// all is a judge that objects when each of the others does.
func all(cause string, judges ...func([]run.Line) bool) func([]run.Line) string {
	return func(trace []run.Line) string {
		for _, objects := range judges {
			if !objects(trace) {
				return ""
			}
		}
		return cause
	}
}

func some(is func(run.Line) bool) func([]run.Line) bool {
	return func(trace []run.Line) bool { return slices.ContainsFunc(trace, is) }
}

func struck(kind string) func([]run.Line) bool {
	return some(func(line run.Line) bool { return line.Fault == kind })
}

func reviews(least int) func([]run.Line) bool {
	return func(trace []run.Line) bool {
		seen := map[string]bool{}
		for _, line := range trace {
			if line.Class == run.Mutation {
				seen[line.Subject] = true
			}
		}
		return len(seen) >= least
	}
}

var sessionStarts = regexp.MustCompile(`^starts session .*, (\d+) events$`)

// events returns how many events a session that starts will emit; -1 for other lines.
func events(line run.Line) int {
	found := sessionStarts.FindStringSubmatch(line.Text)
	if found == nil {
		return -1
	}
	n, _ := strconv.Atoi(found[1])
	return n
}

// A size is a [minimise.Size] that tests can compare, without its steps.
type size struct{ faults, reviews, owners, processes, events int }

func sizeOf(s minimise.Size) size {
	of := func(name string) int { return int(s.Workload.Of(name)) }
	return size{s.Faults, of("reviews"), of("owners"), of("processes"), of("events")}
}

// firstFailing returns the first specification from a seed on whose run is violated.
func firstFailing(t testing.TB, w run.World, from uint64) run.Spec {
	t.Helper()
	for seed := from; seed < from+5000; seed++ {
		if spec := (run.Spec{Seed: seed, Profile: "storm"}); w.Run(spec).Verdict == run.Violated {
			return spec
		}
	}
	t.Fatal("no seed fails")
	return run.Spec{}
}

// TestKnownMinimum pins what is left where one can say what has to be.
func TestKnownMinimum(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	for _, test := range []struct {
		name      string
		judge     func([]run.Line) string
		want      size
		necessary []string // operations
	}{
		{"nothing is needed", all("always"), size{processes: 4}, nil},
		{
			"one fault", all("crash", struck("process.crash")),
			size{faults: 1, processes: 4}, []string{"process/process.crash"},
		},
		{
			"two faults and a review", all("crash and partition", struck("process.crash"), struck("network.partition"), reviews(1)),
			size{faults: 2, reviews: 1, owners: 1, processes: 4, events: 3},
			[]string{"process/process.crash", "process/network.partition"},
		},
		{
			"three reviews of two owners",
			all("three reviews", reviews(3), some(func(line run.Line) bool { return line.Group == "blue" })),
			size{reviews: 3, owners: 2, processes: 4, events: 9}, nil,
		},
		{
			"a long session", all("long", some(func(line run.Line) bool { return events(line) >= 20 })),
			size{reviews: 1, owners: 1, processes: 4, events: 20}, nil,
		},
		{
			"a deployment", all("deployed", some(func(line run.Line) bool { return line.Decision.Operation == "plan.deploy" })),
			size{faults: 1, processes: 4}, []string{"plan.deploy"},
		},
		{
			"a process that does not come back",
			all("gone", some(func(line run.Line) bool { return line.Decision.Operation == "heal.core-only" })),
			size{faults: 1, processes: 4}, []string{"heal.core-only"},
		},
		{
			"a report that is late by a minute",
			all("late", struck("callback.late"), some(func(line run.Line) bool {
				return strings.HasPrefix(line.Text, "receives the report that ") && line.At > time.Minute
			})),
			size{faults: 1, reviews: 1, owners: 1, processes: 4, events: 3}, []string{"app.callback/callback.late"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := judged{w, test.judge}
			spec := firstFailing(t, w, 1)
			result, err := minimise.Minimise(t.Context(), w, spec, minimise.Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := sizeOf(result.After)
			if result.Outcome.Overrides != len(result.Spec.Overrides) {
				t.Errorf("%d of %d overrides meet a decision", result.Outcome.Overrides, len(result.Spec.Overrides))
			}
			if got != test.want || !result.Complete {
				t.Errorf("seed %d, %+v became %+v, want %+v; complete: %v", spec.Seed, sizeOf(result.Before), got, test.want, result.Complete)
			}
			var operations []string
			for _, key := range result.Necessary {
				operations = append(operations, key.Operation)
			}
			if !slices.Equal(operations, test.necessary) {
				t.Errorf("necessary are %q, want %q", operations, test.necessary)
			}
		})
	}
}

// TestResultIsMinimal takes what was found apart: for judges that object to any few kinds of faults and a number of
// reviews, the failure is the same, its run is the one that the result tells of, and none of its faults can be missed.
func TestResultIsMinimal(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	checks(t, 25, 8)
	rapid.Check(t, func(t *rapid.T) {
		spec := run.Spec{Seed: rapid.Uint64().Draw(t, "seed"), Profile: "default"}
		var kinds []string
		outcome := w.Run(spec)
		for _, entry := range faults.Catalogue() {
			if outcome.Faults.Of(entry.Kind.String()) > 0 {
				kinds = append(kinds, entry.Kind.String())
			}
		}
		if len(kinds) == 0 {
			t.Skip("no fault struck")
		}
		var judges []func([]run.Line) bool
		for _, kind := range rapid.SliceOfNDistinct(rapid.SampledFrom(kinds), 0, min(3, len(kinds)), rapid.ID).Draw(t, "kinds") {
			judges = append(judges, struck(kind))
		}
		judges = append(judges, reviews(rapid.IntRange(0, 2).Draw(t, "reviews")))
		w := judged{w, all("as drawn", judges...)}
		if w.Run(spec).Verdict != run.Violated {
			t.Skip("fewer reviews than that")
		}
		result, err := minimise.Minimise(context.Background(), w, spec, minimise.Options{Steps: 60_000})
		if err != nil {
			t.Fatal(err)
		}
		again := w.Run(result.Spec)
		if again.Violation == nil || again.Violation.Signature() != "judged: as drawn" || again.Hash != result.Outcome.Hash {
			t.Fatalf("the result runs to %v", again.Violation)
		}
		if !result.Complete {
			return // less may do
		}
		if result.After.Faults != len(result.Necessary) {
			t.Fatalf("%d faults happen, of which %d are necessary", result.After.Faults, len(result.Necessary))
		}
		for _, key := range result.Necessary {
			if without := w.Run(calm(result.Spec, key)); without.Violation != nil && without.Violation.Signature() == "judged: as drawn" {
				t.Fatalf("%s is not necessary", key)
			}
		}
	})
}

// checks has rapid check a property fewer times than usual: what is drawn here takes hundreds of runs.
func checks(t *testing.T, times, short int) {
	t.Helper()
	if testing.Short() {
		times = short
	}
	given := flag.Lookup("rapid.checks")
	before := given.Value.String()
	if before != given.DefValue {
		return // somebody wants to know
	}
	if err := flag.Set(given.Name, strconv.Itoa(times)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := flag.Set(given.Name, before); err != nil {
			t.Error(err)
		}
	})
}

// calm returns a specification in which a decision has the calm value.
func calm(spec run.Spec, key kernel.Key) run.Spec {
	spec.Overrides = slices.DeleteFunc(slices.Clone(spec.Overrides), func(o kernel.Override) bool { return o.Key == key })
	spec.Overrides = append(spec.Overrides, kernel.Override{Key: key})
	return spec
}

// TestMinimisingAgain gives what was found to the search once more.
func TestMinimisingAgain(t *testing.T) {
	inner := world.NewWorld()
	defer inner.Close()
	w := judged{inner, all("crash", struck("process.crash"), reviews(2))}
	spec := firstFailing(t, w, 1)
	first, err := minimise.Minimise(t.Context(), w, spec, minimise.Options{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := minimise.Minimise(t.Context(), w, spec, minimise.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("one search found %+v, another %+v", first, second)
	}
	again, err := minimise.Minimise(t.Context(), w, first.Spec, minimise.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again.Before, first.After) || !reflect.DeepEqual(again.After, first.After) || !slices.Equal(again.Necessary, first.Necessary) {
		t.Errorf("%+v became %+v, necessary %v; it was smallest with %v", again.Before, again.After, again.Necessary, first.Necessary)
	}
}

// TestEndedEarly ends searches at any moment: what is returned always fails in the same way.
func TestEndedEarly(t *testing.T) {
	inner := world.NewWorld()
	defer inner.Close()
	w := judged{inner, all("crash", struck("process.crash"), reviews(2))}
	spec := firstFailing(t, w, 1)
	for _, test := range []struct {
		name  string
		runs  int    // after which the context ends
		steps uint64 // budget
	}{
		{"at once", 1, 0}, {"after ten runs", 10, 0}, {"after fifty", 50, 0},
		{"a budget of one step", 0, 1}, {"a budget of some runs", 0, 20_000},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			runs, steps := 0, uint64(0)
			result, err := minimise.Minimise(ctx, w, spec, minimise.Options{Steps: test.steps, OnProgress: func(p minimise.Progress) {
				if p.Runs != runs+1 || p.Steps <= steps || p.Aspect.String() == "" {
					t.Errorf("progress %+v after %d runs and %d steps", p, runs, steps)
				}
				if runs, steps = p.Runs, p.Steps; runs == test.runs {
					cancel()
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			again := w.Run(result.Spec)
			if result.Complete || again.Violation == nil || again.Violation.Signature() != "judged: crash" || again.Hash != result.Outcome.Hash {
				t.Errorf("complete: %v; the result runs to %v", result.Complete, again.Violation)
			}
			if result.Runs != runs || result.Steps != steps {
				t.Errorf("%d runs and %d steps, progress told of %d and %d", result.Runs, result.Steps, runs, steps)
			}
			if result.After.Faults > result.Before.Faults || sizeOf(result.After).reviews > sizeOf(result.Before).reviews {
				t.Errorf("%+v has grown to %+v", result.Before, result.After)
			}
		})
	}
}

func TestNoFailure(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	_, err := minimise.Minimise(t.Context(), w, run.Spec{Seed: 17, Profile: "calm"}, minimise.Options{})
	var none *minimise.NoFailureError
	if !errors.As(err, &none) || err.Error() != "seed 17 has no failure to minimise: its verdict is pass" {
		t.Errorf("error %v", err)
	}
}

func TestNotRepeatable(t *testing.T) {
	inner := world.NewWorld()
	defer inner.Close()
	runs := 0
	w := judged{inner, func([]run.Line) string {
		runs++
		return fmt.Sprintf("run %d", runs)
	}}
	_, err := minimise.Minimise(t.Context(), w, run.Spec{Seed: 17, Profile: "calm"}, minimise.Options{})
	var not *minimise.NotRepeatableError
	if !errors.As(err, &not) || !strings.Contains(err.Error(), `the failure of seed 17 does not repeat: first it was "judged: run 1"`) {
		t.Errorf("error %v", err)
	}
}
