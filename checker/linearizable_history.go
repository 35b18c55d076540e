package checker

import (
	"errors"
	"fmt"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// An Operation is one call about one review as its caller makes it, recorded at the outermost boundary: a client's
// submit, get, cancel or retrigger on its way through network and app, a worker's callback, a dispatcher's claim,
// release, defer, fail, apply or stopped at the port of the store.
type Operation struct {
	Actor string // who calls; for messages and pictures
	Kind  model.ReviewsOpKind
	Key   engine.AttemptKey
	// Token is the claim seen (claim) or held (release, defer, fail, apply).
	Token engine.Token
	// Status and Retryable are what an apply reports.
	Status    engine.Status
	Retryable bool
	// Submission is what a submit asks for. Who supersedes whom follows from it.
	Submission engine.Submission
}

// OperationOf returns the operation that a call of the store is.
func OperationOf(actor string, op *model.ReviewsOp) Operation {
	return Operation{
		Actor: actor, Kind: op.Kind, Key: op.Key, Token: op.Token,
		Status: op.Report.Status, Retryable: op.Report.Retryable, Submission: op.Submission,
	}
}

// Records reports whether operations of the kind have a place in a history: those about one review that change its
// state or show it. Others (attempts, reserve, sweep) span reviews or show none of it.
func Records(kind model.ReviewsOpKind) bool {
	return kind >= model.ReviewsSubmit && kind <= model.ReviewsRetrigger && kind != model.ReviewsAttempts && kind != model.ReviewsReserve
}

// An Answer is what the caller of an operation came to know.
type Answer struct {
	Err    error          // nil: done. An ambiguous one leaves the operation open
	Review *engine.Review // the row that the answer shows; nil if it shows none
	Token  engine.Token   // of a claim
}

// A History is what was asked of the reviews, what was answered, and, where somebody knows, what really happened. It is
// append-only, in the order of time: each of its methods notes one moment. Operations that never return (their caller
// crashed, or the run ended) stay open. A History is reused after Reset, and is not safe for concurrent use.
//
// How to record a call that is delivered more than once (a duplicated request): call Landed for each delivery that the
// store executed.
type History struct {
	clock      int64
	operations []operation
	landings   []landing
	reviews    []historyReview
	index      map[engine.ReviewID]int
	invalid    error // the first thing wrong with the recording itself

	searcher searcher
}

// A historyReview is one partition.
type historyReview struct {
	id         engine.ReviewID
	submission engine.Submission
	submitted  bool  // submission counts
	lowest     int64 // order with which the head was submitted
	attempt    int32 // as last landed
	at         state // in the order of commits, so far
	doubt      int   // the first operation that the order of commits does not explain; -1: none
	open       bool  // some operation's effect is unknown to its caller
}

// An outcome is how an operation ended for its caller.
type outcome uint8

const (
	outcomeOpen outcome = iota
	outcomeAnswered
	outcomeRefused
)

// An operation is one call in the history.
type operation struct {
	call
	actor     string
	review    int
	called    int64
	returned  int64 // 0: never
	outcome   outcome
	refusal   engine.ErrorKind
	shows     bool // the answer showed a row, seen
	seen      state
	granted   engine.Token // the answer of a claim
	landings  int          // accepted by the store
	refusals  int          // refused by the store
	explained bool         // some landing accounts for the answer
}

// A landing is one execution in the store.
type landing struct {
	operation int
	review    int // of the row that it is about
	at        int64
	refused   bool
	shows     bool
	row       state
}

// NewHistory returns an empty history.
func NewHistory() *History { return &History{index: make(map[engine.ReviewID]int)} }

// Reset forgets everything and keeps the memory.
func (h *History) Reset() {
	h.clock = 0
	h.operations, h.landings, h.reviews = h.operations[:0], h.landings[:0], h.reviews[:0]
	clear(h.index)
	h.invalid = nil
}

// Kind returns the kind of an operation by its number, 0 for one that was never called.
func (h *History) Kind(number int) model.ReviewsOpKind {
	if number < 0 || number >= len(h.operations) {
		return 0
	}
	return h.operations[number].kind
}

// Call notes that an operation begins, and returns its number for Return and Landed. Only kinds that [Records] names
// are allowed.
func (h *History) Call(o Operation) int {
	if !Records(o.Kind) {
		h.fault(fmt.Errorf("operation %d is a %s; allowed: operations about one review, see Records", len(h.operations), o.Kind))
	}
	h.clock++
	review := h.partition(o.Key.Review)
	if p := &h.reviews[review]; o.Kind == model.ReviewsSubmit {
		if !p.submitted {
			p.submission, p.submitted, p.lowest = o.Submission, true, o.Submission.HeadOrder
		}
		p.lowest = min(p.lowest, o.Submission.HeadOrder)
	}
	h.operations = append(h.operations, operation{
		call: call{
			kind: o.Kind, attempt: int32(o.Key.Attempt), token: o.Token, status: o.Status, retryable: o.Retryable,
			order: o.Submission.HeadOrder,
		},
		actor: o.Actor, review: review, called: h.clock,
	})
	return len(h.operations) - 1
}

// Return notes what the caller of an operation came to know.
func (h *History) Return(number int, a Answer) {
	h.clock++
	o := h.operation(number)
	if o == nil {
		return
	}
	if o.returned != 0 {
		h.fault(fmt.Errorf("operation %d (%s of %s) returned twice", number, o.kind, h.reviews[o.review].id))
		return
	}
	o.returned = h.clock
	if a.Err != nil {
		o.refusal = engine.KindOf(a.Err)
		if o.refusal != engine.Ambiguous {
			o.outcome = outcomeRefused
		}
		return
	}
	o.outcome, o.granted = outcomeAnswered, a.Token
	if a.Review != nil {
		o.shows, o.seen = true, stateOf(a.Review)
		if o.landings == 0 { // nobody knows better
			o.noteBranch(a.Review.Attempt)
		}
	}
}

// Landed notes that the store executed an operation: that it refused it, or that the row was as given after it (nil:
// not known).
func (h *History) Landed(number int, refused bool, after *engine.Review) {
	h.land(number, -1, refused, after)
}

// Superseded notes that the store, executing a submit, changed the row of an older head. Call it before Landed; the
// operation's own row is Landed's and ignored here.
func (h *History) Superseded(number int, after *engine.Review) {
	if o := h.operation(number); o == nil || h.reviews[o.review].id == after.Review {
		return
	}
	h.land(number, h.partition(after.Review), false, after)
}

func (h *History) land(number, review int, refused bool, after *engine.Review) {
	h.clock++
	o := h.operation(number)
	if o == nil {
		return
	}
	own := review < 0 || review == o.review
	if own {
		review = o.review
	}
	l := landing{operation: number, review: review, at: h.clock, refused: refused}
	if after != nil && !refused {
		l.shows, l.row = true, stateOf(after)
		// A late second delivery finds the review at a later attempt, to which something else has brought it.
		p := &h.reviews[review]
		if own && p.attempt == o.attempt {
			o.noteBranch(after.Attempt)
		}
		p.attempt = l.row.attempt
	}
	switch {
	case own && refused:
		o.refusals++
	case own:
		o.landings++
	}
	h.landings = append(h.landings, l)
}

func (h *History) operation(number int) *operation {
	if number < 0 || number >= len(h.operations) {
		h.fault(fmt.Errorf("operation %d was never called; there are %d", number, len(h.operations)))
		return nil
	}
	return &h.operations[number]
}

func (h *History) partition(id engine.ReviewID) int {
	if at, ok := h.index[id]; ok {
		return at
	}
	h.reviews = append(h.reviews, historyReview{id: id})
	h.index[id] = len(h.reviews) - 1
	return len(h.reviews) - 1
}

func (h *History) fault(err error) {
	if h.invalid == nil {
		h.invalid = err
	}
}

// errNoTruth: operations were answered and none landed, so nobody recorded it.
var errNoTruth = errors.New("no operation of the history landed: the oracle's view needs Landed to be called")

// validate reports what is wrong with the recording itself.
func (h *History) validate(view View) error {
	if h.invalid != nil {
		return h.invalid
	}
	if view == Oracle && len(h.landings) == 0 {
		for i := range h.operations {
			if h.operations[i].outcome == outcomeAnswered {
				return errNoTruth
			}
		}
	}
	return nil
}
