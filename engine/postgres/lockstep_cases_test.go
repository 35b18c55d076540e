package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

// The histories of this file are cases that chance rarely draws. Each operation is answered as the model answers it.

// written is a write of the holder under an epoch.
func written(kind model.JournalOpKind, epoch engine.Epoch, now int, events ...engine.Event) model.JournalOp {
	return model.JournalOp{Kind: kind, Key: engine.AttemptKey{Review: "a", Attempt: 1}, Epoch: epoch, Now: at(now), Events: events}
}

// ending is a write that carries an outcome.
func ending(kind model.JournalOpKind, now int, outcome engine.Outcome) model.JournalOp {
	op := written(kind, 1, now)
	op.Outcome = outcome
	return op
}

func TestJournalInLockstepByCase(t *testing.T) {
	key := engine.AttemptKey{Review: "a", Attempt: 1}
	created := model.Create(engine.StartRequest{Key: key, Owner: "ann", Payload: []byte("diff")}, "h1", at(1))
	hopeless := engine.Outcome{Status: engine.Failed, Cause: engine.CauseRefused, Reason: "hopeless", Retryable: true}
	unwanted := engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled, Reason: "not wanted"}
	progress := func(seq int64) engine.Event {
		return engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 3, Text: "reading"}
	}
	completed := engine.Event{Seq: 2, Kind: engine.EventCompleted, Text: "fine"}
	failed := func(retryable bool) engine.Event {
		return engine.Event{Seq: 2, Kind: engine.EventFailed, Text: "broken", Retryable: retryable}
	}
	pool := migrated(t)
	for _, test := range []struct {
		name    string
		history []model.JournalOp
	}{
		{"the first decision stays, whatever the second one is", []model.JournalOp{
			created, ending(model.JournalDecide, 2, hopeless), ending(model.JournalDecide, 3, unwanted), ending(model.JournalFinish, 4, unwanted),
		}},
		{"a decision stays, whatever the session ends with", []model.JournalOp{
			created, ending(model.JournalDecide, 2, hopeless), written(model.JournalAppend, 1, 3, progress(1)),
			written(model.JournalAppend, 1, 4, completed),
		}},
		{"a decision that is final stays, whatever the session fails with", []model.JournalOp{
			created, ending(model.JournalDecide, 2, unwanted), written(model.JournalAppend, 1, 3, progress(1), failed(true)),
		}},
		{"a session fails, for now or for good", []model.JournalOp{
			created, written(model.JournalAppend, 1, 2, progress(1), failed(false)),
			model.Load(key),
		}},
		{"a session fails, and may be tried again", []model.JournalOp{
			created, written(model.JournalAppend, 1, 2, progress(1), failed(true)),
		}},
		{"what is finished is not finished again", []model.JournalOp{
			created, ending(model.JournalFinish, 2, hopeless), written(model.JournalClearOutbox, 1, 3), ending(model.JournalFinish, 4, unwanted),
			written(model.JournalClearOutbox, 1, 5), ending(model.JournalDecide, 6, unwanted), model.Purge(at(4), 9), model.Purge(at(9), 9),
		}},
		{"time that is spent already is no news", []model.JournalOp{
			created, model.Spend(key, 1, 7*time.Second, 3*time.Second, at(2)), model.Spend(key, 1, 7*time.Second, 3*time.Second, at(3)),
			model.Spend(key, 1, 6*time.Second, 4*time.Second, at(4)), model.Spend(key, 1, 8*time.Second, 4*time.Second, at(5)),
		}},
		{"what is decided stays when an operator ends it", []model.JournalOp{
			created, ending(model.JournalDecide, 2, hopeless), model.Abandon(key, unwanted, at(3)),
		}},
		{"a callback that an operator gives up is kept from then on", []model.JournalOp{
			created, ending(model.JournalFinish, 2, hopeless), model.Purge(at(3), 9), model.Abandon(key, unwanted, at(4)),
			model.Purge(at(4), 9), model.Purge(at(5), 9), model.Abandon(key, unwanted, at(6)),
		}},
		{"nobody writes to a tombstone", []model.JournalOp{
			model.RequestCancel(key, at(1)), written(model.JournalRecordIntent, 0, 2), written(model.JournalAppend, 0, 3),
			written(model.JournalAppend, 0, 4, progress(1)), written(model.JournalDecide, 0, 5), written(model.JournalFinish, 0, 6),
			written(model.JournalClearOutbox, 0, 7), written(model.JournalReleaseLease, 0, 8), created,
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			run(t, pool, "TRUNCATE worker.orchestrations, worker.events, worker.leases")
			real, journal := postgres.NewJournal(pool), model.NewJournal()
			for i := range test.history {
				op := &test.history[i]
				var want model.JournalResult
				journal.Apply(op, &want)
				if got, err := op.Execute(context.Background(), real); !got.Equal(&want) {
					t.Fatalf("%s\n answered %s (%v)\ninstead of %s", op, &got, err, &want)
				}
				for _, read := range []model.JournalOp{model.Load(key), model.Events(key, 0, 100)} {
					journal.Apply(&read, &want)
					if got, err := read.Execute(context.Background(), real); !got.Equal(&want) {
						t.Fatalf("after %s,\n%s answered %s (%v)\ninstead of %s", op, &read, &got, err, &want)
					}
				}
			}
		})
	}
}
