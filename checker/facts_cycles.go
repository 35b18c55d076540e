package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// cyclesKept is how many dispatch cycles of a process are remembered: those whose
// reservation may still be on its way back, and then some.
const cyclesKept = 4

// A cycleFacts is one reservation with what became of its candidates.
type cycleFacts struct {
	candidates []candidateFacts
	ended      bool // the first preparation is over
}

// A candidateFacts is one review that a cycle is to dispatch.
type candidateFacts struct {
	key     engine.AttemptKey
	started bool // its preparation belongs to this cycle
	sure    bool // it could belong to no other cycle that is remembered
}

func (p *processFacts) forgetCycles() {
	for i := range p.cycles {
		p.cycles[i].candidates = p.cycles[i].candidates[:0]
	}
}

func (f *facts) cycleBegan(r *Record) {
	if len(r.Result.Reviews) == 0 {
		return
	}
	f.makespan.reserved(r)
	p := f.process(r.Actor)
	c := &p.cycles[p.next]
	p.next = (p.next + 1) % cyclesKept
	c.candidates, c.ended = c.candidates[:0], false
	for i := range r.Result.Reviews {
		c.candidates = append(c.candidates, candidateFacts{key: r.Result.Reviews[i].Key()})
	}
}

// waiting returns the latest cycle of a process in which a candidate waits for its
// preparation, or nil. Cycles whose first preparation is over are returned only
// when there is no other.
func (p *processFacts) waiting(key engine.AttemptKey) (cycle *cycleFacts) {
	for i := range p.cycles {
		c := &p.cycles[(p.next+cyclesKept-1-i)%cyclesKept] // latest first
		at := c.position(key)
		if at >= 0 && !c.candidates[at].started && (cycle == nil || cycle.ended && !c.ended) {
			cycle = c
		}
	}
	return cycle
}

// startedIn returns the latest cycle of a process to which a preparation belongs, with
// the candidate, or nil.
func (p *processFacts) startedIn(key engine.AttemptKey) (*cycleFacts, *candidateFacts) {
	for i := range p.cycles {
		c := &p.cycles[(p.next+cyclesKept-1-i)%cyclesKept]
		if at := c.position(key); at >= 0 && c.candidates[at].started {
			return c, &c.candidates[at]
		}
	}
	return nil, nil
}

// named counts the remembered cycles that have a candidate.
func (p *processFacts) named(key engine.AttemptKey) (n int) {
	for i := range p.cycles {
		if p.cycles[i].position(key) >= 0 {
			n++
		}
	}
	return n
}

func (c *cycleFacts) position(key engine.AttemptKey) int {
	return slices.IndexFunc(c.candidates, func(e candidateFacts) bool { return e.key == key })
}

func (f *facts) prepareStarted(r *Record) {
	p := f.process(r.Actor)
	if c := p.waiting(r.Key); c != nil {
		candidate := &c.candidates[c.position(r.Key)]
		candidate.started, candidate.sure = true, p.named(r.Key) == 1
	}
	if !slices.Contains(p.begun, r.Key) {
		p.begun = append(p.begun, r.Key)
	}
	f.attempt.seen = append(f.attempt.seen, seenFacts{by: lifeEntry{r.Actor, r.Life}, claim: r.Token, deferrals: r.Deferrals})
	f.makespan.prepareStarted(r)
}

// prepares returns the place of the record's sender among those who have prepared
// the attempt, or -1.
func (a *attemptFacts) prepares(r *Record) int {
	if a == nil {
		return -1
	}
	return slices.Index(a.prepared, lifeEntry{r.Actor, r.Life})
}

func (f *facts) prepareEnded(r *Record) {
	if f.attempt.prepares(r) < 0 {
		f.attempt.prepared = append(f.attempt.prepared, lifeEntry{r.Actor, r.Life})
	}
	if s := f.attempt.seenBy(r); s != nil {
		s.ended, s.failure = true, r.Error
	}
	if c, _ := f.process(r.Actor).startedIn(r.Key); c != nil {
		c.ended = true
	}
	f.makespan.prepareEnded(r)
}

// A makespan measures the dispatch of a burst.
type makespan struct {
	began, last, slowest time.Duration
	reservedAny          bool
	preparing            [makespanMax]preparation
	count                int
}

// makespanMax is how many preparations at once are timed.
const makespanMax = 32

type preparation struct {
	key   engine.AttemptKey
	actor string
	began time.Duration
}

func (m *makespan) reserved(r *Record) {
	if !m.reservedAny {
		m.reservedAny, m.began = true, r.At
	}
}

func (m *makespan) dispatched(r *Record) { m.last = r.At }

func (m *makespan) prepareStarted(r *Record) {
	if m.count < makespanMax {
		m.preparing[m.count] = preparation{r.Key, r.Actor, r.At}
		m.count++
	}
}

// elsewhere reports whether another process is preparing an attempt.
func (m *makespan) elsewhere(r *Record) bool {
	for i := range m.preparing[:m.count] {
		if p := &m.preparing[i]; p.key == r.Key && p.actor != r.Actor {
			return true
		}
	}
	return false
}

// crashed forgets the preparations of a process that is gone.
func (m *makespan) crashed(r *Record) {
	kept := 0
	for i := range m.preparing[:m.count] {
		if m.preparing[i].actor != r.Actor {
			m.preparing[kept] = m.preparing[i]
			kept++
		}
	}
	m.count = kept
}

func (m *makespan) prepareEnded(r *Record) {
	for i := range m.preparing[:m.count] {
		if p := &m.preparing[i]; p.key == r.Key && p.actor == r.Actor {
			m.slowest = max(m.slowest, r.At-p.began)
			m.count--
			*p = m.preparing[m.count]
			return
		}
	}
}
