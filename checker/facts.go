package checker

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// The facts are the bookkeeping of what has happened so far,
// copied out of records, by review, attempt, session and process. The properties
// read it, and only [facts.apply] writes it, after they have seen the record.
//
// Its memory is reused from run to run. In a run that repeats the size of an
// earlier one it allocates nothing.
type facts struct {
	config Config

	phase      Phase
	phaseBegan time.Duration // when the phase began
	faults     int           // faults that fired so far
	// clockJumped: some clock went back, or far ahead, while it ran.
	clockJumped bool

	reviews   []*reviewFacts // in order of their first record
	index     map[engine.ReviewID]*reviewFacts
	owners    []*ownerFacts
	processes []*processFacts
	leases    map[engine.HostID]leaseFacts

	// What the current record is about; nil where it names none.
	review  *reviewFacts
	attempt *attemptFacts

	// appended is what the current record's append did, if it is one.
	appended appendClass

	makespan makespan

	asked []askedFacts // calls under way that ask workers how an attempt stands
}

// An ownerFacts counts what an owner has running.
type ownerFacts struct {
	id   engine.OwnerID
	live int // sessions
	// full: all slots are taken. freeSince is when the last of such times ended.
	full      bool
	freeSince time.Duration
}

// A reviewFacts is what is known of one review.
type reviewFacts struct {
	id     engine.ReviewID
	hasRow bool
	row    engine.Review // as last changed
	// changed: by the operation whose record comes next.
	changed   bool
	changedAt time.Duration // when the row last changed
	began     time.Duration // when the row came to be
	// retries counts the automatic attempts since the submission or the last
	// retrigger; the row's own count is not trusted.
	retries  int
	live     int             // sessions
	attempts []*attemptFacts // by attempt number, from 1
	claims   []claimFacts    // in order of their grants
}

// A claimFacts is one token that was given out.
type claimFacts struct {
	token   engine.Token
	attempt int
	actor   string
	life    int
	at      time.Duration
	used    bool // a dispatch was sent under it
	givenUp bool // its holder released it, or ended the attempt under it
	// refused: the worker rejected the dispatch, at refusedAt, when so many faults had
	// struck between the holder and the database. released: the holder tried to.
	refused, released bool
	refusedAt         time.Duration
	struck            int
	told              bool // its holder learned that it was granted
	// unstartable: the worker refused the dispatch for good. abandoned: the holder has
	// sent that the attempt is abandoned.
	unstartable, abandoned bool
}

// An attemptFacts is what is known of one execution.
type attemptFacts struct {
	key engine.AttemptKey

	// The session, according to the agent.
	sessions    int // started
	session     engine.SessionID
	owner       engine.OwnerID
	live        bool
	ended       engine.Status // how the last session ended; 0: it has not
	emitted     int64         // events, when it ended
	interrupted bool          // the agent has taken note of an interrupt
	script      []engine.Event
	usage       []int64 // usage[n]: tokens of the first n events of the script

	// The journal's row.
	hasRow bool
	row    engine.Orchestration
	purged bool
	// intended: an accepted intend is journaled. buried: the row was a tombstone
	// from the start.
	intended, buried bool
	// holder is the process that was given the row's epoch. knewCancel: the row was
	// to be cancelled when it was. acted is the latest epoch under which its holder
	// wrote something.
	holder     string
	holderLife int
	knewCancel bool
	acted      engine.Epoch

	// The app, and what reached it.
	reported  bool // the app executed a terminal report of this attempt
	answered  bool // a terminal callback came back with an answer
	callbacks int  // terminal callbacks sent

	journaledAt time.Duration // when the row last changed, but for its lease

	hosts    []hostFacts // that run it, or did
	prepared []lifeEntry // who has prepared it and not claimed it since
	hopeless bool        // a fault struck that no other attempt would mend
	// Who has heard of it, by [facts.bit]: replicas that a report of a status arrived
	// at, and those whose sweep found it silent.
	arrived [engine.Cancelled + 1]uint64
	silent  uint64

	shown []shownFacts // what clients have seen of the events

	began   time.Duration  // when it was journaled
	seen    []seenFacts    // its preparations
	final   engine.Attempt // how it ended for its user; no status: it has not
	finalAt time.Duration
}

// A lifeEntry is one life of a process.
type lifeEntry struct {
	name string
	life int
}

// A shownFacts is the last event that a client has seen.
type shownFacts struct {
	client string
	number int64
}

// A processFacts is what is known of one process.
type processFacts struct {
	name     string
	life     int
	crashed  bool
	paused   bool
	stopping bool              // asked to shut down
	faults   int               // faults that had fired when it was asked
	leaving  bool              // asked to shut down in this life
	slow     bool              // in this life: the pauses that it has begun last long
	halted   bool              // it was paused in this life
	old      int               // the latest life that ran an older configuration
	struck   int               // faults that fired at it so far
	resumed  time.Duration     // when its last pause ended; 0: it had none
	shutdown shutdownFacts     // of this life
	rounds   roundsFacts       // of this life
	started  time.Duration     // when this life began
	over     time.Duration     // when the last one that is over ended
	told     engine.AttemptKey // over, as a worker has just told it
	cycles   [cyclesKept]cycleFacts
	next     int // where the next cycle goes
	// begun are the attempts that it has begun to prepare in this life. sightings: the
	// beats of other hosts that it was told of by its latest renewal.
	begun     []engine.AttemptKey
	sightings []sightingFacts
}

