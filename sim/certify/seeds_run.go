package certify

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

// SeedsOptions are the options of [Seeds].
type SeedsOptions struct {
	// Profile names the mix of faults that the seeds run under; see [github.com/onceover/onceover/faults.Profiles].
	Profile string
	// From is the first seed; the others follow one by one.
	From uint64
	// Seeds is how many seeds to run. 0 means no limit.
	Seeds uint64
	// Parallel is how many worlds run at the same time. 0 means [ParallelDefault].
	Parallel int
	// OnProgress, when not nil, is called as [campaign.Campaign] calls it.
	OnProgress func(campaign.Progress)
}

// ParallelDefault returns how many worlds to run at the same time on one server: two per core. Each world waits for the
// server half of the time, and waking an idle core takes longer than most statements.
func ParallelDefault() int { return 2 * runtime.GOMAXPROCS(0) }

// A SeedsReport is what [Seeds] has compared.
type SeedsReport struct {
	Profile    string `json:"profile"`
	From       uint64 `json:"from,string"`
	Seeds      uint64 `json:"seeds"`
	Equal      uint64 `json:"equal"`      // runs that were the same as on the models
	Operations uint64 `json:"operations"` // as in [campaign.Summary]
	TraceHash  string `json:"trace_hash"` // of all runs together

	// Verdict is the worst verdict of all runs.
	Verdict run.Verdict `json:"-"`
	// Failures are runs that were not a pass: the first of each signature, and the first of unknown verdict.
	Failures []run.Result `json:"-"`
	// Lost is why the stores were lost, or nil. Then some of the seeds have not run.
	Lost error `json:"-"`
}

// Seeds runs whole seeds on real stores and compares each run with that on the models. No more seeds are started after
// the first violation. The error is one of opening or removing the stores, or a [*run.BrokenError].
func Seeds(ctx context.Context, open OpenStores, o SeedsOptions) (*SeedsReport, error) {
	if o.Parallel <= 0 {
		o.Parallel = ParallelDefault()
	}
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	pool, err := NewPool(running, open, func(error) { cancel() })
	if err != nil {
		return nil, err
	}
	summary, err := campaign.Campaign{
		Profile: o.Profile, From: o.From, Seeds: o.Seeds, Parallel: o.Parallel, FailFast: true,
		OnProgress: o.OnProgress, NewWorld: pool.NewWorld,
	}.Run(running)
	report := &SeedsReport{
		Profile: o.Profile, From: o.From, Seeds: summary.Seeds, Equal: pool.Equal(), Operations: summary.Operations,
		TraceHash: run.FormatHash(summary.TraceHash), Verdict: summary.Verdict(), Lost: pool.Lost(),
	}
	for _, signature := range summary.Signatures {
		report.Failures = append(report.Failures, signature.First)
	}
	if report.Lost == nil && len(summary.Unknowns) > 0 {
		report.Failures = append(report.Failures, summary.Unknowns[0])
	}
	if report.Lost != nil { // no server is there to remove anything from
		report.Verdict = run.Unknown
		return report, err
	}
	return report, errors.Join(err, cleanUp(ctx, pool.Close))
}

// explain describes why the verdict is not a pass; it is empty if it is one.
func (r *SeedsReport) explain() string {
	if r.Lost != nil {
		return fmt.Sprintf("the server is lost: %v\n", r.Lost)
	}
	text := ""
	for i := range r.Failures {
		reason := r.Failures[i].Unknown
		if v := r.Failures[i].Violation; v != nil {
			reason = v.Message
			if v.Detail != "" {
				reason += " " + v.Detail
			}
		}
		text += fmt.Sprintf("seed %d of %s: %s\n", r.Failures[i].Seed, r.Profile, reason)
	}
	return text
}
