package model_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// create accepts attempt 1 for host h1, which has not renewed its lease yet.
func create(review string, now int) model.JournalOp {
	return model.JournalOp{
		Kind: model.JournalCreate, Key: key(review, 1), Owner: "ann", Token: 1, Payload: []byte("diff"),
		Host: "h1", Now: at(now),
	}
}

// hold renews the lease of a host that suspects the given ones. giveUp is the start of an attempt that can't be
// executed.
func giveUp(review string, now int) model.JournalOp {
	op := create(review, now)
	op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: "hopeless"}
	return op
}

func hold(host engine.HostID, max int, suspects ...engine.Heartbeat) model.JournalOp {
	return model.JournalOp{Kind: model.JournalRenewLease, Host: host, Max: max, Suspects: suspects}
}

func beat(host engine.HostID, count uint64) engine.Heartbeat {
	return engine.Heartbeat{Host: host, Count: count}
}

func held(host engine.HostID) model.JournalOp { return model.Held(host) }

// takeover is a hold by a host that has never seen a renewal of h1's lease.
func takeover(host engine.HostID, max int) model.JournalOp { return hold(host, max, beat("h1", 0)) }

// fenced is a write under epoch 1.
func fenced(kind model.JournalOpKind, review string, now int) model.JournalOp {
	return model.JournalOp{Kind: kind, Key: key(review, 1), Epoch: 1, Now: at(now)}
}

// journal appends progress events of 10 tokens each.
func journal(review string, now int, seqs ...int64) model.JournalOp {
	op := fenced(model.JournalAppend, review, now)
	for _, seq := range seqs {
		op.Events = append(op.Events, engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10})
	}
	return op
}

// lastly makes the last event of an append the session's last one.
func lastly(op model.JournalOp, kind engine.EventKind, text string) model.JournalOp {
	last := &op.Events[len(op.Events)-1]
	last.Kind, last.Text = kind, text
	return op
}

func finish(kind model.JournalOpKind, review string, now int, status engine.Status, reason string) model.JournalOp {
	op := fenced(kind, review, now)
	op.Outcome = engine.Outcome{Status: status, Reason: reason}
	return op
}

func load(review string) model.JournalOp {
	return model.JournalOp{Kind: model.JournalLoad, Key: key(review, 1)}
}

func events(review string, after int64, max int) model.JournalOp {
	return model.JournalOp{Kind: model.JournalEvents, Key: key(review, 1), After: after, Max: max}
}

func requestCancel(review string, now int) model.JournalOp {
	return model.JournalOp{Kind: model.JournalRequestCancel, Key: key(review, 1), Now: at(now)}
}

func purge(before, max int) model.JournalOp {
	return model.JournalOp{Kind: model.JournalPurge, Before: at(before), Max: max}
}

func underEpoch(op model.JournalOp, epoch engine.Epoch) model.JournalOp {
	op.Epoch = epoch
	return op
}

// on has another host than h1 create an attempt.
func on(host engine.HostID, op model.JournalOp) model.JournalOp {
	op.Host = host
	return op
}

func record(j *model.Journal, ops ...model.JournalOp) (last model.JournalResult) {
	for i := range ops {
		j.Apply(&ops[i], &last)
	}
	return last
}

const (
	held1  = ", held by h1, epoch 1"
	buried = "a/1 cancelled (cancelled before it started), to be cancelled"
)

