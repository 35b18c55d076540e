package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// did is an operation of a history that took from call to ret.
func did(call, ret int64, op model.ReviewsOp, result model.ReviewsResult) porcupine.Operation {
	return porcupine.Operation{Input: model.ReviewsCall{Op: op}, Output: result, Call: call, Return: ret}
}

// lost is an operation whose effect its caller never learned. It returned, as far as the recorder knows, at once: the
// model must not rely on that.
func lost(call int64, op model.ReviewsOp) porcupine.Operation {
	return porcupine.Operation{
		Input: model.ReviewsCall{Op: op, Open: true}, Output: model.ReviewsResult{Failure: model.FailureOf(engine.Ambiguous)}, Call: call, Return: call + 1,
	}
}

func token(t engine.Token) model.ReviewsResult { return model.ReviewsResult{Token: t} }
func refused(kind engine.ErrorKind) model.ReviewsResult {
	return model.ReviewsResult{Failure: model.FailureOf(kind)}
}
func answered(ops ...model.ReviewsOp) model.ReviewsResult   { return run(model.NewReviews(), ops...) }
func pending(review string, now int) model.ReviewsResult    { return answered(submit(review, now)) }
func limited(op model.ReviewsOp, limit int) model.ReviewsOp { op.Limit = limit; return op }
func owned(op model.ReviewsOp, owner engine.OwnerID) model.ReviewsOp {
	op.Owner, op.Submission.Owner = owner, owner
	return op
}

var histories = []struct {
	name    string
	history []porcupine.Operation
	want    bool
}{
	{
		name: "one of two concurrent claims wins",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 8, claim("a", 0, 2), refused(engine.Stale)),
			did(4, 7, claim("a", 0, 2), token(1)),
		},
		want: true,
	},
	{
		name: "two claims with one token seen both win",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 8, claim("a", 0, 2), token(1)),
			did(4, 7, claim("a", 0, 2), token(1)),
		},
	},
	{
		name: "a claim that took effect before it was called",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, claim("a", 0, 2), refused(engine.Stale)),
			did(5, 6, claim("a", 0, 2), token(1)),
		},
	},
	{
		name: "concurrent claims of two reviews into the last slot",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, submit("b", 2), pending("b", 2)),
			did(5, 9, limited(claim("a", 0, 3), 1), token(1)),
			did(6, 8, limited(claim("b", 0, 3), 1), token(1)),
		},
	},
	{
		name: "the second of them is rejected",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, submit("b", 2), pending("b", 2)),
			did(5, 9, limited(claim("a", 0, 3), 1), token(1)),
			did(6, 8, limited(claim("b", 0, 3), 1), refused(engine.Rejected)),
		},
		want: true,
	},
	{
		name: "a read of a status that the review never had",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, model.Get("a"), answered(submit("a", 1), claim("a", 0, 2), model.Get("a"))),
		},
	},
	{
		name: "a read that sees an earlier state than one before it",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 9, claim("a", 0, 2), token(1)),
			did(4, 5, model.Get("a"), answered(submit("a", 1), claim("a", 0, 2), model.Get("a"))),
			did(6, 7, model.Get("a"), pending("a", 1)),
		},
	},
	{
		name: "a lost claim happened",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			lost(3, claim("a", 0, 2)),
			did(9, 10, model.Get("a"), pending("a", 1)),
			did(11, 12, model.Get("a"), answered(submit("a", 1), claim("a", 0, 2), model.Get("a"))),
		},
		want: true,
	},
	{
		name: "a lost claim never happened",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			lost(3, claim("a", 0, 2)),
			did(9, 10, model.Get("a"), pending("a", 1)),
		},
		want: true,
	},
	{
		name: "a lost claim happened twice",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			lost(3, claim("a", 0, 2)),
			did(5, 6, claim("a", 0, 2), token(1)),
			did(7, 8, claim("a", 1, 62), token(3)),
		},
	},
	{
		name: "a store out of reach rejects without effect",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), refused(engine.Rejected)),
			did(3, 4, model.Get("a"), refused(engine.NotFound)),
		},
		want: true,
	},
	{
		name: "a rejection that had its effect",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), refused(engine.Rejected)),
			did(3, 4, model.Get("a"), pending("a", 1)),
		},
	},
	{
		name: "a read of a review that nobody submitted",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, model.Get("b"), pending("b", 1)),
		},
	},
	{
		name: "one identifier for reviews of two owners",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, owned(submit("a", 1), "bob"), refused(engine.Permanent)),
		},
		want: true,
	},
	{
		name: "a sweep is not looked at",
		history: []porcupine.Operation{
			did(1, 2, submit("a", 1), pending("a", 1)),
			did(3, 4, model.Sweep(engine.Search{Now: at(2), Max: 9, Limit: 20}), model.ReviewsResult{}),
		},
		want: true,
	},
}

