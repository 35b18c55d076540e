package campaign

import (
	"context"
	"fmt"
	"runtime"

	"github.com/onceover/onceover/sim/run"
)

// A Mismatch is the first difference between two runs that should be equal.
type Mismatch struct {
	// First and Other are the results of the first run and of the run that differs from it.
	First, Other run.Result
	// Circumstances describe the other run, such as "in a fresh world". They must not change a run.
	Circumstances string
	// Before is the last line that both traces have, nil if there is none. Expected is the next line of the first run
	// and Got that of the other, nil at the end of a trace. If both are nil, the traces are equal, and only the results
	// differ.
	Before, Expected, Got *run.Line
}

// CheckDeterminism runs one specification times times and compares trace hashes, readable traces and results. The first
// run has its own world. The others run in parallel, by turns in a world that has run other seeds and in a fresh one,
// and the last without a trace, as in a campaign. CheckDeterminism returns the result of the first run, and the
// Mismatch of the first of the others that differs, or nil. The specification's Trace receives the first run.
//
// The error reports that times is below 2, or is a [*run.BrokenError].
func CheckDeterminism(spec run.Spec, times int, newWorlds func() run.World) (run.Result, *Mismatch, error) {
	if times < 2 {
		return run.Result{}, nil, fmt.Errorf("check determinism: %d runs: allowed are 2 and more, because runs are compared", times)
	}
	var reference []run.Line
	show := spec.Trace
	spec.Trace = func(line run.Line) {
		reference = append(reference, line)
		if show != nil {
			show(line)
		}
	}
	w := newWorlds()
	first, err := run.Once(w, spec)
	if err != nil {
		return run.Result{}, nil, err
	}
	w.Close()

	// By run. The run without a trace is the last, because it cannot show where runs differ.
	mismatches := make([]*Mismatch, times)
	workers := min(times, runtime.GOMAXPROCS(0))
	used := worlds{newWorlds, make([]run.World, workers)}
	err = Distribute(context.Background(), workers, uint64(times), func(_ context.Context, worker int, task uint64) (err error) {
		if n := int(task); n == times-1 {
			mismatches[n], err = repeatUntraced(spec, first, used.of(worker))
		} else {
			mismatches[n], err = repeat(spec, n, first, reference, used.of(worker), newWorlds)
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

// repeatUntraced runs the specification once more, as a campaign does, and compares the result.
func repeatUntraced(spec run.Spec, first run.Result, used run.World) (*Mismatch, error) {
	spec.Trace = nil
	other, err := run.Once(used, spec)
	if err != nil || first.Equal(&other) {
		return nil, err
	}
	return &Mismatch{First: first, Other: other, Circumstances: "without a trace"}, nil
}

// repeat runs the specification once more and compares the run step by step. The n-th run is in the used world if n is
// even, and in a fresh one otherwise.
func repeat(spec run.Spec, n int, first run.Result, reference []run.Line, used run.World, newWorlds func() run.World) (*Mismatch, error) {
	m := &Mismatch{First: first, Circumstances: "in a fresh world"}
	w := used
	if n%2 == 0 {
		m.Circumstances = "in a world that had run other seeds"
		if _, err := run.Once(w, run.Spec{Seed: spec.Seed + uint64(n) + 1, Profile: spec.Profile, Properties: spec.Properties}); err != nil {
			return nil, err
		}
	} else {
		w = newWorlds()
	}
	differs, err := m.follow(spec, reference, w)
	if err != nil {
		return nil, err
	}
	if n%2 == 1 {
		w.Close()
	}
	if !differs {
		return nil, nil
	}
	return m, nil
}

// follow executes the other run in a world and compares it with the trace of the first. It reports whether they differ.
func (m *Mismatch) follow(spec run.Spec, reference []run.Line, w run.World) (differs bool, err error) {
	at := 0 // position in the reference
	spec.Trace = func(line run.Line) {
		if !differs && (at == len(reference) || reference[at] != line) {
			differs = true
			m.Got = &line
		}
		if !differs {
			at++
		}
	}
	if m.Other, err = run.Once(w, spec); err != nil {
		return false, err
	}
	if at < len(reference) {
		differs = true
		m.Expected = &reference[at]
	}
	if differs && at > 0 {
		m.Before = &reference[at-1]
	}
	return differs || !m.First.Equal(&m.Other), nil
}

// Compare runs one specification in two worlds and compares the runs step by step. The Mismatch is nil if the traces
// and the results are equal. The specification's Trace is not used. The error is a [*run.BrokenError].
func Compare(spec run.Spec, first, other run.World) (*Mismatch, error) {
	var reference []run.Line
	spec.Trace = func(line run.Line) { reference = append(reference, line) }
	m := &Mismatch{Circumstances: "in another world"}
	var err error
	if m.First, err = run.Once(first, spec); err != nil {
		return nil, err
	}
	if differs, err := m.follow(spec, reference, other); err != nil || !differs {
		return nil, err
	}
	return m, nil
}

// Verdict returns the verdict on a run after its repetition: not deterministic, or that of the run if m is nil.
func (m *Mismatch) Verdict(first run.Result) run.Verdict {
	if m != nil {
		return run.NotDeterministic
	}
	return first.Verdict
}
