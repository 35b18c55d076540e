package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
)

// A Monitor watches one run. It takes every record as it happens, keeps the facts, and stops at the first property that
// does not hold. A monitor can be reused for the next run; once it has seen runs of some size, it allocates nothing in
// the next one of that size.
//
// A Monitor is not safe for concurrent use.
type Monitor struct {
	facts     *facts
	goals     GoalCounts
	violation *Violation
	checks    [kindsWatched][callEnd][]watch // what is watched, by the kind of record and the call that it is about
	endings   []watch                        // what is watched at the end of the run
	only      []string                       // what checks and endings were made for
}

// A watch is one check of one property.
type watch struct {
	property string
	check    check
}

// NewMonitor returns a monitor of all properties under a default config. Call Reset to give it another.
func NewMonitor() *Monitor {
	m := &Monitor{facts: newFacts()}
	m.arm(nil)
	m.Reset(Config{})
	return m
}

// Reset forgets the run that was watched and begins another.
func (m *Monitor) Reset(config Config) {
	if !slices.Equal(config.Only, m.only) {
		m.arm(config.Only)
	}
	m.facts.reset(config.withDefaults())
	m.goals = GoalCounts{}
	m.violation = nil
}

// arm chooses the checks to run.
func (m *Monitor) arm(only []string) {
	m.only = slices.Clone(only)
	m.checks = [kindsWatched][callEnd][]watch{}
	m.endings = nil
	for p := range properties() {
		if len(only) != 0 && !slices.Contains(only, p.ID) {
			continue
		}
		for _, w := range p.watches {
			for _, kind := range w.kinds {
				m.watch(kind, p.ID, &w)
			}
		}
		if p.ending != nil {
			m.endings = append(m.endings, watch{p.ID, p.ending})
		}
	}
}

// watch adds a check to what records of a kind are checked for.
func (m *Monitor) watch(kind Kind, property string, w *watching) {
	for call := range callEnd {
		if w.sees(call) {
			m.checks[kind][call] = append(m.checks[kind][call], watch{property, w.check})
		}
	}
}

// Observe takes the next record. After a violation it changes nothing any more.
func (m *Monitor) Observe(r *Record) {
	if m.violation != nil {
		return
	}
	if r.Kind == JournalExecuted && r.Key.Review == "" {
		m.observeSpan(r)
		return
	}
	m.observe(r)
}

// observeSpan takes an operation of the journal as a whole, one that spans rows. What it changed has had records of its
// own.
func (m *Monitor) observeSpan(r *Record) {
	f := m.facts
	f.resolve(r)
	kind := purgeExecuted
	switch r.JournalOp.Kind {
	case model.JournalRenewLease:
		kind = holdExecuted
	case model.JournalHeld:
		kind = heldRead
	default:
	}
	if !m.check(kind, r) {
		return
	}
	m.goals.observe(f, r)
	f.apply(r)
}

func (m *Monitor) observe(r *Record) {
	if m.violation != nil {
		return
	}
	f := m.facts
	f.resolve(r)
	if f.attempt == nil && concernsAttempt[r.Kind] {
		m.check(namesNone, r)
		return
	}
	if !m.check(r.Kind, r) {
		return
	}
	m.goals.observe(f, r)
	f.apply(r)
}

// check has the properties look at a record, and reports whether they found nothing.
func (m *Monitor) check(kind Kind, r *Record) bool {
	checks := m.checks[kind][r.about()]
	for i := range checks {
		w := &checks[i]
		if v := w.check(m.facts, r); v != nil {
			v.Property = w.property
			m.facts.word(v)
			m.violation = v
			return false
		}
	}
	return true
}

// Finish checks, at the end of the quiet phase, what must hold then.
func (m *Monitor) Finish(at time.Duration) {
	r := Record{At: at}
	for _, w := range m.endings {
		if m.violation != nil {
			return
		}
		if v := w.check(m.facts, &r); v != nil {
			v.Property = w.property
			m.facts.word(v)
			m.violation = v
		}
	}
}

// Violation returns the first property that did not hold, or nil. Nothing that comes after it is checked.
func (m *Monitor) Violation() *Violation { return m.violation }

// Goals returns the counts of the coverage goals that this run reached. They are the monitor's own until the next
// Reset; the caller may add to them.
func (m *Monitor) Goals() *GoalCounts { return &m.goals }
