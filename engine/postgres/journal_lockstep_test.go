package postgres_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
)

var hostIDs = []engine.HostID{"h1", "H2", "hö"}

// drawJournalOp draws an operation that is more often than not possible in the state.
func drawJournalOp(t *rapid.T, journal *model.Journal, now int) model.JournalOp {
	pick := func(label string, low, high int) int { return rapid.IntRange(low, high).Draw(t, label) }
	text := func(label string) string { return rapid.SampledFrom(texts).Draw(t, label) }
	op := model.JournalOp{
		Kind: model.JournalOpKind(pick("kind", int(model.JournalCreate), int(model.JournalPurge))),
		Key:  engine.AttemptKey{Review: reviewIDs[pick("review", 0, 2)], Attempt: pick("attempt", 1, 2)},
		Now:  at(now), Host: rapid.SampledFrom(hostIDs).Draw(t, "host"),
	}
	known, ok := journal.Orchestration(op.Key)
	if !ok {
		known = &engine.Orchestration{}
		if rapid.Bool().Draw(t, "create first") {
			op.Kind = model.JournalCreate
		}
	} else if rapid.IntRange(0, 2).Draw(t, "append") == 0 {
		op.Kind = model.JournalAppend
	}
	op.Epoch = known.Epoch
	switch pick("twist", 0, 9) {
	case 0:
		op.Epoch++
	case 1:
		op.Epoch -= min(1, op.Epoch)
	case 2:
		op.Epoch = 0
	case 3:
		op.Epoch = 1 << 63
	case 4:
		if op.Kind != model.JournalCreate && op.Kind != model.JournalRequestCancel && op.Kind != model.JournalAbandon {
			op.Key.Review = reviewIDs[len(reviewIDs)-1]
		}
	}
	outcome := engine.Outcome{
		Status: engine.Status(pick("outcome", int(engine.Completed), int(engine.Cancelled))),
		Cause:  engine.Cause(pick("cause", int(engine.CauseNone), int(engine.CauseStreamLimit)+1)), // one of a later version among them
		Reason: text("reason"), Retryable: rapid.Bool().Draw(t, "retryable"),
	}
	switch op.Kind {
	case model.JournalCreate:
		op.Owner, op.Payload = rapid.SampledFrom(ownerIDs[:3]).Draw(t, "owner"), []byte(text("payload"))
		if reason := text("abandon"); reason != "" && rapid.Bool().Draw(t, "abandoned") {
			op.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: reason}
		}
	case model.JournalRenewLease:
		op.Max = pick("max", -1, 4)
		for _, host := range append(slices.Clone(hostIDs), "gone\x00", "") {
			if rapid.Bool().Draw(t, "suspect") {
				op.Suspects = append(op.Suspects, engine.Heartbeat{Host: host, Count: uint64(pick("beat", 0, 4))})
			}
		}
	case model.JournalAppend:
		op.Events = drawEvents(t, known.Events)
	case model.JournalSpend:
		op.Spent = time.Duration(pick("spent", -1, 3)) * time.Second
		op.Throttled = time.Duration(pick("throttled", -1, 3)) * time.Microsecond
	case model.JournalDecide, model.JournalFinish, model.JournalAbandon:
		op.Outcome = outcome
	case model.JournalEvents:
		op.After, op.Max = int64(pick("after", -1, 8)), pick("max", -1, 8)
	case model.JournalPurge:
		op.Before, op.Max = at(now-pick("older than", -1, 5)), pick("max", -1, 3)
	default: // the key, the epoch and the time are all there is
	}
	return op
}

// drawEvents draws a batch that mostly continues after the last event. Sometimes it overlaps, leaves a gap, repeats or
// swaps events, or contains the session's last event.
func drawEvents(t *rapid.T, last int64) []engine.Event {
	seq := max(0, last-int64(rapid.IntRange(-1, 3).Draw(t, "overlap")))
	events := make([]engine.Event, rapid.IntRange(0, 6).Draw(t, "events"))
	for i := range events {
		seq += int64(rapid.SampledFrom([]int{1, 1, 1, 1, 1, 1, 1, 1, 0, -1, 2}).Draw(t, "step"))
		events[i] = engine.Event{
			Seq: seq, Kind: engine.EventProgress, Tokens: int64(rapid.IntRange(0, 9).Draw(t, "tokens")),
			Text: rapid.SampledFrom(texts).Draw(t, "event text"),
		}
		if rapid.IntRange(0, 9).Draw(t, "last") == 0 {
			events[i].Kind = engine.EventKind(rapid.IntRange(2, 3).Draw(t, "how"))
			events[i].Retryable = rapid.Bool().Draw(t, "retryable")
		}
	}
	return events
}

// TestJournalInLockstepWithModel checks that the journal and the model answer every operation alike and hold the same
// in the end.
func TestJournalInLockstepWithModel(t *testing.T) { journalInLockstep(t, migrated(t)) }

func journalInLockstep(t *testing.T, pool *pgxpool.Pool) {
	real := postgres.NewJournal(pool)
	rapid.Check(t, func(t *rapid.T) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		run(t, pool, "TRUNCATE worker.orchestrations, worker.events, worker.leases")
		journal, now := model.NewJournal(), 20
		for range rapid.IntRange(1, 80).Draw(t, "operations") {
			now = max(0, now+rapid.IntRange(-2, 4).Draw(t, "later by"))
			op := drawJournalOp(t, journal, now)
			var want model.JournalResult
			journal.Apply(&op, &want)
			got, _ := op.Execute(ctx, real)
			if !got.Equal(&want) {
				t.Fatalf("%s\n answered %s\ninstead of %s", &op, &got, &want)
			}
		}
		compareJournals(ctx, t, pool, real, journal)
	})
}

// compareJournals reads everything back and compares it.
func compareJournals(ctx context.Context, t *rapid.T, pool *pgxpool.Pool, real *postgres.Journal, journal *model.Journal) {
	var count, events int
	err := pool.QueryRow(ctx, "SELECT (SELECT count(*) FROM worker.orchestrations), (SELECT count(*) FROM worker.events)").Scan(&count, &events)
	if err != nil {
		t.Fatal(err)
	}
	if count != journal.Len() {
		t.Fatalf("%d orchestrations instead of %d", count, journal.Len())
	}
	port := journal.Port()
	journal.Each(func(o *engine.Orchestration) {
		events -= len(journal.EventsOf(o.Key))
		for _, op := range []model.JournalOp{model.Load(o.Key), model.Events(o.Key, 0, 1000)} {
			want, _ := op.Execute(ctx, port)
			got, _ := op.Execute(ctx, real)
			if !got.Equal(&want) {
				t.Fatalf("%s holds %s instead of %s", &op, &got, &want)
			}
		}
	})
	if events != 0 {
		t.Fatalf("%d events too many", events)
	}
}
