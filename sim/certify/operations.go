package certify

import (
	"context"
	"math"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// An operation is a call of the review store or of the journal: exactly one of the two is set.
type operation struct {
	review  *model.ReviewsOp
	journal *model.JournalOp
}

// onReviews returns an operation of the review store.
func onReviews(op model.ReviewsOp) operation { return operation{review: &op} }

// onJournal returns an operation of the journal.
func onJournal(op model.JournalOp) operation { return operation{journal: &op} }

// String returns the operation with its arguments, in one line.
func (o operation) String() string {
	if o.review != nil {
		return o.review.String()
	}
	return o.journal.String()
}

// method returns the name of the method that is called, such as store.claim.
func (o operation) method() string {
	if o.review != nil {
		return "store." + o.review.Kind.String()
	}
	return "journal." + o.journal.Kind.String()
}

// stores are the two ports on one database.
type stores struct {
	reviews engine.ReviewStore
	journal engine.Journal
}

// perform calls the port. The error is the reason of an answer that is a failure.
func (s stores) perform(ctx context.Context, o operation) (answer, error) {
	if o.review != nil {
		result, err := o.review.Execute(ctx, s.reviews)
		return answer{review: &result}, err
	}
	result, err := o.journal.Execute(ctx, s.journal)
	return answer{journal: &result}, err
}

// An answer is the result of an operation: that of its port is set, the other is nil.
type answer struct {
	review  *model.ReviewsResult
	journal *model.JournalResult
}

// equal reports whether two answers to one operation are the same to its caller.
func (a answer) equal(b answer) bool {
	if a.review != nil {
		return a.review.Equal(b.review)
	}
	return a.journal.Equal(b.journal)
}

// difference names the first field in which a differs from want, with both values.
func (a answer) difference(want answer) string {
	if a.review != nil {
		return model.Difference(*a.review, *want.review)
	}
	return model.Difference(*a.journal, *want.journal)
}

// String returns the answer in one line.
func (a answer) String() string {
	if a.review != nil {
		return a.review.String()
	}
	return a.journal.String()
}

// failure returns the kind of error that the answer is, if it is one.
func (a answer) failure() (kind engine.ErrorKind, failed bool) {
	if a.review != nil {
		return a.review.Err, a.review.Failed
	}
	return a.journal.Err, a.journal.Failed
}

// A state is what the two schemas hold, according to the model.
type state struct {
	reviews *model.Reviews
	journal *model.Journal
}

// emptyState returns the state of a database without rows.
func emptyState() state { return state{model.NewReviews(), model.NewJournal()} }

// step returns the state after an operation, and the answer. s stays as it is.
func (s state) step(o operation) (state, answer) {
	if o.review != nil {
		next, result := s.reviews.Step(o.review)
		return state{next, s.journal}, answer{review: &result}
	}
	next, result := s.journal.Step(o.journal)
	return state{s.reviews, next}, answer{journal: &result}
}

// apply carries an operation out on s itself.
func (s state) apply(o operation) answer {
	if o.review != nil {
		var result model.ReviewsResult
		s.reviews.Apply(o.review, &result)
		return answer{review: &result}
	}
	var result model.JournalResult
	s.journal.Apply(o.journal, &result)
	return answer{journal: &result}
}

// reads returns the operations that together read the whole state: each review with its attempts, and each
// orchestration with its events, page by page: a page is cut by its bytes.
func (s state) reads() []operation {
	var all []operation
	s.reviews.Each(func(r *engine.Review) {
		all = append(all, onReviews(model.Get(r.Review)), onReviews(model.Attempts(r.Review)))
	})
	s.journal.Each(func(o *engine.Orchestration) {
		all = append(all, onJournal(model.Load(o.Key)), onJournal(model.Payload(o.Key)))
		for after, more := int64(0), true; more; {
			page := onJournal(model.Events(o.Key, after, math.MaxInt32))
			all = append(all, page)
			events := s.apply(page).journal.Events
			if more = len(events) > 0; more {
				after = events[len(events)-1].Seq
			}
		}
	})
	return all
}
