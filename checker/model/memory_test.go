package model_test

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

// inLockstep checks a property so often that operations that rarely meet do.
func inLockstep(t *testing.T, property func(t *rapid.T)) {
	times := 20
	if testing.Short() {
		times = 1
	}
	for range times {
		rapid.Check(t, property)
	}
}

// The store in memory answers every operation as the model does, and holds the same in the end.
func TestReviewsInMemoryInLockstep(t *testing.T) {
	ctx := context.Background()
	inLockstep(t, func(t *rapid.T) {
		store, memory, now := model.NewReviews(), enginetest.NewReviews(), 0
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			now = max(0, now+rapid.IntRange(-5, 10).Draw(t, "later by")) // clocks differ
			op := drawOp(t, store, now)
			want := run(store, op)
			if got, _ := op.Execute(ctx, memory); !got.Equal(&want) {
				t.Fatalf("%s\n answered %s\ninstead of %s\nin\n%s", &op, &got, &want, store)
			}
		}
		number := 0
		memory.Each(func(r engine.Review, ended []engine.Attempt) {
			number++
			want, _ := store.Review(r.ID())
			if found := model.Difference(r, *want); found != "" {
				t.Fatalf("review %s: %s", r.ID(), found)
			}
			if found := model.Difference(ended, run(store, model.Attempts(r.ID())).Attempts); found != "" {
				t.Fatalf("ended attempts of %s: %s", r.ID(), found)
			}
		})
		if number != store.Len() {
			t.Fatalf("%d reviews instead of %d", number, store.Len())
		}
	})
}

// The journal in memory, likewise.
func TestJournalInMemoryInLockstep(t *testing.T) {
	ctx := context.Background()
	inLockstep(t, func(t *rapid.T) {
		journal, memory, now := model.NewJournal(), enginetest.NewJournal(), 0
		for range rapid.IntRange(1, 60).Draw(t, "operations") {
			now = max(0, now+rapid.IntRange(-5, 10).Draw(t, "later by"))
			op := drawJournalOp(t, journal, now)
			want := record(journal, op)
			if got, _ := op.Execute(ctx, memory); !got.Equal(&want) {
				t.Fatalf("%s\n answered %s\ninstead of %s\nin\n%s", &op, &got, &want, journal)
			}
		}
		number := 0
		memory.Each(func(o engine.Orchestration, events []engine.Event) {
			number++
			want, _ := journal.Orchestration(o.Key)
			if found := model.Difference(o, *want); found != "" {
				t.Fatalf("attempt %s: %s", o.Key, found)
			}
			if found := model.Difference(events, journal.EventsOf(o.Key)); found != "" {
				t.Fatalf("events of %s: %s", o.Key, found)
			}
		})
		if number != journal.Len() {
			t.Fatalf("%d attempts instead of %d", number, journal.Len())
		}
		if found := model.Difference(memory.Heartbeats(), journal.Heartbeats()); found != "" {
			t.Fatalf("beats: %s", found)
		}
	})
}