// As in operations: the answer, and the line of the journal that the operation leaves ("" for no change of any attempt;
// renews for a change of beats alone).
var journalOperations = []struct {
	name   string
	given  []model.JournalOp
	op     model.JournalOp
	answer string
	state  string
	renews bool
}{
	{name: "create", op: create("a", 1), answer: "created; a/1 accepted" + held1, state: "a/1 accepted" + held1},
	{
		name: "create again changes nothing", given: []model.JournalOp{create("a", 1), fenced(model.JournalRecordIntent, "a", 2)},
		op: create("a", 9), answer: "a/1 intended" + held1,
	},
	{
		name: "create of what is given up leaves a tombstone", op: giveUp("a", 1),
		answer: "created; a/1 failed (hopeless), to be cancelled", state: "a/1 failed (hopeless), to be cancelled",
	},
	{
		name: "create of what is given up, and known", given: []model.JournalOp{create("a", 1)}, op: giveUp("a", 2),
		answer: "a/1 accepted" + held1,
	},
	{
		name: "create after giving up", given: []model.JournalOp{giveUp("a", 1)}, op: create("a", 2),
		answer: "a/1 failed (hopeless), to be cancelled",
	},
	{name: "create on a tombstone", given: []model.JournalOp{requestCancel("a", 1)}, op: create("a", 2), answer: buried},
	{name: "payload", given: []model.JournalOp{create("a", 1)}, op: model.Payload(key("a", 1)), answer: "payload of 4 bytes"},
	{name: "payload of an unknown attempt", op: model.Payload(key("a", 1)), answer: "not found"},
	{name: "load", given: []model.JournalOp{create("a", 1)}, op: load("a"), answer: "a/1 accepted" + held1},
	{name: "load of an unknown attempt", op: load("a"), answer: "not found"},

	{name: "hold renews for who holds nothing", op: hold("h1", 9), answer: "done", renews: true},
	{name: "hold renews", given: []model.JournalOp{create("a", 1)}, op: hold("h1", 0), answer: "done", renews: true},
	{
		name:  "hold renews the lease of a suspect that nobody took over from",
		given: []model.JournalOp{create("a", 1), hold("h2", 9)}, op: hold("h1", 0), answer: "done", renews: true,
	},
	{
		name: "hold leaves what others hold", given: []model.JournalOp{create("a", 1)},
		op: hold("h2", 9), answer: "done", renews: true,
	},
	{
		name: "held lists what the host holds, in the order of the keys", given: []model.JournalOp{create("b", 1), create("a", 1), requestCancel("b", 2)},
		op: held("h1"), answer: "a/1 epoch 1; b/1 epoch 1, to be cancelled",
	},
	{
		name: "held leaves what others hold, and lists their beats", given: []model.JournalOp{create("a", 1)},
		op: held("h2"), answer: "other h1 at beat 0",
	},
	{
		name: "held lists each of the others once, by name", given: []model.JournalOp{
			on("h9", create("a", 1)), create("b", 1), on("h9", create("c", 1)), hold("h9", 9), hold("h9", 9), hold("h1", 9),
		},
		op: held("h2"), answer: "other h1 at beat 1; other h9 at beat 2",
	},
	{
		name: "held does not list who holds nothing any more", given: []model.JournalOp{create("a", 1), hold("h1", 9), fenced(model.JournalReleaseLease, "a", 5)},
		op: held("h2"), answer: "done",
	},
	{
		name:  "hold takes over from a suspect that stood still, under a higher epoch",
		given: []model.JournalOp{create("a", 1), hold("h1", 9)}, op: hold("h2", 9, beat("h1", 1)),
		answer: "1 taken", state: "a/1 accepted, held by h2, epoch 2",
	},
	{
		name: "hold takes over from a suspect that never renewed", given: []model.JournalOp{create("a", 1)},
		op: hold("h2", 9, beat("h1", 0)), answer: "1 taken", state: "a/1 accepted, held by h2, epoch 2",
	},
	{
		name: "hold leaves what a suspect holds that has renewed since", given: []model.JournalOp{create("a", 1), hold("h1", 9), hold("h1", 9)},
		op: hold("h2", 9, beat("h1", 1)), answer: "done", renews: true,
	},
	{
		name: "hold leaves what a suspect holds that is behind its suspicion", given: []model.JournalOp{create("a", 1)},
		op: hold("h2", 9, beat("h1", 1)), answer: "done", renews: true,
	},
	{
		name: "hold suspects an unknown host in vain", given: []model.JournalOp{create("a", 1)},
		op: hold("h2", 9, beat("h9", 0)), answer: "done", renews: true,
	},
	{
		name: "hold does not take over from itself", given: []model.JournalOp{create("a", 1)},
		op: hold("h1", 9, beat("h1", 0), beat("h1", 1)), answer: "done", renews: true,
	},
	{
		name: "hold takes over what was yielded, suspecting nobody", given: []model.JournalOp{create("a", 1), fenced(model.JournalReleaseLease, "a", 5)},
		op: hold("h2", 9), answer: "1 taken", state: "a/1 accepted, held by h2, epoch 2",
	},
	{
		name: "hold takes back what the host yielded, under a higher epoch", given: []model.JournalOp{create("a", 1), fenced(model.JournalReleaseLease, "a", 5)},
		op: hold("h1", 9), answer: "1 taken", state: "a/1 accepted, held by h1, epoch 2",
	},
	{
		name: "hold takes over the first keys", given: []model.JournalOp{create("c", 1), create("b", 1), create("a", 1)},
		op: takeover("h2", 2), answer: "2 taken", state: "c/1 accepted" + held1,
	},
	{
		name: "hold without room takes over nothing", given: []model.JournalOp{create("a", 1)},
		op: takeover("h2", 0), answer: "done", renews: true,
	},
	{
		name: "hold takes over an outbox", given: []model.JournalOp{create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, "")},
		op: takeover("h2", 9), answer: "1 taken", state: "a/1 completed, callback owed, held by h2, epoch 2",
	},
	{
		name: "hold leaves what is settled", given: []model.JournalOp{
			create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, ""), fenced(model.JournalClearOutbox, "a", 3),
		},
		op: takeover("h2", 9), answer: "done", renews: true,
	},
	{name: "hold leaves tombstones", given: []model.JournalOp{requestCancel("a", 1)}, op: takeover("h2", 9), answer: "done", renews: true},

	{
		name: "yield", given: []model.JournalOp{create("a", 1)}, op: fenced(model.JournalReleaseLease, "a", 5), answer: "done",
		state: "a/1 accepted, epoch 1",
	},
	{
		name: "yield again changes nothing", given: []model.JournalOp{create("a", 1), fenced(model.JournalReleaseLease, "a", 5)},
		op: fenced(model.JournalReleaseLease, "a", 6), answer: "done",
	},
	{
		name: "a yielded epoch still writes until somebody takes over", given: []model.JournalOp{create("a", 1), fenced(model.JournalReleaseLease, "a", 5)},
		op: journal("a", 6, 1), answer: "a/1 accepted, 1 events, 10 tokens, epoch 1", state: "a/1 accepted, 1 events, 10 tokens, epoch 1",
	},
	{
		name: "yield under an old epoch", given: []model.JournalOp{create("a", 1), takeover("h2", 9)},
		op: fenced(model.JournalReleaseLease, "a", 62), answer: "stale",
	},
	{name: "yield of an unknown attempt", op: fenced(model.JournalReleaseLease, "a", 62), answer: "not found"},
	{
		name: "no epoch writes to a tombstone", given: []model.JournalOp{requestCancel("a", 1)},
		op: underEpoch(fenced(model.JournalRecordIntent, "a", 2), 0), answer: "stale",
	},

	{
		name: "intend", given: []model.JournalOp{create("a", 1)}, op: fenced(model.JournalRecordIntent, "a", 2),
		answer: "a/1 intended" + held1, state: "a/1 intended" + held1,
	},
	{
		name: "intend again changes nothing", given: []model.JournalOp{create("a", 1), fenced(model.JournalRecordIntent, "a", 2)},
		op: fenced(model.JournalRecordIntent, "a", 3), answer: "a/1 intended" + held1,
	},
	{
		name: "intend after the end changes nothing", given: []model.JournalOp{
			create("a", 1), finish(model.JournalFinish, "a", 2, engine.Cancelled, "cancelled"),
		},
		op: fenced(model.JournalRecordIntent, "a", 3), answer: "a/1 cancelled (cancelled), callback owed" + held1,
	},

	{
		name: "append", given: []model.JournalOp{create("a", 1)}, op: journal("a", 2, 1, 2),
		answer: "a/1 accepted, 2 events, 20 tokens" + held1, state: "a/1 accepted, 2 events, 20 tokens" + held1,
	},
	{
		name: "append skips what is journaled", given: []model.JournalOp{create("a", 1), journal("a", 2, 1, 2)},
		op: journal("a", 3, 1, 2, 3), answer: "a/1 accepted, 3 events, 30 tokens" + held1, state: "a/1 accepted, 3 events, 30 tokens" + held1,
	},
	{
		name: "append with a gap", given: []model.JournalOp{create("a", 1), journal("a", 2, 1)},
		op: journal("a", 3, 3), answer: "permanent",
	},
	{
		name: "append with a gap inside journals none", given: []model.JournalOp{create("a", 1)},
		op: journal("a", 3, 1, 3), answer: "permanent",
	},
	{
		name: "append of the last event finishes", given: []model.JournalOp{create("a", 1)},
		op:     lastly(journal("a", 2, 1, 2), engine.EventFailed, "no such file"),
		answer: "a/1 failed (no such file), callback owed, 2 events, 20 tokens" + held1,
		state:  "a/1 failed (no such file), callback owed, 2 events, 20 tokens" + held1,
	},
	{
		name: "append of the last event again", given: []model.JournalOp{
			create("a", 1), lastly(journal("a", 2, 1, 2), engine.EventCompleted, ""),
		},
		op:     lastly(journal("a", 3, 1, 2), engine.EventCompleted, ""),
		answer: "a/1 completed, callback owed, 2 events, 20 tokens" + held1,
	},
	{
		name: "append of the last event leaves what was decided", given: []model.JournalOp{
			create("a", 1), finish(model.JournalDecide, "a", 2, engine.Failed, "too slow"),
		},
		op:     lastly(journal("a", 3, 1), engine.EventCompleted, ""),
		answer: "a/1 failed (too slow), callback owed, 1 events, 10 tokens" + held1,
		state:  "a/1 failed (too slow), callback owed, 1 events, 10 tokens" + held1,
	},
	{
		name: "append after the end", given: []model.JournalOp{create("a", 1), lastly(journal("a", 2, 1), engine.EventCompleted, "")},
		op: journal("a", 3, 1, 2), answer: "stale",
	},
	{
		name: "append beyond the last event", given: []model.JournalOp{create("a", 1)},
		op: func() model.JournalOp {
			op := lastly(journal("a", 3, 1), engine.EventCompleted, "")
			op.Events = append(op.Events, engine.Event{Seq: 2, Kind: engine.EventProgress})
			return op
		}(),
		answer: "stale",
	},
	{
		name: "append under an old epoch", given: []model.JournalOp{create("a", 1), takeover("h2", 9)},
		op: journal("a", 62, 1), answer: "stale",
	},

	{
		name: "decide", given: []model.JournalOp{create("a", 1)}, op: finish(model.JournalDecide, "a", 2, engine.Failed, "too slow"),
		answer: "a/1 stopping as failed (too slow)" + held1, state: "a/1 stopping as failed (too slow)" + held1,
	},
	{
		name: "decide again changes nothing", given: []model.JournalOp{create("a", 1), finish(model.JournalDecide, "a", 2, engine.Failed, "too slow")},
		op: finish(model.JournalDecide, "a", 3, engine.Failed, "other"), answer: "a/1 stopping as failed (too slow)" + held1,
	},
	{
		name: "decide after the end changes nothing", given: []model.JournalOp{create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, "")},
		op: finish(model.JournalDecide, "a", 3, engine.Failed, "other"), answer: "a/1 completed, callback owed" + held1,
	},
	{
		name: "finish", given: []model.JournalOp{create("a", 1)}, op: finish(model.JournalFinish, "a", 2, engine.Cancelled, "cancelled"),
		answer: "a/1 cancelled (cancelled), callback owed" + held1, state: "a/1 cancelled (cancelled), callback owed" + held1,
	},
	{
		name: "finish as decided", given: []model.JournalOp{create("a", 1), finish(model.JournalDecide, "a", 2, engine.Failed, "too slow")},
		op:     finish(model.JournalFinish, "a", 3, engine.Cancelled, "cancelled"),
		answer: "a/1 failed (too slow), callback owed" + held1, state: "a/1 failed (too slow), callback owed" + held1,
	},
	{
		name: "finish again changes nothing", given: []model.JournalOp{create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, "")},
		op: finish(model.JournalFinish, "a", 3, engine.Failed, "no"), answer: "a/1 completed, callback owed" + held1,
	},
	{
		name: "finish under an old epoch", given: []model.JournalOp{create("a", 1), takeover("h2", 9)},
		op: finish(model.JournalFinish, "a", 62, engine.Failed, "no"), answer: "stale",
	},

	{
		name: "settle", given: []model.JournalOp{create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, "")},
		op: fenced(model.JournalClearOutbox, "a", 3), answer: "done", state: "a/1 completed, epoch 1",
	},
	{
		name: "settle again changes nothing", given: []model.JournalOp{
			create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, ""), fenced(model.JournalClearOutbox, "a", 3),
		},
		op: fenced(model.JournalClearOutbox, "a", 4), answer: "done",
	},
	{name: "settle of what goes on changes nothing", given: []model.JournalOp{create("a", 1)}, op: fenced(model.JournalClearOutbox, "a", 4), answer: "done"},

	{
		name: "request to cancel", given: []model.JournalOp{create("a", 1)}, op: requestCancel("a", 2),
		answer: "a/1 accepted, to be cancelled" + held1, state: "a/1 accepted, to be cancelled" + held1,
	},
	{name: "request to cancel what never came", op: requestCancel("a", 2), answer: buried, state: buried},
	{
		name: "request to cancel what is over", given: []model.JournalOp{create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, "")},
		op: requestCancel("a", 3), answer: "a/1 completed, callback owed" + held1,
	},

	{name: "events", given: []model.JournalOp{create("a", 1), journal("a", 2, 1, 2, 3)}, op: events("a", 1, 9), answer: "events 2 to 3"},
	{name: "events, at most one", given: []model.JournalOp{create("a", 1), journal("a", 2, 1, 2, 3)}, op: events("a", 0, 1), answer: "event 1"},
	{name: "events behind the last", given: []model.JournalOp{create("a", 1), journal("a", 2, 1)}, op: events("a", 7, 1), answer: "done"},
	{name: "events of an unknown attempt", op: events("a", 0, 1), answer: "not found"},

	{
		name: "purge", given: []model.JournalOp{
			create("a", 1), lastly(journal("a", 2, 1), engine.EventCompleted, ""), fenced(model.JournalClearOutbox, "a", 3),
		},
		op: purge(4, 9), answer: "1 purged", state: "a/1 completed, 1 events, 10 tokens, epoch 1, purged",
	},
	{
		name: "purge counts to its maximum", given: []model.JournalOp{requestCancel("b", 1), requestCancel("a", 1)},
		op: purge(4, 1), answer: "1 purged", state: buried + ", purged",
	},
	{name: "purge once", given: []model.JournalOp{requestCancel("a", 1), purge(4, 9)}, op: purge(4, 9), answer: "done"},
	{name: "purge leaves what has changed since", given: []model.JournalOp{requestCancel("a", 4)}, op: purge(4, 9), answer: "done"},
	{
		name: "purge leaves an outbox", given: []model.JournalOp{create("a", 1), finish(model.JournalFinish, "a", 2, engine.Completed, "")},
		op: purge(9, 9), answer: "done",
	},
}

