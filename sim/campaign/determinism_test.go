package campaign

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/onceover/onceover/sim/run"
)

// story is a run of at most three lines, with a given second one.
func story(spec run.Spec, second string, lines int) run.Result {
	o := run.Result{Seed: spec.Seed}
	for i, text := range []string{"submit", second, "complete"}[:lines] {
		o.Steps++
		for _, letter := range text {
			o.Hash = mix(o.Hash + uint64(letter))
		}
		if spec.Trace != nil {
			spec.Trace(run.Line{Step: uint64(i + 1), Text: text})
		}
	}
	return o
}

func TestCheckDeterminismFindsTheFirstDifference(t *testing.T) {
	text := func(line *run.Line) string {
		if line == nil {
			return "-"
		}
		return line.Text
	}
	for _, test := range []struct {
		name string
		// run receives the number of the world and that of the run in this world, both from 0.
		run  func(spec run.Spec, w, n int) run.Result
		want string
	}{
		{"equal", func(spec run.Spec, _, _ int) run.Result {
			return story(spec, "claim", 3)
		}, ""},
		{"world with memory of earlier runs", func(spec run.Spec, _, n int) run.Result {
			if n > 0 {
				return story(spec, "forget", 3)
			}
			return story(spec, "claim", 3)
		}, "in a world that had run other seeds: after submit expected claim, got forget"},
		{"every world differs", func(spec run.Spec, w, _ int) run.Result {
			if spec.Trace == nil {
				return story(spec, "claim 0", 3)
			}
			return story(spec, fmt.Sprint("claim ", min(1, w)), 3)
		}, "in a world that had run other seeds: after submit expected claim 0, got claim 1"},
		{"ends early", func(spec run.Spec, w, _ int) run.Result {
			if w > 0 && spec.Trace != nil {
				return story(spec, "claim", 2)
			}
			return story(spec, "claim", 3)
		}, "in a world that had run other seeds: after claim expected complete, got -"},
		{"ends later", func(spec run.Spec, w, _ int) run.Result {
			if w == 0 || spec.Trace == nil {
				return story(spec, "claim", 2)
			}
			return story(spec, "claim", 3)
		}, "in a world that had run other seeds: after claim expected -, got complete"},
		{"tracing changes the run", func(spec run.Spec, _, _ int) run.Result {
			if spec.Trace == nil {
				return story(spec, "poll", 3)
			}
			return story(spec, "claim", 3)
		}, "without a trace: after - expected -, got -"},
		{"difference outside the trace", func(spec run.Spec, w, _ int) run.Result {
			o := story(spec, "claim", 3)
			if w > 0 {
				o.Violation = &run.Violation{Message: "of another run"}
			}
			return o
		}, "in a world that had run other seeds: after - expected -, got -"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var worlds atomic.Int64
			newWorlds := func() run.World {
				number, runs := int(worlds.Add(1)-1), 0
				return made(func(spec run.Spec) run.Result {
					runs++
					return test.run(spec, number, runs-1)
				})
			}
			first, m, err := CheckDeterminism(run.Spec{Seed: 17}, 2, newWorlds)
			if err != nil {
				t.Fatal(err)
			}
			got, verdict := "", run.Pass
			if m != nil {
				got = fmt.Sprintf("%s: after %s expected %s, got %s", m.Circumstances, text(m.Before), text(m.Expected), text(m.Got))
				verdict = run.NotDeterministic
			}
			if got != test.want {
				t.Errorf("mismatch %q, want %q", got, test.want)
			}
			if m.Verdict(first) != verdict {
				t.Errorf("verdict %s, want %s", m.Verdict(first), verdict)
			}
		})
	}
}

func TestCheckDeterminismTracesTheFirstRun(t *testing.T) {
	var traced []string
	spec := run.Spec{Trace: func(line run.Line) { traced = append(traced, line.Text) }}
	claims := func(spec run.Spec) run.Result { return story(spec, "claim", 3) }
	if _, m, err := CheckDeterminism(spec, 7, of(claims)); m != nil || err != nil {
		t.Errorf("mismatch %+v, error %v", m, err)
	}
	if got := strings.Join(traced, " "); got != "submit claim complete" {
		t.Errorf("traced %q, want the first run, once", got)
	}
}

func TestCheckDeterminismNeedsTwoRuns(t *testing.T) {
	for _, times := range []int{-1, 0, 1} {
		if _, _, err := CheckDeterminism(run.Spec{}, times, nil); err == nil {
			t.Errorf("%d runs: no error", times)
		}
	}
}
