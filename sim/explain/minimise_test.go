package explain

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
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A judged world finds fault with what its judge sees in the trace: failures can't wait for a bug of the engine.
type judged struct {
	*world.Deployment
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
	outcome := w.Deployment.Run(spec)
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

func injected(kind string) func([]run.Line) bool {
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

// sizesOf are the sizes of a smallest run that tests compare.
type sizesOf struct{ faults, reviews, owners, processes, events uint64 }

func left(m *Minimised) sizesOf {
	return sizesOf{m.After("faults"), m.After("reviews"), m.After("owners"), m.After("processes"), m.After("events")}
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
	w := world.New()
	defer w.Close()
	for _, test := range []struct {
		name      string
		judge     func([]run.Line) string
		want      sizesOf
		necessary []string // operations
	}{
		{"nothing is needed", all("always"), sizesOf{processes: 4}, nil},
		{
			"one fault", all("crash", injected("process.crash")),
			sizesOf{faults: 1, processes: 4}, []string{"process/process.crash"},
		},
		{
			"two faults and a review", all("crash and partition", injected("process.crash"), injected("network.partition"), reviews(1)),
			sizesOf{faults: 2, reviews: 1, owners: 1, processes: 4, events: 3},
			[]string{"process/process.crash", "process/network.partition"},
		},
		{
			"three reviews of two owners",
			all("three reviews", reviews(3), some(func(line run.Line) bool { return line.Group == "blue" })),
			sizesOf{reviews: 3, owners: 2, processes: 4, events: 9}, nil,
		},
		{
			"a long session", all("long", some(func(line run.Line) bool { return events(line) >= 20 })),
			sizesOf{reviews: 1, owners: 1, processes: 4, events: 20}, nil,
		},
		{
			"a deployment", all("deployed", some(func(line run.Line) bool { return line.Decision.Operation == "plan.deploy" })),
			sizesOf{faults: 1, processes: 4}, []string{"plan.deploy"},
		},
		{
			"a process that does not come back",
			all("gone", some(func(line run.Line) bool { return line.Decision.Operation == "heal.core-only" })),
			sizesOf{faults: 1, processes: 4}, []string{"heal.core-only"},
		},
		{
			"a report that is late by a minute",
			all("late", injected("callback.late"), some(func(line run.Line) bool {
				return strings.HasPrefix(line.Text, "receives the report that ") && line.At > time.Minute
			})),
			sizesOf{faults: 1, reviews: 1, owners: 1, processes: 4, events: 3}, []string{"app.callback/callback.late"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := judged{w, test.judge}
			spec := firstFailing(t, w, 1)
			result, err := Explain(t.Context(), w, spec, Options{Minimise: true})
			if err != nil {
				t.Fatal(err)
			}
			got := left(result.Minimised)
			if result.Result.Overrides != len(result.Spec.Overrides) {
				t.Errorf("%d of %d overrides meet a decision", result.Result.Overrides, len(result.Spec.Overrides))
			}
			if got != test.want || !result.Minimised.Complete {
				t.Errorf("seed %d, %+v became %+v, want %+v; complete: %v", spec.Seed, result.Minimised.Sizes, got, test.want, result.Minimised.Complete)
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
// reviews, the failure is the same, its run is the one that the result describes, and none of its faults can be missed.
func TestResultIsMinimal(t *testing.T) {
	w := world.New()
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
			judges = append(judges, injected(kind))
		}
		judges = append(judges, reviews(rapid.IntRange(0, 2).Draw(t, "reviews")))
		w := judged{w, all("as drawn", judges...)}
		if w.Run(spec).Verdict != run.Violated {
			t.Skip("fewer reviews than that")
		}
		result, err := Explain(context.Background(), w, spec, Options{Minimise: true, Steps: 60_000})
		if err != nil {
			t.Fatal(err)
		}
		again := w.Run(result.Spec)
		if again.Violation == nil || again.Violation.Signature() != "judged: as drawn" || again.Hash != result.Result.Hash {
			t.Fatalf("the result runs to %v", again.Violation)
		}
		if !result.Minimised.Complete {
			return // less may do
		}
		if faults := result.Minimised.After("faults"); faults != uint64(len(result.Necessary)) {
			t.Fatalf("%d faults happen, of which %d are necessary", faults, len(result.Necessary))
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
	inner := world.New()
	defer inner.Close()
	w := judged{inner, all("crash", injected("process.crash"), reviews(2))}
	spec := firstFailing(t, w, 1)
	first, err := Explain(t.Context(), w, spec, Options{Minimise: true})
	if err != nil {
		t.Fatal(err)
	}
	second, err := Explain(t.Context(), w, spec, Options{Minimise: true})
	if err != nil {
		t.Fatal(err)
	}
	second.Minimised.WallSeconds = first.Minimised.WallSeconds
	if !reflect.DeepEqual(first, second) {
		t.Errorf("one search found %+v, another %+v", first, second)
	}
	again, err := Explain(t.Context(), w, first.Spec, Options{Minimise: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, size := range again.Minimised.Sizes {
		if smallest := first.Minimised.Sizes[i].After; size.Before != smallest || size.After != smallest {
			t.Errorf("%+v, and it was %d before", size, smallest)
		}
	}
	if !slices.Equal(again.Necessary, first.Necessary) {
		t.Errorf("necessary are %v, and were %v", again.Necessary, first.Necessary)
	}
}

// TestEndedEarly ends searches at any moment: what is returned always fails in the same way.
func TestEndedEarly(t *testing.T) {
	inner := world.New()
	defer inner.Close()
	w := judged{inner, all("crash", injected("process.crash"), reviews(2))}
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
			runs, part := 0, 0.0
			result, err := Explain(ctx, w, spec, Options{Minimise: true, Steps: test.steps, OnProgress: func(p Progress) {
				if p.Runs != runs+1 || p.Part < part || p.Part > 1 || p.Branching || p.Aspect.String() == "" {
					t.Errorf("progress %+v after %d runs and %g of the budget", p, runs, part)
				}
				if runs, part = p.Runs, p.Part; runs == test.runs {
					cancel()
				}
			}})
			if err != nil {
				t.Fatal(err)
			}
			again := w.Run(result.Spec)
			m := result.Minimised
			if m.Complete || again.Violation == nil || again.Violation.Signature() != "judged: crash" || again.Hash != result.Result.Hash {
				t.Errorf("complete: %v; the result runs to %v", m.Complete, again.Violation)
			}
			if m.Runs != runs || m.Steps == 0 {
				t.Errorf("%d runs and %d steps, progress reported %d", m.Runs, m.Steps, runs)
			}
			for _, size := range m.Sizes[:2] { // faults and reviews
				if size.After > size.Before {
					t.Errorf("%+v has grown", size)
				}
			}
		})
	}
}

func TestNoFailure(t *testing.T) {
	w := world.New()
	defer w.Close()
	_, err := Explain(t.Context(), w, run.Spec{Seed: 17, Profile: "calm"}, Options{Minimise: true})
	var none *NoFailureError
	if !errors.As(err, &none) || err.Error() != "seed 17 has no failure to explain: its verdict is pass" {
		t.Errorf("error %v", err)
	}
}

func TestNotRepeatable(t *testing.T) {
	inner := world.New()
	defer inner.Close()
	runs := 0
	w := judged{inner, func([]run.Line) string {
		runs++
		return fmt.Sprintf("run %d", runs)
	}}
	_, err := Explain(t.Context(), w, run.Spec{Seed: 17, Profile: "calm"}, Options{Minimise: true})
	var not *NotRepeatableError
	if !errors.As(err, &not) || !strings.Contains(err.Error(), `the failure of seed 17 does not repeat: first it was "judged: run 1"`) {
		t.Errorf("error %v", err)
	}
}
