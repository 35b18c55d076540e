package certify

import (
	"context"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Stores are the two ports on a database.
type Stores struct {
	Reviews engine.ReviewStore
	Journal engine.Journal
}

// An Operation is one of either port: exactly one of the two is set.
type Operation struct {
	Review  *model.Op
	Journal *model.JournalOp
}

// String is the operation in one line.
func (o Operation) String() string {
	if o.Review != nil {
		return o.Review.String()
	}
	return o.Journal.String()
}

// kind names the operation, such as store.claim.
func (o Operation) kind() string {
	if o.Review != nil {
		return "store." + o.Review.Kind.String()
	}
	return "journal." + o.Journal.Kind.String()
}

// perform calls the port. The error is the one that the answer stands for.
func (o Operation) perform(ctx context.Context, s Stores) (answer, error) {
	if o.Review != nil {
		result, err := model.Perform(ctx, s.Reviews, o.Review)
		return answer{review: result}, err
	}
	result, err := model.PerformJournal(ctx, s.Journal, o.Journal)
	return answer{journal: result}, err
}

// An answer is what an operation returned; of its parts one counts, the other is zero.
type answer struct {
	review  model.Result
	journal model.JournalResult
}

// equal tells whether two answers tell the caller the same.
func (a answer) equal(b answer) bool {
	return a.review.Equal(&b.review) && a.journal.Equal(&b.journal)
}

// String is the answer in one line.
func (a answer) String() string {
	if a.journal.Failed || a.review.Equal(&model.Result{}) {
		return a.journal.String()
	}
	return a.review.String()
}

// failure returns the kind of a failure.
func (a answer) failure() (kind engine.ErrorKind, failed bool) {
	if a.review.Failed {
		return a.review.Err, true
	}
	return a.journal.Err, a.journal.Failed
}

// A state is what the model says that both schemas hold. Stepping makes new ones.
type state struct {
	store   *model.Store
	journal *model.Journal
}

// step returns the state after an operation, and its answer.
func (s state) step(o Operation) (state, answer) {
	if o.Review != nil {
		next, result := model.Step(s.store, o.Review)
		return state{next, s.journal}, answer{review: result}
	}
	next, result := model.StepJournal(s.journal, o.Journal)
	return state{s.store, next}, answer{journal: result}
}

// reads lists operations that together read everything back.
func (s state) reads() []Operation {
	var all []Operation
	s.store.Each(func(r *engine.Review) {
		get, attempts := model.Get(r.Review), model.Attempts(r.Review)
		all = append(all, Operation{Review: &get}, Operation{Review: &attempts})
	})
	s.journal.Each(func(o *engine.Orchestration) {
		all = append(all,
			Operation{Journal: &model.JournalOp{Kind: model.JournalLoad, Key: o.Key}},
			Operation{Journal: &model.JournalOp{Kind: model.JournalEvents, Key: o.Key, Max: int(o.Events) + 1}})
	})
	return all
}

// again lists what the engine does in a state after it has not heard what became of an operation: the same once more;
// but a claim is left alone until it is stale, and what is reserved then is claimed.
func (s state) again(o Operation) []Operation {
	if o.Review == nil || o.Review.Kind != model.OpClaim {
		return []Operation{o}
	}
	claim := o.Review
	later := claim.DueAt
	reserve := model.Reserve(claim.Owner, claim.Limit, later)
	operations := []Operation{{Review: &reserve}}
	_, reserved := model.Step(s.store, &reserve)
	for i := range reserved.Reviews {
		r := &reserved.Reviews[i]
		next := model.Claim(engine.Claim{
			Key: r.Key(), Owner: claim.Owner, Seen: r.Claim, Limit: claim.Limit, Now: later, DueAt: later.Add(claim.DueAt.Sub(claim.Now)),
		})
		operations = append(operations, Operation{Review: &next})
	}
	return operations
}
