package world

import (
	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A history records the operations on reviews for the linearizability check: calls and answers. It records each
// operation as far outside as possible: a client's call and a worker's callback at the caller, the operations of a
// dispatcher at its store. So everything in between (network, app replica, database) has to be linearizable as a whole.
//
// An operation is identified by its number plus one, which is the tag of the tasks that carry it out; 0 is none.
type history struct {
	world    *Deployment
	recorded *checker.History
}

// own marks a statement that is recorded at the store itself, and not by a caller further out.
const own = uint64(1) << 63

func (h *history) call(o checker.Operation) uint64 {
	return uint64(h.recorded.Call(o)) + 1
}

func number(tag uint64) int { return int(tag&^own) - 1 }

// begin records that a process asks the store, and returns the tag of the operation.
func (h *history) begin(c *call) uint64 {
	kind := c.method.history
	if kind == none {
		return 0
	}
	if tag := h.world.kernel.Tag(); tag != 0 && h.outer(tag) == kind {
		return tag
	}
	return h.call(checker.OperationOf(c.from.name, &c.statement.op)) | own
}

// outer returns the kind of an operation that was recorded further out. A task that a handler leaves behind keeps the
// handler's tag, but does something else.
func (h *history) outer(tag uint64) model.ReviewsOpKind { return h.recorded.Kind(number(tag)) }

// landed records that the store executes a statement; superseded, before that, that the statement changes the row of an
// older head.
func (h *history) landed(tag uint64, op *model.ReviewsOp, result *model.ReviewsResult) {
	if tag == 0 {
		return
	}
	after, _ := h.world.database.state.Review(op.Key.Review)
	h.recorded.Landed(number(tag), result.Failed, after)
}

func (h *history) superseded(tag uint64, op *model.ReviewsOp, after *engine.Review) {
	if tag != 0 && op.Kind == model.ReviewsSubmit && after.Review != op.Key.Review {
		h.recorded.Superseded(number(tag), after)
	}
}

// end records the store's answer to a process, or that there is none.
func (h *history) end(c *call, err error) {
	if c.tag&own == 0 {
		return
	}
	result := &c.statement.result
	answer := checker.Answer{Err: err}
	if err == nil {
		answer.Token, answer.Err = result.Token, result.Error(&c.statement.op)
		if result.Review.Review != "" {
			answer.Review = &result.Review
		}
	}
	h.recorded.Return(number(c.tag), answer)
}

// callback records that a worker reports to the app.
func (h *history) callback(n *node, report *engine.WorkerReport) uint64 {
	return h.call(checker.Operation{
		Actor: n.name, Kind: model.ReviewsApply, Key: report.Key, Status: report.Status, Retryable: report.Retryable,
	})
}

// client records a client's call. Reading events or attempts is no operation on the review's row.
func (h *history) client(call *call) uint64 {
	kind := call.method.history
	if kind == none {
		return 0
	}
	o := checker.Operation{Actor: "client of " + string(call.key.Review), Kind: kind, Key: call.key}
	if kind == model.ReviewsSubmit {
		o.Submission = call.request.submission
	}
	return h.call(o)
}

// answered records the answer to a callback or a client. review is what it shows; nil for nothing.
func (h *history) answered(tag uint64, review *engine.Review, err error) {
	if tag != 0 {
		h.recorded.Return(number(tag), checker.Answer{Err: err, Review: review})
	}
}

// check judges the history of a run that is over. If it cannot, unknown is the reason.
func (h *history) check() (violation *checker.Violation, unknown string) {
	judgement := h.recorded.Check(checker.Both, 0)
	if violation = judgement.Violation(); violation != nil {
		violation.At = h.world.kernel.Now()
		return violation, ""
	}
	if judgement.Verdict == checker.Unknown {
		return nil, judgement.Message
	}
	return nil, ""
}
