package explain

import (
	"slices"
	"sort"

	"github.com/onceover/onceover/sim/run"
)

// A PointOfNoReturn is how likely a failure was in the course of its run, and so the step at which it became
// inevitable.
type PointOfNoReturn struct {
	Stormy Curve `json:"stormy"`
	Calm   Curve `json:"calm"`
	Runs   int   `json:"runs"` // that the search took
	// Complete: the search came to its end before the context did. Otherwise there are fewer points, and the jump may
	// be between two of them.
	Complete bool `json:"complete"`
}

// findPointOfNoReturn runs a failing specification with many other continuations. seen is the run itself. When the
// context ends, it returns what is known so far. It returns nil for a world that has no other continuations.
func (e *explanation) findPointOfNoReturn(spec run.Spec, seen *timeline) *PointOfNoReturn {
	b := branching{explanation: e, spec: spec, events: eventsOf(seen), result: &seen.Result}
	p := &PointOfNoReturn{Calm: b.curve(Calm)}
	if b.ignored {
		return nil
	}
	p.Stormy = b.curve(Stormy)
	p.Runs, p.Complete = b.runs, e.ctx.Err() == nil
	return p
}

// branching is the search for the point of no return.
type branching struct {
	*explanation
	spec    run.Spec
	events  []event // of the run, by step
	result  *run.Result
	runs    int
	ignored bool // the world does not branch
}

// halvings is about how many steps the search for the jump takes in a run of some hundred steps.
const halvings = 8

// curve examines moments all over the run first, and then where the curve rises for good.
func (b *branching) curve(continuation Continuation) Curve {
	c := Curve{Continuation: continuation, Branches: b.options.Branches, Jump: -1}
	for _, step := range b.moments() {
		if b.ctx.Err() != nil || b.ignored {
			break
		}
		c.Points = append(c.Points, b.point(continuation, step))
	}
	for b.ctx.Err() == nil && !b.ignored {
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
		p := b.point(continuation, low+(after.Step-low)/2)
		c.Points = slices.Insert(c.Points, c.Jump, p)
	}
	c.Jump = c.findJump()
	return c
}

// moments returns steps that are spread evenly over the run, the last one included.
func (b *branching) moments() []uint64 {
	last := max(b.result.Steps, 1)
	n := uint64(b.options.Moments)
	var steps []uint64
	for i := uint64(1); i <= n; i++ {
		step := max(1, last*i/n)
		if len(steps) == 0 || steps[len(steps)-1] != step {
			steps = append(steps, step)
		}
	}
	return steps
}

// point tries all continuations of one moment.
func (b *branching) point(continuation Continuation, step uint64) Point {
	p := Point{Step: step}
	if i := sort.Search(len(b.events), func(i int) bool { return b.events[i].step > step }); i > 0 {
		e := &b.events[i-1]
		p.At, p.Actor, p.What, p.Exactly = e.at, e.actor, e.what, e.step == step
	}
	for i := range b.options.Branches {
		spec := b.spec
		spec.Branch = run.Branch{After: step, Seed: continuationSeed(spec.Seed, i), Calm: continuation == Calm}
		result := b.w.Run(spec)
		b.runs++
		if !result.Violated() {
			continue
		}
		p.Any++
		if result.Violation.Signature() == b.result.Violation.Signature() {
			p.Same++
		}
		// The continuation of a world that branches is in its hash, unless there is nothing left to continue.
		b.ignored = b.ignored || step < b.result.Steps && result.Hash == b.result.Hash
	}
	p.Low, p.High = wilson(p.Same, b.options.Branches)
	if b.options.OnProgress != nil {
		budget := max(2*(b.options.Moments+halvings)*b.options.Branches, b.runs)
		b.options.OnProgress(Progress{Branching: true, Continuation: continuation, Runs: b.runs, Part: float64(b.runs) / float64(budget)})
	}
	return p
}

// continuationSeed returns the seed of a continuation. Any function will do that returns different ones.
func continuationSeed(seed uint64, number int) uint64 {
	return seed ^ (uint64(number)+1)*0x9e3779b97f4a7c15
}
