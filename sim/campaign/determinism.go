package campaign

import (
	"context"
	"fmt"
	"runtime"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/world"
)

// A Mismatch is where two runs that should be equal part.
type Mismatch struct {
	// First and Other are the outcomes of the first run and of the one that differs from it.
	First, Other world.Outcome
	// Circumstances say how the other run differed from the first in what must not matter.
	Circumstances string
	// Before is the last line that both traces have, Expected is what the first run did next, and Got what the other
	// did. Nil: the trace had begun there, or had ended. When Expected and Got are both nil, the traces read the
	// same, and what differs does not show in them.
	Before, Expected, Got *world.Line
}

// CheckDeterminism runs one specification several times and compares trace hashes, readable traces and outcomes. The
// first run has a world of its own; the others run side by side, by turns in a world that has run other seeds before
// and in a fresh one; and once more the run is done without a trace, as campaigns do. The Mismatch is nil if all
// agree, and otherwise that of the first of these runs to differ. The specification's Trace receives the first run.
//
// times must be 2 or more; otherwise the error is a [*BrokenError]. Worlds come from newWorlds; nil means [world.NewWorld].
func CheckDeterminism(spec world.Spec, times int, newWorlds func() World) (world.Outcome, *Mismatch, error) {
	if times < 2 {
		return world.Outcome{}, nil, fmt.Errorf("check determinism: %d runs: allowed are 2 and more, since one has nothing to be compared with", times)
	}
	if newWorlds == nil {
		newWorlds = newWorld
	}
	var reference []world.Line
	show := spec.Trace
	spec.Trace = func(line world.Line) {
		reference = append(reference, line)
		if show != nil {
			show(line)
		}
	}
	w := newWorlds()
	first, err := Once(w, spec)
	if err != nil {
		return world.Outcome{}, nil, err
	}
	w.Close()

	// By run. The one without a trace is the last, since it cannot show where runs part.
	mismatches := make([]*Mismatch, times)
	workers := min(times, runtime.GOMAXPROCS(0))
	used := worlds{newWorlds, make([]World, workers)}
	err = Distribute(context.Background(), workers, uint64(times), func(_ context.Context, worker int, task uint64) (err error) {
		if run := int(task); run == times-1 {
			mismatches[run], err = repeatUntraced(spec, first, used.of(worker))
		} else {
			mismatches[run], err = repeat(spec, run, first, reference, used.of(worker), newWorlds)
		}
		if err != nil {
			used.forget(worker)
		}
		return err
	})
	used.close()
	if err != nil {
		return first, nil, err
	}
	for _, mismatch := range mismatches {
		if mismatch != nil {
			return first, mismatch, nil
		}
	}
	return first, nil, nil
}

// repeatUntraced does one more run as campaigns do, and compares its outcome.
func repeatUntraced(spec world.Spec, first world.Outcome, used World) (*Mismatch, error) {
	spec.Trace = nil
	other, err := Once(used, spec)
	if err != nil || same(first, other) {
		return nil, err
	}
	return &Mismatch{First: first, Other: other, Circumstances: "without a trace"}, nil
}

// repeat does one more run and compares it step by step. The world is one to be used again.
func repeat(spec world.Spec, run int, first world.Outcome, reference []world.Line, used World, newWorlds func() World) (*Mismatch, error) {
	m := &Mismatch{First: first, Circumstances: "in a fresh world"}
	w := used
	if run%2 == 0 {
		m.Circumstances = "in a world that had run other seeds"
		if _, err := Once(w, world.Spec{Seed: spec.Seed + uint64(run) + 1, Profile: spec.Profile, Properties: spec.Properties}); err != nil {
			return nil, err
		}
	} else {
		w = newWorlds()
	}
	parted, err := m.follow(spec, reference, w)
	if err != nil {
		return nil, err
	}
	if run%2 == 1 {
		w.Close()
	}
	if !parted {
		return nil, nil
	}
	return m, nil
}

// follow does the other run, in a world, beside what the first one did. It tells whether they part.
func (m *Mismatch) follow(spec world.Spec, reference []world.Line, w World) (parted bool, err error) {
	at := 0 // position in the reference
	spec.Trace = func(line world.Line) {
		if !parted && (at == len(reference) || reference[at] != line) {
			parted = true
			m.Got = &line
		}
		if !parted {
			at++
		}
	}
	if m.Other, err = Once(w, spec); err != nil {
		return false, err
	}
	if at < len(reference) {
		parted = true
		m.Expected = &reference[at]
	}
	if parted && at > 0 {
		m.Before = &reference[at-1]
	}
	return parted || !same(m.First, m.Other), nil
}

// Compare runs one specification in two worlds that should make no difference, and compares the runs step by step. The
// Mismatch is nil if they are the same in everything. The specification's Trace is not used. Errors are
// [*BrokenError].
func Compare(spec world.Spec, first, other World) (*Mismatch, error) {
	var reference []world.Line
	spec.Trace = func(line world.Line) { reference = append(reference, line) }
	m := &Mismatch{Circumstances: "in another world"}
	var err error
	if m.First, err = Once(first, spec); err != nil {
		return nil, err
	}
	if parted, err := m.follow(spec, reference, other); err != nil || !parted {
		return nil, err
	}
	return m, nil
}

// same tells whether two outcomes agree in everything.
func same(a, b world.Outcome) bool {
	if (a.Violation == nil) != (b.Violation == nil) || a.Violation != nil && *a.Violation != *b.Violation {
		return false
	}
	a.Violation, b.Violation = nil, nil
	return a == b
}

// Verdict returns what a run comes to whose repetition gave a mismatch, or none.
func (m *Mismatch) Verdict(first world.Outcome) checker.Verdict {
	if m != nil {
		return checker.NotDeterministic
	}
	return first.Verdict
}
