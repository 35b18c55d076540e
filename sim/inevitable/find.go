package inevitable

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/onceover/onceover/sim/run"
)

// Options say how closely to look. The zero value is right for most.
type Options struct {
	// Moments is how many moments of the run are looked at before the search for the step. 0 means [MomentsDefault].
	Moments int
	// Branches is how many futures each moment has. 0 means [BranchesDefault].
	Branches int
	// OnProgress, when not nil, is told after every moment.
	OnProgress func(Progress)
}

// What [Options] mean by default: some 1,500 runs for a curve of both futures, a second or two.
const (
	MomentsDefault  = 24
	BranchesDefault = 32
)

// A Progress is how far a search is.
type Progress struct {
	Future Future
	Runs   int
	Budget int // about how many runs it will take
}

// A Result is a failing run's curves.
type Result struct {
	Outcome      run.Result // of the run itself
	Stormy, Calm Curve
	Runs         int // that it took
	// Complete tells that the search came to its end before the context did. Otherwise there are fewer points, and the
	// jump may be between two of them.
	Complete bool
}

// A NoFailureError tells that there is nothing that could be inevitable: the run is not violated.
type NoFailureError struct {
	Outcome run.Result
}

// Error names the seed and the verdict.
func (e *NoFailureError) Error() string {
	return fmt.Sprintf("seed %d has no failure that could become inevitable: its verdict is %s", e.Outcome.Seed, e.Outcome.Verdict)
}

// Find runs a failing specification with many other futures and tells how likely its failure was in the course of it.
// The error is a [*NoFailureError]. When the context ends, what is known so far is returned without an error.
//
// The specification's own branch is part of what is looked at; its observers are not used.
func Find(ctx context.Context, w run.World, spec run.Spec, options Options) (Result, error) {
	if options.Moments == 0 {
		options.Moments = MomentsDefault
	}
	if options.Branches == 0 {
		options.Branches = BranchesDefault
	}
	s := search{ctx: ctx, w: w, options: options, spec: spec.Silent()}
	outcome := s.watch()
	if !outcome.Violated() {
		return Result{}, &NoFailureError{outcome}
	}
	s.outcome, s.signature = outcome, outcome.Violation.Signature()
	result := Result{Outcome: outcome}
	result.Calm = s.curve(Calm)
	result.Stormy = s.curve(Stormy)
	result.Runs, result.Complete = s.runs, ctx.Err() == nil
	return result, nil
}

// search is the work of one call of Find.
type search struct {
	ctx       context.Context
	w         run.World
	options   Options
	spec      run.Spec
	events    []event // of the run, by step
	outcome   run.Result
	signature string
	runs      int
}

// halvings is about how many steps of the search for the jump a run of some hundred steps takes.
const halvings = 8

// curve looks at moments all over the run first, and then where the curve rises for good.
func (s *search) curve(future Future) Curve {
	c := Curve{Future: future, Branches: s.options.Branches, Jump: -1}
	for _, step := range s.moments() {
		if s.ctx.Err() != nil {
			break
		}
		c.Points = append(c.Points, s.point(future, step))
	}
	for s.ctx.Err() == nil {
		c.Jump = c.findJump()
		after := c.After()
		if after == nil || after.Step == 1 {
			break
		}
		low := uint64(0)
		if before := c.Before(); before != nil {
			low = before.Step
		}
		if after.Step-low <= 1 {
			break
		}
		p := s.point(future, low+(after.Step-low)/2)
		c.Points = slices.Insert(c.Points, c.Jump, p)
	}
	c.Jump = c.findJump()
	return c
}

// moments returns steps that are spread evenly over the run, the last one included.
func (s *search) moments() []uint64 {
	last := max(s.outcome.Steps, 1)
	n := uint64(s.options.Moments)
	var steps []uint64
	for i := uint64(1); i <= n; i++ {
		step := max(1, last*i/n)
		if len(steps) == 0 || steps[len(steps)-1] != step {
			steps = append(steps, step)
		}
	}
	return steps
}

// point tries the futures of one moment.
func (s *search) point(future Future, step uint64) Point {
	p := Point{Step: step}
	if i := sort.Search(len(s.events), func(i int) bool { return s.events[i].step > step }); i > 0 {
		e := &s.events[i-1]
		p.At, p.Actor, p.What, p.Exactly = e.at, e.actor, e.what, e.step == step
	}
	for i := range s.options.Branches {
		spec := s.spec
		spec.Branch = run.Branch{After: step, Seed: futureSeed(spec.Seed, i), Calm: future == Calm}
		outcome := s.w.Run(spec)
		s.runs++
		if !outcome.Violated() {
			continue
		}
		p.Any++
		if outcome.Violation.Signature() == s.signature {
			p.Same++
		}
	}
	p.Low, p.High = wilson(p.Same, s.options.Branches)
	if s.options.OnProgress != nil {
		budget := 2 * (s.options.Moments + halvings) * s.options.Branches
		s.options.OnProgress(Progress{Future: future, Runs: s.runs, Budget: max(budget, s.runs)})
	}
	return p
}

// futureSeed returns the seed of a future: any function will do that gives different ones.
func futureSeed(seed uint64, number int) uint64 {
	return seed ^ (uint64(number)+1)*0x9e3779b97f4a7c15
}
