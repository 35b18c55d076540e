package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// ownerFacts are about one owner.
type ownerFacts struct {
	id   engine.OwnerID
	live int // sessions
	// full: all slots are taken. freeSince is when the last of such times ended.
	full      bool
	freeSince time.Duration
	touched   int // counts what is done about its reviews
	turns     []turnFacts
	changedAt time.Duration // when one of its reviews last changed
}

func (o *ownerFacts) begin(id engine.OwnerID) { *o = ownerFacts{id: id, turns: o.turns[:0]} }

// touch takes that something is done about one of its reviews.
func (o *ownerFacts) touch() { o.touched++ }

// turnsBegin takes that a quiet phase begins: what was left undone in an earlier one does not count.
func (o *ownerFacts) turnsBegin() { o.turns = o.turns[:0] }

// addTurn adds the sweeps of a process.
func (o *ownerFacts) addTurn(t turnFacts) *turnFacts {
	o.turns = append(o.turns, t)
	return &o.turns[len(o.turns)-1]
}

func (o *ownerFacts) sessionStarted() { o.live++ }

func (o *ownerFacts) sessionEnded() { o.live-- }

// slotsHeld takes how many slots are held when a row has changed.
func (o *ownerFacts) slotsHeld(held, limit int, r *Record) {
	o.changedAt = r.At
	full := held >= limit
	if o.full && !full {
		o.freeSince = r.At
	}
	o.full = full
}

// reviewFacts are about one review.
type reviewFacts struct {
	id     engine.ReviewID
	hasRow bool
	row    engine.Review // as last changed
	// changed: by the operation whose record comes next.
	changed   bool
	changedAt time.Duration // when the row last changed
	statusAt  time.Duration // when its status or its attempt did
	began     time.Duration // when the row came to be
	lookedAt  time.Duration // when the store last refused for good to put the row off
	// retries counts the automatic attempts since the submission or the last retrigger; the row's own count is not
	// trusted.
	retries  int
	head     engine.Submission   // as submitted with its highest order; zero: it never was
	endedBy  model.ReviewsOpKind // what ended the latest attempt that has ended
	live     int                 // sessions
	attempts []*attemptFacts     // by attempt number, from 1
	claims   claimList
}

// callRefused takes that the store has refused for good to put the row off. The row stays due, though it was looked at.
func (v *reviewFacts) callRefused(r *Record) {
	if r.Op != nil && r.Op.Kind == model.ReviewsDefer && r.Error.Is(engine.Permanent) {
		v.lookedAt = r.At
	}
}

// begin makes the facts those of another review, and keeps their memory.
func (v *reviewFacts) begin(id engine.ReviewID) {
	*v = reviewFacts{id: id, attempts: v.attempts[:0], claims: v.claims[:0]}
}

// isKnown reports whether the app has the review.
func (v *reviewFacts) isKnown() bool { return v != nil && v.hasRow }

// attemptsMax bounds the attempts of one review that are kept: a higher number is made up.
const attemptsMax = 10_000

// open returns the facts of an attempt, made if need be, or nil for a number that can't be one.
func (v *reviewFacts) open(number int) *attemptFacts {
	if number < 1 || number > attemptsMax {
		return nil
	}
	for len(v.attempts) < number {
		var a *attemptFacts
		v.attempts, a = grow(v.attempts)
		a.begin(engine.AttemptKey{Review: v.id, Attempt: len(v.attempts)})
	}
	return v.attempts[number-1]
}

// known returns the facts of an attempt, or nil.
func (v *reviewFacts) known(number int) *attemptFacts {
	if number < 1 || number > len(v.attempts) {
		return nil
	}
	return v.attempts[number-1]
}

// claim returns the grant of a token, or nil.
func (v *reviewFacts) claim(token engine.Token) *claimFacts { return v.claims.find(token) }

// dispatchedUnder returns how many claims of an attempt a dispatch was sent under.
func (v *reviewFacts) dispatchedUnder(attempt int) (claims int) {
	for i := range v.claims {
		if c := &v.claims[i]; c.attempt == attempt && c.used {
			claims++
		}
	}
	return claims
}

// applyRow takes a change of the row.
func (v *reviewFacts) applyRow(r *Record) {
	if !v.hasRow {
		v.began = r.At
	}
	if r.Before != nil && r.After.Attempt > r.Before.Attempt {
		v.retries++
		if r.Op.Kind == model.ReviewsRetrigger || r.Op.Kind == model.ReviewsSubmit {
			v.retries = 0
		}
	}
	if r.After.Status.Terminal() && (r.Before == nil || !r.Before.Status.Terminal()) {
		v.endedBy = r.Op.Kind
	}
	if r.Before == nil || r.Before.Status != r.After.Status || r.Before.Attempt != r.After.Attempt {
		v.statusAt = r.At
	}
	v.row, v.hasRow, v.changed, v.changedAt = *r.After, true, true, r.At
}

// submitted takes that the app's store, or the app, has accepted a submission.
func (v *reviewFacts) submitted(s *engine.Submission) {
	if v.head.Review == "" || v.head.HeadOrder < s.HeadOrder {
		v.head = *s
	}
}

// newestHead returns the newest head of a submission's pull request, among those that were submitted and the given one.
func (f *facts) newestHead(s *engine.Submission) *engine.Submission {
	newest := s
	for _, v := range f.reviews {
		if v.head.Review != "" && samePullRequest(&v.head, s) && newerHead(&v.head, newest) {
			newest = &v.head
		}
	}
	return newest
}

// operationEnded takes that all rows which an operation changed have been seen.
func (v *reviewFacts) operationEnded() { v.changed = false }

func (v *reviewFacts) sessionStarted() { v.live++ }

func (v *reviewFacts) sessionEnded() { v.live-- }

// covers reports whether a review's row keeps a slot for an attempt.
func covers(row *engine.Review, attempt int) bool {
	return row.Stopping == attempt ||
		row.Attempt == attempt && (row.Status == engine.Queued || row.Status == engine.Running)
}
