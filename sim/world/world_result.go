package world

import (
	"errors"
	"slices"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// result returns the result of the run.
func (w *Deployment) result(err error) run.Result {
	now := w.kernel.Now()
	if w.violation == nil && err == nil && w.outage == nil {
		w.monitor.Finish(now)
		w.violation = w.monitor.Violation()
	}
	violation := w.violation
	r := run.Result{
		Seed: w.spec.Seed, Verdict: run.Pass,
		Hash: w.kernel.Hash(), Steps: w.kernel.Steps(), Operations: w.operations, Virtual: now,
		Faults: CountFaults(&w.faults), Goals: CountGoals(w.monitor.Goals()), Size: w.size(), Inputs: run.NewCounts(inputCounters, w.audit.counts...),
		Overrides: w.kernel.OverridesApplied(),
	}
	var panicked *kernel.PanicError
	switch {
	case w.outage != nil:
		r.Verdict, r.Unknown = run.Unknown, w.outage.Error()
		return r
	case errors.As(err, &panicked):
		violation = panicViolation(panicked, now)
	case err != nil:
		r.Verdict, r.Unknown = run.Unknown, err.Error()
		return r
	case violation == nil && checker.Watches(w.spec.Properties, checker.Linearizable):
		violation, r.Unknown = w.history.check()
	}
	switch {
	case violation != nil:
		r.Verdict, r.Violation = run.Violated, violationOf(violation)
	case r.Unknown != "":
		r.Verdict = run.Unknown
	}
	return r
}

// size counts what there was in the run.
func (w *Deployment) size() run.Counts {
	var reviews, events uint64
	owners := w.owners[:0]
	w.database.state.Each(func(r *engine.Review) {
		reviews++
		if !slices.Contains(owners, r.Owner) {
			owners = append(owners, r.Owner)
		}
	})
	w.owners = owners
	for _, s := range w.agent.sessions {
		events += uint64(len(s.script.events))
	}
	return run.NewCounts(sizeCounters, reviews, uint64(len(owners)), w.processes, events)
}
