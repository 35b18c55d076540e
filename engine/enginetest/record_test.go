package enginetest_test

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A record notes every call of a review store and a journal, and every answer. It is put between the engine and them.
type record struct {
	reviews engine.ReviewStore
	journal engine.Journal
	failed  chan struct{} // one for each call that has failed; if nobody receives, some are dropped

	mutex     sync.Mutex
	calls     int
	open      int
	ofReviews *checker.History
	ofJournal []porcupine.Operation
	clock     int64 // of ofJournal: one tick for each call and each answer
}

// newRecord returns an empty record of a store and a journal that are empty, too.
func newRecord(reviews engine.ReviewStore, journal engine.Journal) *record {
	return &record{reviews: reviews, journal: journal, failed: make(chan struct{}, 1_000), ofReviews: checker.NewHistory()}
}

// reviewStore is the store with its calls noted. Of an error the caller gets the kind.
func (r *record) reviewStore() engine.ReviewStore {
	port := model.NewReviewsPort(func(ctx context.Context, op *model.ReviewsOp, result *model.ReviewsResult) {
		number := r.callReviews(op)
		answer, err := op.Execute(ctx, r.reviews)
		r.returnReviews(number, op.Kind, &answer, err)
		*result = answer
	})
	port.Shared = true
	return port
}

// journalStore is the journal with its calls noted, likewise.
func (r *record) journalStore() engine.Journal {
	port := model.NewJournalPort(func(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
		number := r.callJournal(op)
		*result, _ = op.Execute(ctx, r.journal)
		r.returnJournal(number, result)
	})
	port.Shared = true
	return port
}

// notRecorded is the number of a call that has no place in a history.
const notRecorded = -1

func (r *record) callReviews(op *model.ReviewsOp) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls++
	if !checker.Records(op.Kind) {
		return notRecorded
	}
	return r.ofReviews.Call(checker.OperationOf("app", op))
}

func (r *record) returnReviews(number int, kind model.ReviewsOpKind, result *model.ReviewsResult, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if number != notRecorded {
		answer := checker.Answer{Err: err, Token: result.Token}
		if shows(kind) {
			answer.Review = &result.Review
		}
		r.ofReviews.Return(number, answer)
	}
	// A claim is rejected where there is no slot, too.
	r.note(result.Failed, result.Err, kind != model.ReviewsClaim)
}

// shows reports whether an operation of the kind answers with the review.
func shows(kind model.ReviewsOpKind) bool {
	switch kind {
	case model.ReviewsSubmit, model.ReviewsGet, model.ReviewsApply, model.ReviewsCancel, model.ReviewsStopped, model.ReviewsRetrigger:
		return true
	default:
		return false
	}
}

func (r *record) callJournal(op *model.JournalOp) int {
	call := model.JournalCall{Op: *op}
	call.Op.Events = slices.Clone(op.Events) // the caller uses its buffer again
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls++
	r.clock++
	r.ofJournal = append(r.ofJournal, porcupine.Operation{Input: call, Call: r.clock, Return: math.MaxInt64})
	return len(r.ofJournal) - 1
}

func (r *record) returnJournal(number int, result *model.JournalResult) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.clock++
	operation := &r.ofJournal[number]
	operation.Output, operation.Return = *result, r.clock
	r.note(result.Failed, result.Err, true)
}

// note counts a call that has not been answered. It holds the mutex.
func (r *record) note(failed bool, kind engine.ErrorKind, rejectedOnlyWhenAway bool) {
	switch {
	case failed && kind == engine.Ambiguous:
		r.open++
	case failed && kind == engine.Rejected && rejectedOnlyWhenAway:
	default:
		return
	}
	select {
	case r.failed <- struct{}{}:
	default:
	}
}

// size returns how many calls have been noted, and how many of them are open: their effect is unknown.
func (r *record) size() (calls, open int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.calls, r.open
}

// waitFailed returns when n more calls than now have failed because the store or the journal was out of reach, or with
// the context's error.
func (r *record) waitFailed(ctx context.Context, n int) error {
	for n += len(r.failed); n > 0; n-- {
		select {
		case <-r.failed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// journalBudget is how many steps of the model the search over the journal's history may take. One of three hundred
// attempts that is linearizable takes some ten thousand.
const journalBudget = 5_000_000

// An examination is whether the calls have an order that respects time and that the sequential specifications explain.
type examination struct {
	reviews, journal checker.Verdict
	message          string // of the review store
}

// examine is called when no call is under way.
func (r *record) examine() examination {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	judgement := r.ofReviews.Check(checker.Client, checker.DefaultBudget)
	found := examination{reviews: judgement.Verdict, journal: checker.Pass, message: judgement.Message}
	steps := 0
	specification := model.JournalModel()
	step := specification.Step
	specification.Step = func(state, input, output any) (bool, any) {
		if steps++; steps > journalBudget {
			return false, state
		}
		return step(state, input, output)
	}
	// One partition after the other, so that steps are counted by one goroutine.
	parts := specification.Partition(r.ofJournal)
	specification.Partition = nil
	linearizable := !slices.ContainsFunc(parts, func(part []porcupine.Operation) bool {
		return !porcupine.CheckOperations(specification, part)
	})
	switch {
	case steps > journalBudget:
		found.journal = checker.Unknown
	case !linearizable:
		found.journal = checker.Violated
	}
	return found
}
