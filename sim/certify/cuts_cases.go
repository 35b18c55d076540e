package certify

import (
	"strings"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A Case is one operation in one state.
type Case struct {
	// Name tells what is special about it, such as "store.claim of a stale claim".
	Name string
	// Before are the operations that make the state, from empty schemas.
	Before []Operation
	// Operation is what is cut.
	Operation Operation
}

const (
	limit      = 2
	staleAfter = 5 * time.Minute
)

// atMinute is a time some minutes after the first.
func atMinute(minute int) time.Time {
	return time.Date(2026, 3, 1, 12, minute, 0, 0, time.UTC)
}

// key is an attempt of a review.
func key(id engine.ReviewID, attempt int) engine.AttemptKey {
	return engine.AttemptKey{Review: id, Attempt: attempt}
}

// review makes an operation of one of the review store.
func review(op model.Op) Operation { return Operation{Review: &op} }

// submitHead submits a review of a pull request, with a place in the order of its heads.
func submitHead(id engine.ReviewID, pullRequest int, order int64, minute int) Operation {
	return review(model.Submit(engine.Submission{
		Review: id, Owner: owner, Platform: "github", Repository: "app", PullRequest: pullRequest,
		HeadSHA: "sha-" + string(id), HeadOrder: order,
	}, atMinute(minute)))
}

// claimFirst claims the first attempt of a review.
func claimFirst(id engine.ReviewID, seen engine.Token, minute int) Operation {
	return review(model.Claim(engine.Claim{
		Key: key(id, 1), Owner: owner, Seen: seen, Limit: limit, Now: atMinute(minute), DueAt: atMinute(minute).Add(staleAfter),
	}))
}

// apply reports the status of the first attempt of a review under a claim.
func apply(id engine.ReviewID, token engine.Token, status engine.Status, minute int, retryable bool) Operation {
	return review(model.Apply(engine.Report{
		WorkerReport: engine.WorkerReport{Key: key(id, 1), Status: status, Reason: "told", Retryable: retryable},
		Token:        token, Now: atMinute(minute), DueAt: atMinute(minute + 5), RetryAt: atMinute(minute + 1), MaxRetries: 2,
	}))
}

// Cases returns every operation of both ports, each where it does its work and where it is refused or has nothing to do.
func Cases() []Case { return append(reviewCases(), journalCases()...) }

// OneOfEach returns the first case of each operation, which is one where it does its work.
func OneOfEach(cases []Case) []Case {
	var first []Case
	seen := map[string]bool{}
	for _, c := range cases {
		kind, _, _ := strings.Cut(c.Name, " ")
		if !seen[kind] {
			seen[kind] = true
			first = append(first, c)
		}
	}
	return first
}

// reviewCases are those of [engine.ReviewStore].
func reviewCases() []Case {
	pending := []Operation{submitHead("a", 1, 1, 0), submitHead("b", 2, 1, 1), submitHead("c", 3, 1, 2)}
	claimed := append(pending[:len(pending):len(pending)], claimFirst("a", 0, 3))
	running := append(claimed[:len(claimed):len(claimed)], apply("a", 1, engine.Running, 4, false))
	completed := append(running[:len(running):len(running)], apply("a", 1, engine.Completed, 5, false))
	stopping := append(running[:len(running):len(running)], review(model.Cancel(key("a", 1), "no need", atMinute(5))))
	full := append(claimed[:len(claimed):len(claimed)], claimFirst("b", 0, 4))
	superseded := append(completed[:len(completed):len(completed)], submitHead("d", 1, 2, 6))
	retrying := append(running[:len(running):len(running)], apply("a", 1, engine.Failed, 5, true))
	one := func(name string, before []Operation, op Operation) Case {
		return Case{op.kind() + " " + name, before, op}
	}
	return []Case{
		one("of a first head", pending, submitHead("d", 4, 1, 5)),
		one("of a newer head", running, submitHead("d", 1, 2, 5)),
		one("of an older head", running, submitHead("d", 1, 0, 5)),
		one("once more", pending, submitHead("a", 1, 1, 0)),
		one("of another's head", pending, submitHead("d", 1, 1, 5)),
		one("of a review", running, review(model.Get("a"))),
		one("of nothing", running, review(model.Get("x"))),
		one("of a retried review", retrying, review(model.Attempts("a"))),
		one("of nothing", running, review(model.Attempts("x"))),
		one("with a stale claim", claimed, review(model.Reserve(owner, limit, atMinute(30)))),
		one("without a slot", full, review(model.Reserve(owner, limit, atMinute(5)))),
		one("of a pending review", pending, claimFirst("a", 0, 3)),
		one("of a stale claim", claimed, claimFirst("a", 1, 30)),
		one("that was overtaken", claimed, claimFirst("a", 0, 30)),
		one("without a slot", full, claimFirst("c", 0, 5)),
		one("of nothing", pending, claimFirst("x", 0, 3)),
		one("of a claim", claimed, review(model.Release(key("a", 1), 1, atMinute(6), atMinute(4)))),
		one("that was overtaken", claimed, review(model.Release(key("a", 1), 2, atMinute(6), atMinute(4)))),
		one("of a pending review", pending, review(model.Defer(key("a", 1), 0, atMinute(6), atMinute(4)))),
		one("that was overtaken", claimed, review(model.Defer(key("a", 1), 0, atMinute(6), atMinute(4)))),
		one("of a pending review", pending, review(model.Fail(key("a", 1), 0, "hopeless", atMinute(4)))),
		one("that was overtaken", claimed, review(model.Fail(key("a", 1), 0, "hopeless", atMinute(4)))),
		one("that it runs", claimed, apply("a", 1, engine.Running, 4, false)),
		one("that it is completed", running, apply("a", 1, engine.Completed, 5, false)),
		one("that it failed and may be retried", running, apply("a", 1, engine.Failed, 5, true)),
		one("of old news", completed, apply("a", 1, engine.Running, 6, false)),
		one("that was overtaken", claimed, apply("a", 7, engine.Running, 4, false)),
		one("of nothing", claimed, apply("x", 1, engine.Running, 4, false)),
		one("of a running review", running, review(model.SetAgentVersion(key("a", 1), "v2", atMinute(5)))),
		one("of another attempt", running, review(model.SetAgentVersion(key("a", 2), "v2", atMinute(5)))),
		one("of a pending review", pending, review(model.Cancel(key("a", 1), "no need", atMinute(4)))),
		one("of a running review", running, review(model.Cancel(key("a", 1), "no need", atMinute(5)))),
		one("of a completed review", completed, review(model.Cancel(key("a", 1), "no need", atMinute(6)))),
		one("of another attempt", running, review(model.Cancel(key("a", 2), "no need", atMinute(5)))),
		one("of nothing", running, review(model.Cancel(key("x", 1), "no need", atMinute(5)))),
		one("of a cancelled review", stopping, review(model.Stopped(key("a", 1), atMinute(6)))),
		one("of a running review", running, review(model.Stopped(key("a", 1), atMinute(6)))),
		one("of nothing", running, review(model.Stopped(key("x", 1), atMinute(6)))),
		one("of a completed review", completed, review(model.Retrigger(key("a", 1), atMinute(6)))),
		one("of a running review", running, review(model.Retrigger(key("a", 1), atMinute(6)))),
		one("of a superseded review", superseded, review(model.Retrigger(key("a", 1), atMinute(7)))),
		one("of nothing", running, review(model.Retrigger(key("x", 1), atMinute(6)))),
		one("of all that waits", stopping, review(model.Sweep(atMinute(60), 10))),
		one("of nothing", stopping, review(model.Sweep(atMinute(0), 0))),
	}
}

// journalCases are those of [engine.Journal].
func journalCases() []Case {
	journal := func(kind model.JournalOpKind, epoch engine.Epoch, change func(*model.JournalOp)) Operation {
		op := &model.JournalOp{Kind: kind, Key: key("a", 1), Epoch: epoch, Now: atMinute(5)}
		if change != nil {
			change(op)
		}
		return Operation{Journal: op}
	}
	create := func(id engine.ReviewID, host engine.HostID) Operation {
		return journal(model.JournalCreate, 0, func(op *model.JournalOp) {
			op.Key, op.Owner, op.Token, op.Payload, op.Host = key(id, 1), owner, 1, []byte("a diff"), host
		})
	}
	hold := func(host engine.HostID, suspects ...engine.Beat) Operation {
		return journal(model.JournalHold, 0, func(op *model.JournalOp) {
			op.Key, op.Host, op.Suspects, op.Max = engine.AttemptKey{}, host, suspects, 5
		})
	}
	events := func(epoch engine.Epoch, last engine.EventKind, seqs ...int64) Operation {
		return journal(model.JournalAppend, epoch, func(op *model.JournalOp) {
			for _, seq := range seqs {
				op.Events = append(op.Events, engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10, Text: "reads"})
			}
			op.Events[len(op.Events)-1].Kind = last
		})
	}
	outcome := func(kind model.JournalOpKind, epoch engine.Epoch) Operation {
		return journal(kind, epoch, func(op *model.JournalOp) {
			op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseSessionLost, Reason: "silent", Retryable: true}
		})
	}
	named := func(kind model.JournalOpKind, id engine.ReviewID) Operation {
		return journal(kind, 0, func(op *model.JournalOp) { op.Key = key(id, 1) })
	}
	created := []Operation{hold("h1"), create("a", "h1"), create("b", "h1")}
	intended := append(created[:len(created):len(created)], journal(model.JournalIntend, 1, nil))
	streaming := append(intended[:len(intended):len(intended)], events(1, engine.EventProgress, 1, 2))
	over := append(streaming[:len(streaming):len(streaming)], outcome(model.JournalFinish, 1))
	settled := append(over[:len(over):len(over)], journal(model.JournalSettle, 1, nil))
	purge := func(minute int) Operation {
		return journal(model.JournalPurge, 0, func(op *model.JournalOp) {
			op.Key, op.Now, op.Before, op.Max = engine.AttemptKey{}, time.Time{}, atMinute(minute), 5
		})
	}
	one := func(name string, before []Operation, op Operation) Case {
		return Case{op.kind() + " " + name, before, op}
	}
	return []Case{
		one("of a start", created, create("c", "h1")),
		one("of a start that is known", created, create("a", "h2")),
		one("of a start that is given up", created, journal(model.JournalCreate, 0, func(op *model.JournalOp) {
			op.Key, op.Owner, op.Host = key("c", 1), owner, "h1"
			op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: "hopeless"}
		})),
		one("of an attempt", streaming, named(model.JournalLoad, "a")),
		one("of nothing", streaming, named(model.JournalLoad, "x")),
		one("by a new host", created, hold("h2")),
		one("that takes over", streaming, hold("h2", engine.Beat{Host: "h1", Count: 1})),
		one("under a lease", streaming, journal(model.JournalYield, 1, nil)),
		one("under an old lease", streaming, journal(model.JournalYield, 9, nil)),
		one("under a lease", created, journal(model.JournalIntend, 1, nil)),
		one("under an old lease", created, journal(model.JournalIntend, 9, nil)),
		one("of new events", streaming, events(1, engine.EventProgress, 3, 4, 5)),
		one("of events that are half known", streaming, events(1, engine.EventProgress, 2, 3)),
		one("of the last event", streaming, events(1, engine.EventCompleted, 3)),
		one("with a gap", streaming, events(1, engine.EventProgress, 4)),
		one("under an old lease", streaming, events(9, engine.EventProgress, 3)),
		one("under a lease", streaming, outcome(model.JournalDecide, 1)),
		one("under an old lease", streaming, outcome(model.JournalDecide, 9)),
		one("under a lease", streaming, outcome(model.JournalFinish, 1)),
		one("under an old lease", streaming, outcome(model.JournalFinish, 9)),
		one("under a lease", over, journal(model.JournalSettle, 1, nil)),
		one("under an old lease", over, journal(model.JournalSettle, 9, nil)),
		one("of an attempt", streaming, named(model.JournalRequestCancel, "a")),
		one("before the start", streaming, named(model.JournalRequestCancel, "x")),
		one("of an attempt", streaming, journal(model.JournalEvents, 0, func(op *model.JournalOp) { op.Max = 10 })),
		one("of nothing", streaming, named(model.JournalEvents, "x")),
		one("of an old attempt", settled, purge(30)),
		one("of nothing", settled, purge(0)),
	}
}
