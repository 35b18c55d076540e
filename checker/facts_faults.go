package checker

import (
	"slices"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// faultFired notes a fault. Those of the database strike whoever uses it.
func (f *facts) faultFired(r *Record) {
	f.faults++
	p := f.process(r.Actor)
	p.struck++
	p.shutdown.fault(r)
	switch r.Fault {
	case faults.ClockJump:
		f.clockJumped = true
	case faults.AgentRefuse:
		f.refusedForGood()
	case faults.ProcessSlow:
		p.slow = true
	case faults.ProcessOldConfig:
		p.old = p.life
	default: // no property asks for it
	}
	if r.Fault.Category() == faults.CategoryProcess {
		p.forgetCycles()
	}
}

// refusedForGood notes a refusal. Whose it is does not stand in the record, so it may
// be that of every attempt whose session the agent has been asked for and not begun.
func (f *facts) refusedForGood() {
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			asked := slices.ContainsFunc(a.hosts, func(h hostFacts) bool { return h.creates > 0 })
			a.hopeless = a.hopeless || asked && a.sessions == 0
		}
	}
}

// bit stands for a process in a set.
func (f *facts) bit(name string) uint64 {
	f.process(name)
	for i, p := range f.processes {
		if p.name == name {
			return 1 << (i % 64)
		}
	}
	return 0
}

// struck is how many faults have fired at a process or at the database itself.
func (f *facts) struck(name string) int {
	return f.process(name).struck + f.process("database").struck
}

// dispatchAnswered notes that a claim's dispatch was refused.
func (f *facts) dispatchAnswered(r *Record) {
	c := f.review.claim(r.Token)
	if c == nil || c.actor != r.Actor || c.life != r.Life {
		return
	}
	switch r.Error {
	case FailedAs(engine.Rejected):
		c.refused, c.refusedAt, c.struck = true, r.At, f.struck(r.Actor)
	case FailedAs(engine.Permanent):
		c.unstartable = true
	}
}

// claimAnswered notes that whoever claimed a review has been told so. Each claim of an
// attempt by a process is another one's successor, so the latest is meant.
func (f *facts) claimAnswered(r *Record) {
	for i := len(f.review.claims) - 1; i >= 0; i-- {
		if c := &f.review.claims[i]; c.actor == r.Actor && c.life == r.Life && c.attempt == r.Key.Attempt {
			c.told = true
			return
		}
	}
}

// sweepFound notes whom a sweep has pointed to reviews that have gone silent.
func (f *facts) sweepFound(r *Record) {
	if r.Result.Failed || len(r.Op.Key.Review) != 0 {
		return
	}
	for i := range r.Result.Work.Silent {
		row := &r.Result.Work.Silent[i]
		if v := f.find(row.Review); v != nil {
			if a := v.open(row.Attempt); a != nil {
				a.silent |= f.bit(r.Actor)
			}
		}
	}
}

// livesOn reports whether a life of a process has gone on undisturbed.
func (f *facts) livesOn(name string, life int) bool {
	p := f.process(name)
	return p.life <= life && !p.crashed && !p.paused && !p.leaving
}