func newFacts() *facts {
	return &facts{index: make(map[engine.ReviewID]*reviewFacts), leases: make(map[engine.HostID]leaseFacts)}
}

// reset forgets everything and keeps the memory.
func (f *facts) reset(config Config) {
	clear(f.leases)
	f.config = config
	f.phase, f.phaseBegan, f.faults, f.clockJumped = PhaseNone, 0, 0, false
	clear(f.index)
	f.reviews = f.reviews[:0]
	f.owners = f.owners[:0]
	f.processes = f.processes[:0]
	f.review, f.attempt = nil, nil
	f.makespan = makespan{}
	f.asked = f.asked[:0]
}

// grow returns the element behind the end of a list of pointers, kept from an
// earlier run or new, and the longer list.
func grow[T any](list []*T) ([]*T, *T) {
	if len(list) < cap(list) {
		list = list[:len(list)+1]
		if last := list[len(list)-1]; last != nil {
			return list, last
		}
		list = list[:len(list)-1]
	}
	last := new(T)
	return append(list, last), last
}

// find returns the entry of a review, or nil.
func (f *facts) find(id engine.ReviewID) *reviewFacts {
	if f.review != nil && f.review.id == id {
		return f.review
	}
	if len(f.reviews) > scanMax {
		return f.index[id]
	}
	for _, v := range f.reviews {
		if v.id == id {
			return v
		}
	}
	return nil
}

// scanMax is up to how many reviews looking at each is faster than hashing.
const scanMax = 12

// open returns the entry of a review, made if need be.
func (f *facts) open(id engine.ReviewID) *reviewFacts {
	if v := f.find(id); v != nil {
		return v
	}
	var v *reviewFacts
	f.reviews, v = grow(f.reviews)
	*v = reviewFacts{id: id, attempts: v.attempts[:0], claims: v.claims[:0]}
	f.index[id] = v
	return v
}

// attemptsMax bounds the attempts of one review that are kept: what lies beyond is
// a made-up number.
const attemptsMax = 10_000

// open returns the entry of an attempt, made if need be, or nil for a number that
// can't be one.
func (v *reviewFacts) open(number int) *attemptFacts {
	if number < 1 || number > attemptsMax {
		return nil
	}
	for len(v.attempts) < number {
		var a *attemptFacts
		v.attempts, a = grow(v.attempts)
		*a = attemptFacts{
			key:    engine.AttemptKey{Review: v.id, Attempt: len(v.attempts)},
			seen:   a.seen[:0],
			script: a.script[:0], usage: a.usage[:0], shown: a.shown[:0], hosts: a.hosts[:0], prepared: a.prepared[:0],
		}
	}
	return v.attempts[number-1]
}

// known returns the entry of an attempt, or nil.
func (v *reviewFacts) known(number int) *attemptFacts {
	if number < 1 || number > len(v.attempts) {
		return nil
	}
	return v.attempts[number-1]
}

// claim returns the grant of a token, or nil.
func (v *reviewFacts) claim(token engine.Token) *claimFacts {
	for i := len(v.claims) - 1; i >= 0; i-- {
		if v.claims[i].token == token {
			return &v.claims[i]
		}
	}
	return nil
}

// owner returns the entry of an owner, made if need be.
func (f *facts) owner(id engine.OwnerID) *ownerFacts {
	for _, o := range f.owners {
		if o.id == id {
			return o
		}
	}
	var o *ownerFacts
	f.owners, o = grow(f.owners)
	*o = ownerFacts{id: id}
	return o
}

// process returns the entry of a process, made if need be.
func (f *facts) process(name string) *processFacts {
	for _, p := range f.processes {
		if p.name == name {
			return p
		}
	}
	var p *processFacts
	f.processes, p = grow(f.processes)
	kept := p.cycles
	*p = processFacts{name: name, begun: p.begun[:0], sightings: p.sightings[:0]}
	for i := range kept {
		p.cycles[i].candidates = kept[i].candidates[:0]
	}
	return p
}

// tokens is what the first events of the script used.
func (a *attemptFacts) tokens(events int64) int64 {
	if len(a.usage) == 0 {
		return 0
	}
	return a.usage[min(max(events, 0), int64(len(a.usage)-1))]
}

// over reports whether the journal's row has its outcome.
func (a *attemptFacts) over() bool { return a.hasRow && a.row.Phase == engine.PhaseOver }

// covers reports whether a review's row keeps a slot for an attempt.
func covers(row *engine.Review, attempt int) bool {
	return row.Stopping == attempt ||
		row.Attempt == attempt && (row.Status == engine.Queued || row.Status == engine.Running)
}
