package explain

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// A doomed world is one whose failure is made up: it is settled at a step, or a share of the continuations fail before.
type doomed struct {
	steps   uint64              // of the run
	settled map[bool]uint64     // by whether the continuation is calm: the step from which on all fail; 0: never
	before  func(n uint64) bool // whether the n-th continuation fails anyway
	runs    *[]run.Branch
}

func (d doomed) Run(spec run.Spec) run.Result {
	for step := uint64(1); step <= d.steps; step++ {
		if spec.Trace != nil && step%2 == 0 {
			spec.Trace(run.Line{At: time.Duration(step) * time.Second, Step: step, Actor: "app-1", Text: fmt.Sprint("does thing ", step)})
		}
		if spec.OnMessage != nil && step%2 == 1 {
			spec.OnMessage(run.Message{Number: step, Sent: time.Duration(step) * time.Second, Step: step, From: "app-1", To: "database", Name: "store.claim"})
		}
	}
	if d.runs != nil {
		*d.runs = append(*d.runs, spec.Branch)
	}
	violated := run.Result{Verdict: run.Violated, Hash: spec.Branch.After*1_000 + spec.Branch.Seed, Steps: d.steps, Violation: &run.Violation{Property: "runs-once", Cause: "made up"}}
	b := spec.Branch
	switch settled := d.settled[b.Calm]; {
	case b.After == 0, b.After >= d.steps, settled != 0 && b.After >= settled:
		return violated
	case d.before != nil && d.before(b.Seed):
		violated.Violation.Cause = "made up in another way"
		return violated
	}
	return run.Result{Verdict: run.Pass}
}

// pointOfNoReturn explains a failure with nothing else.
func pointOfNoReturn(ctx context.Context, w run.World, spec run.Spec, options Options) (*PointOfNoReturn, error) {
	options.PointOfNoReturn = true
	f, err := Explain(ctx, w, spec, options)
	if err != nil {
		return nil, err
	}
	return f.PointOfNoReturn, nil
}

// Close implements [run.World].
func (doomed) Close() {}

func TestPointOfNoReturn(t *testing.T) {
	for _, test := range []struct {
		name     string
		world    doomed
		sentence string
		runsMost int
	}{
		{
			"settled at a line", doomed{steps: 400, settled: map[bool]uint64{false: 172, true: 172}},
			"From 02:52.000 on (app-1 does thing 172) every continuation fails in the same way, even if nothing more goes wrong; one step earlier 0 % did.", 2100,
		},
		{
			"settled at a message", doomed{steps: 400, settled: map[bool]uint64{false: 173, true: 173}},
			"From 02:53.000 on (app-1 sends store.claim to database) every continuation fails in the same way, even if nothing more goes wrong; one step earlier 0 % did.", 2100,
		},
		{
			"only if the storm goes on", doomed{steps: 400, settled: map[bool]uint64{false: 90}},
			"From 01:30.000 on (app-1 does thing 90) every continuation fails in the same way; one step earlier 0 % did.", 2100,
		},
		{
			"from the start", doomed{steps: 400, settled: map[bool]uint64{false: 1, true: 1}},
			"From 00:01.000 on (app-1 sends store.claim to database) every continuation fails in the same way, even if nothing more goes wrong; that is from the start.", 2100,
		},
		{
			"by the last step", doomed{steps: 400},
			"From 06:40.000 on (app-1 does thing 400) every continuation fails in the same way, even if nothing more goes wrong; one step earlier 0 % did.", 2100,
		},
		{
			"a run of one step", doomed{steps: 1},
			"From 00:01.000 on (app-1 sends store.claim to database) every continuation fails in the same way, even if nothing more goes wrong; that is from the start.", 100,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			result, err := pointOfNoReturn(context.Background(), test.world, run.Spec{Seed: 5}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := result.Sentence(); got != test.sentence {
				t.Errorf("sentence:\n%s\nwant\n%s", got, test.sentence)
			}
			if result.Runs > test.runsMost || !result.Complete {
				t.Errorf("%d runs, complete %v; want at most %d", result.Runs, result.Complete, test.runsMost)
			}
		})
	}
}

