package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// The facts are what has happened so far, copied out of records. Each kind of fact has a type of its own in the file of
// its subject, facts_*.go, and only the code in that file writes it. Properties read the facts as they were before a
// record; then [facts.apply] applies the record.
//
// Their memory is reused from run to run. In a run no larger than an earlier one they allocate nothing.
type facts struct {
	config Config

	runFacts
	reviews      []*reviewFacts // in order of their first record
	index        map[engine.ReviewID]*reviewFacts
	owners       []*ownerFacts
	processes    []*processFacts
	leases       leaseTable
	asking       askedList
	preparations preparations
	span         spanFacts
	calmFacts

	// What the current record is about, and whose it is; nil where it names none.
	review  *reviewFacts
	attempt *attemptFacts
	actor   *processFacts
	// appended is what the current record's append did, if it is one.
	appended appendClass
}

func newFacts() *facts {
	return &facts{index: make(map[engine.ReviewID]*reviewFacts), leases: make(leaseTable)}
}

// reset forgets everything and keeps the memory.
func (f *facts) reset(config Config) {
	f.config = config
	f.runFacts = runFacts{}
	clear(f.index)
	clear(f.leases)
	f.reviews = f.reviews[:0]
	f.owners = f.owners[:0]
	f.processes = f.processes[:0]
	f.asking = f.asking[:0]
	f.preparations = preparations{}
	f.span, f.calmFacts = spanFacts{}, calmFacts{}
	f.review, f.attempt, f.actor = nil, nil, nil
}

// grow returns the element behind the end of a list of pointers, kept from an earlier run or new, and the longer list.
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

// find returns the facts of a review, or nil.
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

// open returns the facts of a review, made if need be.
func (f *facts) open(id engine.ReviewID) *reviewFacts {
	if v := f.find(id); v != nil {
		return v
	}
	var v *reviewFacts
	f.reviews, v = grow(f.reviews)
	v.begin(id)
	f.index[id] = v
	return v
}

// leased returns the facts of an orchestration that is in the journal, or nil.
func (f *facts) leased(lease engine.Lease) *attemptFacts {
	v := f.find(lease.Key.Review)
	if v == nil {
		return nil
	}
	if a := v.known(lease.Key.Attempt); a != nil && a.hasRow {
		return a
	}
	return nil
}

// owner returns the facts of an owner. Of an unknown one nothing is true.
func (f *facts) owner(id engine.OwnerID) *ownerFacts {
	for _, o := range f.owners {
		if o.id == id {
			return o
		}
	}
	return &noOwner
}

var noOwner ownerFacts

// openOwner is owner for one that is written, made if need be.
func (f *facts) openOwner(id engine.OwnerID) *ownerFacts {
	o := f.owner(id)
	if o == &noOwner {
		f.owners, o = grow(f.owners)
		o.begin(id)
	}
	return o
}

// process returns the facts of a process. Of an unknown one nothing is true.
func (f *facts) process(name string) *processFacts {
	if f.actor != nil && f.actor.name == name {
		return f.actor
	}
	for _, p := range f.processes {
		if p.name == name {
			return p
		}
	}
	return &noProcess
}

var noProcess processFacts

// openProcess is process for one that is written, made if need be.
func (f *facts) openProcess(name string) *processFacts {
	p := f.process(name)
	if p == &noProcess {
		f.processes, p = grow(f.processes)
		p.begin(name, len(f.processes)-1)
	}
	return p
}

// concernsAttempt has the kinds of records that are always about an attempt. One that names none is not applied.
var concernsAttempt = [kindEnd]bool{
	StoreChanged: true, PrepareStarted: true, PrepareEnded: true, DispatchSent: true, StartArrived: true,
	DispatchAnswered: true, EventDelivered: true, StreamOpened: true, StreamClosed: true, ReceiveEnded: true, CallbackArrived: true,
	CreateSent: true, StreamSent: true, InterruptSent: true, JournalExecuted: true,
	SessionStarted: true, SessionEnded: true, SessionLost: true, StreamSilent: true, Interrupted: true, CallbackSent: true,
	CallbackAnswered: true, CallerLeft: true,
}

// resolve finds what a record is about, before the properties look at it.
func (f *facts) resolve(r *Record) {
	f.attempt = nil
	if f.actor = f.process(r.Actor); f.actor == &noProcess {
		f.actor = nil
	}
	f.appended = appendNone
	if r.Key.Review == "" {
		f.review = nil
		return
	}
	f.review = f.open(r.Key.Review)
	f.attempt = f.review.open(r.Key.Attempt)
	if r.Kind == JournalExecuted && r.JournalOp.Kind == model.JournalAppend {
		f.appended = f.attempt.classify(r)
	}
}