func TestModelJudgesHistories(t *testing.T) {
	for _, test := range histories {
		t.Run(test.name, func(t *testing.T) {
			if got := porcupine.CheckOperations(model.ReviewsModel(), test.history); got != test.want {
				t.Errorf("linearizable: %t, want %t", got, test.want)
			}
		})
	}
}

// What every operation of the table does in sequence is a history.
func TestModelAcceptsSequentialHistories(t *testing.T) {
	for _, test := range operations {
		var history []porcupine.Operation
		store := model.NewReviews()
		for i, op := range slices.Concat(test.given, []model.ReviewsOp{test.op}) {
			var result model.ReviewsResult
			store.Apply(&op, &result)
			history = append(history, did(int64(2*i), int64(2*i+1), op, result))
		}
		if !porcupine.CheckOperations(model.ReviewsModel(), history) {
			t.Errorf("%s: not linearizable", test.name)
		}
	}
}

func TestPartitionByOwner(t *testing.T) {
	history := []porcupine.Operation{
		did(1, 2, model.Get("b"), model.ReviewsResult{}), // submitted later, by bob
		did(3, 4, submit("a", 1), model.ReviewsResult{}),
		did(5, 6, owned(submit("b", 1), "bob"), model.ReviewsResult{}),
		did(7, 8, model.Sweep(engine.Search{Now: at(1), Max: 1, Limit: 20}), model.ReviewsResult{}),
		did(9, 10, model.Reserve("ann", 1, at(1)), model.ReviewsResult{}),
		did(11, 12, model.Get("nobody"), model.ReviewsResult{}),
		lost(13, model.Cancel(key("a", 1), "no", at(2))),
	}
	var got []string
	for _, part := range model.ReviewsModel().Partition(history) {
		var names []string
		for _, operation := range part {
			call := operation.Input.(model.ReviewsCall)
			names = append(names, call.Op.Kind.String())
			if call.Open && operation.Return < 1<<62 {
				t.Errorf("the open %s returns at %d", call.Op.Kind, operation.Return)
			}
		}
		got = append(got, strings.Join(names, " "))
	}
	want := []string{"get submit", "submit reserve cancel", "get"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestModelDescribes(t *testing.T) {
	m := model.ReviewsModel()
	got := m.DescribeOperation(model.ReviewsCall{Op: claim("a", 0, 2)}, token(1))
	const want = "claim a/1 for ann, seen 0, limit 2, due 12:01:02.000, now 12:00:02.000 -> token 1"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := m.DescribeOperation(model.ReviewsCall{Op: model.Get("a"), Open: true}, model.ReviewsResult{}); got != "get a -> unknown" {
		t.Errorf("open: %s", got)
	}
	store := model.NewReviews()
	run(store, submit("a", 1))
	if got := m.DescribeState(store); got != "a/1 pending, due 12:00:01.000" {
		t.Errorf("state: %s", got)
	}
}
