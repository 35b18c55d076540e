package deployment

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A Record notes every call of a review store and a journal, and every answer. It is
// put between the engine and them: what it hands on in their place are
// [Record.Reviews] and [Record.Journal].
type Record struct {
	reviews engine.ReviewStore
	journal engine.Journal
	failed  progress

	mutex     sync.Mutex
	calls     int
	open      int
	ofReviews *checker.History
	ofJournal []porcupine.Operation
	clock     int64 // of ofJournal: one tick for each call and each answer
}

// NewRecord returns an empty record of a store and a journal that are empty, too.
func NewRecord(reviews engine.ReviewStore, journal engine.Journal) *Record {
	return &Record{reviews: reviews, journal: journal, ofReviews: checker.NewHistory()}
}

// Reviews is the store with its calls noted. Of an error the caller gets the kind.
func (r *Record) Reviews() engine.ReviewStore {
	return &model.Reviews{Shared: true, Do: func(ctx context.Context, op *model.Op, result *model.Result) {
		number := r.callReviews(op)
		answer, err := model.Perform(ctx, r.reviews, op)
		r.returnReviews(number, op.Kind, &answer, err)
		*result = answer
	}}
}

// Journal is the journal with its calls noted, likewise.
func (r *Record) Journal() engine.Journal {
	return &model.Journals{Shared: true, Do: func(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
		number := r.callJournal(op)
		*result = model.ExecuteJournal(ctx, r.journal, op)
		r.returnJournal(number, result)
	}}
}

// notRecorded is the number of a call that has no place in a history.
const notRecorded = -1

func (r *Record) callReviews(op *model.Op) int {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls++
	if !checker.Records(op.Kind) {
		return notRecorded
	}
	return r.ofReviews.Call(checker.OperationOf("app", op))
}

func (r *Record) returnReviews(number int, kind model.OpKind, result *model.Result, err error) {
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
	r.note(result.Failed, result.Err, kind != model.OpClaim)
}

// shows reports whether an operation of the kind answers with the review.
func shows(kind model.OpKind) bool {
	switch kind {
	case model.OpSubmit, model.OpGet, model.OpApply, model.OpCancel, model.OpStopped, model.OpRetrigger:
		return true
	default:
		return false
	}
}

func (r *Record) callJournal(op *model.JournalOp) int {
	call := model.JournalCall{Op: *op}
	call.Op.Events = slices.Clone(op.Events) // the caller uses its buffer again
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls++
	r.clock++
	r.ofJournal = append(r.ofJournal, porcupine.Operation{Input: call, Call: r.clock, Return: math.MaxInt64})
	return len(r.ofJournal) - 1
}

func (r *Record) returnJournal(number int, result *model.JournalResult) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.clock++
	operation := &r.ofJournal[number]
	operation.Output, operation.Return = *result, r.clock
	r.note(result.Failed, result.Err, true)
}

// note counts a call that has not been answered. It holds the mutex.
func (r *Record) note(failed bool, kind engine.ErrorKind, rejectedOnlyWhenAway bool) {
	switch {
	case failed && kind == engine.Ambiguous:
		r.open++
		r.failed.add()
	case failed && kind == engine.Rejected && rejectedOnlyWhenAway:
		r.failed.add()
	}
}

// Len returns how many calls have been noted, and how many of them are open: their
// effect is unknown.
func (r *Record) Len() (calls, open int) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.calls, r.open
}

// WaitFailed returns when n more calls than now have failed because the store or the
// journal was out of reach, or with the context's error.
func (r *Record) WaitFailed(ctx context.Context, n int) error {
	return r.failed.wait(ctx, r.failed.now()+n)
}

// journalBudget is how many steps of the model the search over the journal's history
// may take. One of three hundred attempts that is linearizable takes some
// ten thousand.
const journalBudget = 5_000_000

// Examine decides whether all answers are those of the sequential specifications:
// whether the calls have an order that respects time and explains them. It returns
// what has none, or was given up, a sentence each. It is called when no call is under
// way.
func (r *Record) Examine() (findings []string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	judgement := r.ofReviews.Check(checker.Client, checker.DefaultBudget)
	if judgement.Verdict != checker.Pass {
		findings = append(findings, fmt.Sprintf("review store: %s: %s", judgement.Verdict, judgement.Message))
	}
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
		findings = append(findings, fmt.Sprintf("journal: unknown: no order was found or excluded in %d steps", journalBudget))
	case !linearizable:
		findings = append(findings, "journal: violated: the operations have no order that explains them")
	}
	return findings
}