func TestJournalOperations(t *testing.T) {
	for _, test := range journalOperations {
		t.Run(test.name, func(t *testing.T) {
			j := model.NewJournal()
			record(j, test.given...)
			before := j.Clone()

			next, result := j.Step(&test.op)
			if !j.Equal(before) {
				t.Errorf("StepJournal changed its input to\n%s", j)
			}
			if got := result.String(); got != test.answer {
				t.Errorf("%s\nanswered %s\nwant     %s", &test.op, got, test.answer)
			}
			switch {
			case test.state == "" && (next.Equal(before) == test.renews || next.String() != before.String()):
				t.Errorf("%s\nchanged the journal to\n%s", &test.op, next)
			case test.state != "" && !strings.Contains("\n"+next.String()+"\n", "\n"+test.state+"\n"):
				t.Errorf("%s\nleft\n%s\nwant the line\n%s", &test.op, next, test.state)
			}

			got, _ := test.op.Execute(context.Background(), j.Port())
			if !got.Equal(&result) || !j.Equal(next) {
				t.Errorf("the adapter answered %s, StepJournal %s", &got, &result)
			}
		})
	}
}

func TestPurgedAttemptKeepsItsIdentity(t *testing.T) {
	j := model.NewJournal()
	record(j, create("a", 1), lastly(journal("a", 2, 1), engine.EventCompleted, ""), fenced(model.JournalClearOutbox, "a", 3), purge(4, 9))
	if got := record(j, events("a", 0, 9)); got.Failed || len(got.Events) != 0 {
		t.Errorf("events: %s, want none", &got)
	}
	got := record(j, create("a", 5))
	if payload := record(j, model.Payload(key("a", 1))); payload.Failed || len(payload.Payload) != 0 {
		t.Errorf("payload: %s, want none", &payload)
	}
	if got.Created || got.Orchestration.Outcome.Status != engine.Completed {
		t.Errorf("late start: %s, want the outcome", &got)
	}
}

func TestJournalResultsAreTheCallers(t *testing.T) {
	j := model.NewJournal()
	payload := []byte("diff")
	op := create("a", 1)
	op.Payload = payload
	record(j, op)
	payload[0] = 'X'
	read := record(j, journal("a", 2, 1, 2), events("a", 0, 9))
	record(j, journal("a", 3, 3, 4, 5))
	j.Reset()
	record(j, create("b", 1), lastly(journal("b", 2, 1), engine.EventFailed, "other"))
	if len(read.Events) != 2 || read.Events[0].Kind != engine.EventProgress {
		t.Errorf("events changed to %v", read.Events)
	}
	j.Reset()
	record(j, create("a", 1))
	if o, _ := j.Orchestration(key("a", 1)); string(record(j, model.Payload(o.Key)).Payload) != "diff" || j.Len() != 1 || len(j.EventsOf(o.Key)) != 0 {
		t.Errorf("after reset: %s", j)
	}
}

func TestJournalRejectsEndedContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), -time.Second)
	defer cancel()
	_, err := model.NewJournal().Port().RequestCancel(ctx, key("a", 1), at(1))
	const want = "journal.request-cancel: rejected: attempt a/1"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
