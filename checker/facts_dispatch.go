package checker

import (
	"slices"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A lifeEntry is one life of a process.
type lifeEntry struct {
	name string
	life int
}

// sender is the life of the process that sent what a record is about.
func sender(r *Record) lifeEntry { return lifeEntry{r.Actor, r.Life} }

// preparedFacts are about the preparations of an attempt.
type preparedFacts struct {
	preparations []preparationFacts
	prepared     []lifeEntry // who has prepared it and not claimed it since
}

// preparationFacts are about one preparation: what its dispatcher had seen of the review, and what came of it.
type preparationFacts struct {
	by        lifeEntry
	claim     engine.Token
	deferrals int
	ended     bool
	failure   Failure
	followed  bool // its sender has begun to write what follows from that
}

func (f *preparedFacts) empty() preparedFacts {
	return preparedFacts{preparations: f.preparations[:0], prepared: f.prepared[:0]}
}

// preparationBy returns the latest preparation by the record's sender, or nil.
func (f *preparedFacts) preparationBy(r *Record) *preparationFacts {
	for i := len(f.preparations) - 1; i >= 0; i-- {
		if p := &f.preparations[i]; p.by == sender(r) {
			return p
		}
	}
	return nil
}

// preparedBy returns the place of the record's sender among those who have prepared the attempt and not claimed it
// since, or -1.
func (f *preparedFacts) preparedBy(r *Record) int {
	return slices.Index(f.prepared, sender(r))
}

func (f *preparedFacts) prepareStarted(r *Record) {
	f.preparations = append(f.preparations, preparationFacts{by: sender(r), claim: r.Token, deferrals: r.Deferrals})
}

func (f *preparedFacts) prepareEnded(r *Record) {
	if f.preparedBy(r) < 0 {
		f.prepared = append(f.prepared, sender(r))
	}
	if p := f.preparationBy(r); p != nil {
		p.ended, p.failure = true, r.Error
	}
}

// claimed takes that the record's sender was granted a claim.
func (f *preparedFacts) claimed(r *Record) {
	if i := f.preparedBy(r); i >= 0 {
		f.prepared = slices.Delete(f.prepared, i, i+1)
	}
}

// followedUp takes what a process does about an attempt that it could not prepare: put it off, call it failed, or claim
// it to have it abandoned.
func (f *preparedFacts) followedUp(r *Record) {
	switch r.Op.Kind {
	case model.ReviewsDefer, model.ReviewsFail, model.ReviewsClaim:
		if p := f.preparationBy(r); p != nil && p.ended {
			p.followed = true
		}
	default: // about something else
	}
}

// cyclesKept is how many dispatch cycles of a process are remembered: those whose reservation may still be on its way
// back, and then some.
const cyclesKept = 4

// cycleFacts are about the dispatch cycles of one life of a process.
type cycleFacts struct {
	cycles [cyclesKept]cycleEntry
	next   int                 // where the next cycle goes
	begun  []engine.AttemptKey // which attempts it has begun to prepare
}

// A cycleEntry is one reservation with what became of its candidates.
type cycleEntry struct {
	answered   bool // its process has the candidates
	candidates []candidateEntry
	ended      bool // the first preparation is over
}

// A candidateEntry is one review that a cycle is to dispatch.
type candidateEntry struct {
	key     engine.AttemptKey
	started bool // its preparation belongs to this cycle
	sure    bool // it could belong to no other cycle that is remembered
}

// empty returns the facts of another process, in the same memory.
func (f *cycleFacts) empty() cycleFacts {
	e := cycleFacts{begun: f.begun[:0]}
	for i := range f.cycles {
		e.cycles[i].candidates = f.cycles[i].candidates[:0]
	}
	return e
}

// forget forgets the cycles: what comes of them proves nothing any more.
func (f *cycleFacts) forget() {
	for i := range f.cycles {
		f.cycles[i].candidates = f.cycles[i].candidates[:0]
	}
}

func (f *cycleFacts) began(r *Record) {
	c := &f.cycles[f.next]
	f.next = (f.next + 1) % cyclesKept
	c.answered, c.ended, c.candidates = false, false, c.candidates[:0]
	for i := range r.Result.Reviews {
		c.candidates = append(c.candidates, candidateEntry{key: r.Result.Reviews[i].Key()})
	}
}

// reserved takes that the process learns of a reservation: of the earliest with these candidates that it has not learned of.
func (f *cycleFacts) reserved(found []engine.Review) {
	for i := cyclesKept - 1; i >= 0; i-- {
		if c := f.latest(i); !c.answered && c.has(found) {
			c.answered = true
			return
		}
	}
}

// has reports whether the candidates of the cycle are the reviews that were found.
func (c *cycleEntry) has(found []engine.Review) bool {
	return slices.EqualFunc(c.candidates, found, func(e candidateEntry, r engine.Review) bool { return e.key == r.Key() })
}

func (f *cycleFacts) prepareStarted(r *Record) {
	if c := f.waiting(r.Key); c != nil {
		candidate := &c.candidates[c.position(r.Key)]
		candidate.started, candidate.sure = true, f.named(r.Key) == 1
	}
	if !slices.Contains(f.begun, r.Key) {
		f.begun = append(f.begun, r.Key)
	}
}

func (f *cycleFacts) prepareEnded(r *Record) {
	if c, _ := f.startedIn(r.Key); c != nil {
		c.ended = true
	}
}

// waiting returns the latest cycle that its process knows in which a candidate waits for its preparation, or nil. The answer
// of a busy database may take longer than a preparation of an earlier cycle. Cycles whose first
// preparation is over are returned only when there is no other.
func (f *cycleFacts) waiting(key engine.AttemptKey) (cycle *cycleEntry) {
	for i := range f.cycles {
		c := f.latest(i)
		at := c.position(key)
		if at >= 0 && c.answered && !c.candidates[at].started && (cycle == nil || cycle.ended && !c.ended) {
			cycle = c
		}
	}
	return cycle
}

// startedIn returns the latest cycle to which a preparation belongs, with the candidate, or nil.
func (f *cycleFacts) startedIn(key engine.AttemptKey) (*cycleEntry, *candidateEntry) {
	for i := range f.cycles {
		c := f.latest(i)
		if at := c.position(key); at >= 0 && c.candidates[at].started {
			return c, &c.candidates[at]
		}
	}
	return nil, nil
}

// latest returns the i-th cycle, from the latest, 0, on.
func (f *cycleFacts) latest(i int) *cycleEntry { return &f.cycles[(f.next+cyclesKept-1-i)%cyclesKept] }

// named counts the remembered cycles that have a candidate.
func (f *cycleFacts) named(key engine.AttemptKey) (n int) {
	for i := range f.cycles {
		if f.cycles[i].position(key) >= 0 {
			n++
		}
	}
	return n
}

func (c *cycleEntry) position(key engine.AttemptKey) int {
	return slices.IndexFunc(c.candidates, func(e candidateEntry) bool { return e.key == key })
}

// preparations are the preparations in progress in all processes.
type preparations struct {
	list  [preparationsMax]preparation
	count int
}

// preparationsMax is the largest number of preparations in progress that are tracked.
const preparationsMax = 32

type preparation struct {
	key   engine.AttemptKey
	actor string
}

func (p *preparations) started(r *Record) {
	if p.count < preparationsMax {
		p.list[p.count] = preparation{r.Key, r.Actor}
		p.count++
	}
}

// elsewhere reports whether another process is preparing the attempt of a record.
func (p *preparations) elsewhere(r *Record) bool {
	for i := range p.list[:p.count] {
		if one := &p.list[i]; one.key == r.Key && one.actor != r.Actor {
			return true
		}
	}
	return false
}

// of reports whether any process is preparing a review.
func (p *preparations) of(review engine.ReviewID) bool {
	return slices.ContainsFunc(p.list[:p.count], func(one preparation) bool { return one.key.Review == review })
}

// crashed removes the preparations of a process that has crashed.
func (p *preparations) crashed(r *Record) {
	kept := 0
	for i := range p.list[:p.count] {
		if p.list[i].actor != r.Actor {
			p.list[kept] = p.list[i]
			kept++
		}
	}
	p.count = kept
}

func (p *preparations) ended(r *Record) {
	for i := range p.list[:p.count] {
		if one := &p.list[i]; one.key == r.Key && one.actor == r.Actor {
			p.count--
			*one = p.list[p.count]
			return
		}
	}
}
