package world

import (
	"errors"
	"fmt"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/engine"
)

// Stores are a real review store and a real journal behind the simulated database and journal.
//
// They carry out each operation at the moment of virtual time at which it takes effect, however long that takes on the
// wall clock, and the engine gets their answer. The models run beside them: they decide what the answer must be and
// which rows have changed. The first answer that differs from the model's ends the run with a violation. As long as
// answers are equal, the trace hash is that of the run on the models.
type Stores interface {
	// Reset removes everything, before a run. An error makes the run unknown.
	Reset() error
	// Execute carries out an operation of the review store, ExecuteJournal one of the journal. The error is the reason
	// of a result that is a failure. An [*OutageError] means that there is no answer: it makes the run unknown.
	Execute(op *model.ReviewsOp) (model.ReviewsResult, error)
	ExecuteJournal(op *model.JournalOp) (model.JournalResult, error)
	// Compare reads everything back after the run. It returns the first difference in the stores, or nothing. An error
	// makes the run unknown.
	Compare(reviews *model.Reviews, journal *model.Journal) (difference string, err error)
}

// An OutageError reports that a store was out of reach, or broke off: its answer is not known.
type OutageError struct {
	Err error
}

// Error returns a sentence with the reason.
func (e *OutageError) Error() string { return "the store is out of reach: " + e.Err.Error() }

// Unwrap returns the reason.
func (e *OutageError) Unwrap() error { return e.Err }

// StoreAsModel is the property of a run on real [Stores]: every answer is the model's, and so are the contents in the
// end. It is always watched.
const StoreAsModel = "store-as-model"

// compareAnswer carries out an operation on the store and compares its answer with the model's, which result holds.
// Afterwards result holds the store's.
func (w *Deployment) compareAnswer(op *model.ReviewsOp, result *model.ReviewsResult) {
	real, err := w.stores.Execute(op)
	if w.outOfReach(err) {
		return
	}
	if !real.Equal(result) {
		w.diverges(divergence{
			party: "database", kind: op.Kind.String(), operation: op.String(), key: op.Key, about: []any{op, result, &real},
			got: withReason(real.String(), err), want: result.String(), difference: model.Difference(real, *result),
		})
	}
	*result = real
}

// compareJournalAnswer is compareAnswer for the journal.
func (w *Deployment) compareJournalAnswer(op *model.JournalOp, result *model.JournalResult) {
	real, err := w.stores.ExecuteJournal(op)
	if w.outOfReach(err) {
		return
	}
	if !real.Equal(result) {
		w.diverges(divergence{
			party: "journal", kind: op.Kind.String(), operation: op.String(), key: op.Key, about: []any{op, result, &real},
			got: withReason(real.String(), err), want: result.String(), difference: model.Difference(real, *result),
		})
	}
	*result = real
}

// withReason returns an answer with the reason of its failure.
func withReason(answer string, err error) string {
	if err != nil {
		return fmt.Sprintf("%s (%v)", answer, err)
	}
	return answer
}

// outOfReach ends the run if there is no answer.
func (w *Deployment) outOfReach(err error) bool {
	var outage *OutageError
	if w.outage != nil {
		return true // an event in the step in which the run ended
	}
	if errors.As(err, &outage) {
		w.outage = outage
		w.kernel.Stop()
		return true
	}
	return false
}

// causeOtherContents: all answers were the model's, and what is stored is not.
const (
	causeOtherAnswer   checker.Cause = "other-answer"
	causeOtherContents checker.Cause = "other-contents"
)

// A divergence is an answer that differs from the model's.
type divergence struct {
	party, kind, operation string
	key                    engine.AttemptKey
	about                  []any  // operation and answers
	got, want              string // answers in short
	difference             string // the first field that differs
}

// diverges ends the run at an answer that differs from the model's.
func (w *Deployment) diverges(d divergence) {
	if w.diverged() {
		return
	}
	answers := fmt.Sprintf("the store answers %#q, the model %#q", d.got, d.want)
	if d.got == d.want {
		answers = fmt.Sprintf("both the store and the model answer %#q, but in the store's answer %s", d.got, d.difference)
	}
	w.traceAttempt(d.party, d.key, "%s: %s", d.operation, answers)
	w.violation = &checker.Violation{
		Property: StoreAsModel, At: w.kernel.Now(), Key: d.key, Cause: causeOtherAnswer.Of(d.party).Of(d.kind),
		Message: fmt.Sprintf("The store answered %s in another way than the model at %s.", d.party, times.Moment(w.kernel.Now())),
		Detail:  fmt.Sprintf("Step %d, %s %s: %s", w.kernel.Steps(), d.party, d.operation, answers),
	}
	w.violation.Involve(d.about...)
	w.kernel.Stop()
}

// Outage returns why the stores did not answer all of the latest run; nil if they did.
func (w *Deployment) Outage() error { return w.outage }

// diverged reports whether an answer differed from the model's. Another property violated in the same step means
// nothing then.
func (w *Deployment) diverged() bool {
	return w.violation != nil && w.violation.Property == StoreAsModel
}

// compareContents compares what is stored in the end. A difference goes before any other violation: without it the run
// might have been another one.
func (w *Deployment) compareContents() {
	if w.diverged() {
		return
	}
	difference, err := w.stores.Compare(w.database.state, w.journal.state)
	switch {
	case err != nil:
		w.outage = err
	case difference != "":
		w.violation = &checker.Violation{
			Property: StoreAsModel, At: w.kernel.Now(), Cause: causeOtherContents,
			Message: "The store holds something else than the model in the end, although every answer was the model's.",
			Detail:  fmt.Sprintf("After step %d, the last: %s", w.kernel.Steps(), difference),
		}
	}
}