// TestCurveCounts looks at a curve: other failures count as such, the interval holds the share, and steps ascend.
func TestCurveCounts(t *testing.T) {
	var runs []run.Branch
	w := doomed{steps: 100, settled: map[bool]uint64{false: 50, true: 50}, before: func(seed uint64) bool { return seed%4 == 0 }, runs: &runs}
	result, err := pointOfNoReturn(context.Background(), w, run.Spec{Seed: 5}, Options{Moments: 10, Branches: 20})
	if err != nil {
		t.Fatal(err)
	}
	for _, curve := range []Curve{result.Calm, result.Stormy} {
		last := uint64(0)
		for i, p := range curve.Points {
			share := curve.Share(&curve.Points[i])
			if p.Step <= last || p.Same > p.Any || p.Any > 20 || p.Low > share || p.High < share {
				t.Errorf("%s: point %+v after step %d", curve.Continuation, p, last)
			}
			last = p.Step
			if want := p.Step >= 50; (p.Same == 20) != want || p.Any == 0 {
				t.Errorf("%s: at step %d %d fail so and %d in any way", curve.Continuation, p.Step, p.Same, p.Any)
			}
		}
		if after := curve.After(); after == nil || after.Step != 50 || curve.Before().Step != 49 {
			t.Errorf("%s: the jump is %+v", curve.Continuation, after)
		}
	}
	// The continuations of all steps are the same.
	seeds := map[uint64]bool{}
	for _, b := range runs[1:] {
		seeds[b.Seed] = true
	}
	if len(seeds) != 20 {
		t.Errorf("%d different continuations, want 20", len(seeds))
	}
}

// TestNoBranches: a world that ignores the branch of its specification has no point of no return, and is not asked
// twice.
func TestNoBranches(t *testing.T) {
	runs := 0
	p, err := pointOfNoReturn(t.Context(), unbranched{doomed{steps: 10}, &runs}, run.Spec{}, Options{})
	if err != nil || p != nil || runs > 1+BranchesDefault {
		t.Errorf("%+v (%v) after %d runs", p, err, runs)
	}
}

// An unbranched world knows no branches.
type unbranched struct {
	doomed
	runs *int
}

func (u unbranched) Run(spec run.Spec) run.Result {
	*u.runs++
	spec.Branch = run.Branch{}
	return u.doomed.Run(spec)
}

// TestPointOfNoReturnEndsEarly: when the context has ended, what is known is returned.
func TestPointOfNoReturnEndsEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	moments := 0
	result, err := pointOfNoReturn(ctx, doomed{steps: 300}, run.Spec{}, Options{OnProgress: func(Progress) {
		if moments++; moments == 3 {
			cancel()
		}
	}})
	if err != nil || result.Complete || len(result.Calm.Points) != 3 || len(result.Stormy.Points) != 0 {
		t.Errorf("error %v, complete %v, %d and %d points; want 3 and 0", err, result.Complete, len(result.Calm.Points), len(result.Stormy.Points))
	}
	if !strings.HasPrefix(result.Sentence(), "No step was found") {
		t.Errorf("sentence %q", result.Sentence())
	}
}

// ExamplePointOfNoReturn_Table shows the table of a failure that is settled at step 3 of 4.
func ExamplePointOfNoReturn_Table() {
	result, _ := pointOfNoReturn(context.Background(), doomed{steps: 4, settled: map[bool]uint64{false: 3, true: 3}},
		run.Spec{}, Options{Moments: 4, Branches: 10})
	fmt.Print(result.Table(120))
	fmt.Println(result.Sentence())
	// Output:
	//         time    step  failures, calm          calm       95 %  stormy  what happened
	//    00:01.000       1  ····················     0 %     0-28 %     0 %  app-1 sends store.claim to database
	//    00:02.000       2  ····················     0 %     0-28 %     0 %  app-1 does thing 2
	// >  00:03.000       3  ████████████████████   100 %   72-100 %   100 %  app-1 sends store.claim to database
	//    00:04.000       4  ████████████████████   100 %   72-100 %   100 %  app-1 does thing 4
	// From 00:03.000 on (app-1 sends store.claim to database) every continuation fails in the same way, even if nothing more goes wrong; one step earlier 0 % did.
}
