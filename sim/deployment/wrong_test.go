package deployment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/deployment"
)

// deployed is a deployment of which nothing runs yet, whose owners have one slot.
func deployed(t *testing.T, m *memory) *deployment.Deployment {
	t.Helper()
	d, err := deployment.New(deployment.Config{Reviews: m.reviews(), Journal: m.journals(), App: engine.AppConfig{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// contains reports whether one of the findings says that.
func contains(findings []string, said string) bool {
	return strings.Contains(strings.Join(findings, "\n"), said)
}

// What is wrong with a deployment, each as one deed on one whose only review has
// completed.
func TestExamineFinds(t *testing.T) {
	key := engine.AttemptKey{Review: submission(0, 0).Review, Attempt: 1}
	payload := []byte(`{"key":{"review":"` + key.Review + `","attempt":1},"owner":"owner-1"}`)
	for name, test := range map[string]struct {
		deed func(d *deployment.Deployment, m *memory)
		want string // empty: nothing
	}{
		"nothing": {func(*deployment.Deployment, *memory) {}, ""},
		"a second execution": {func(d *deployment.Deployment, _ *memory) {
			_, _ = d.Agent().Create(context.Background(), engine.AttemptKey{Review: "another key", Attempt: 1}, payload)
		}, "attempt 1 was executed 2 times"},
		"more sessions than slots": {func(d *deployment.Deployment, _ *memory) {
			for _, other := range []engine.ReviewID{"one", "another"} {
				_, _ = d.Agent().Create(context.Background(), engine.AttemptKey{Review: other, Attempt: 1},
					[]byte(`{"key":{"review":"`+other+`","attempt":1},"owner":"owner-1"}`))
			}
		}, "owner owner-1 had 2 live sessions at once; the limit is 1"},
		"a next attempt that nobody executed": {func(_ *deployment.Deployment, m *memory) {
			_, _ = m.reviews().Retrigger(context.Background(), key, time.Now())
		}, "is pending"},
		"events that are gone": {func(_ *deployment.Deployment, m *memory) {
			_, _ = m.journals().Purge(context.Background(), time.Now().Add(time.Hour), 1)
		}, "has the events []"},
		"a journal without the attempt": {func(_ *deployment.Deployment, m *memory) { m.journal.Reset() }, "has no orchestration"},
		"a store without the review":    {func(_ *deployment.Deployment, m *memory) { m.store.Reset() }, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			d := deployed(t, m)
			d.Run()
			if err := d.Submit(t.Context(), submission(0, 0)); err != nil {
				t.Fatal(err)
			}
			if err := d.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			test.deed(d, m)
			findings := d.Examine(t.Context())
			if test.want == "" && len(findings) != 0 || !contains(findings, test.want) {
				t.Errorf("got %q, want %q", findings, test.want)
			}
		})
	}
}

// Stores that are wrong in one thing, and what a record of some calls says of them.
func TestRecordFinds(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := submission(0, 0)
	key := engine.AttemptKey{Review: s.Review, Attempt: 1}
	type step func(op *model.Op, m *memory)
	type journalStep func(op *model.JournalOp, m *memory)
	for name, test := range map[string]struct {
		wrong        step
		wrongJournal journalStep
		want         string
	}{
		"right ones": {nil, nil, ""},
		"a claim without its predicate": {func(op *model.Op, m *memory) {
			if op.Kind == model.OpClaim {
				op.Token, op.Now = 1, now.Add(time.Hour) // whoever asks: as if the claim were stale
				if r, known := m.store.Review(key.Review); known {
					op.Token = r.Claim
				}
			}
		}, nil, "review store: violated"},
		"a write without its fence": {nil, func(op *model.JournalOp, m *memory) {
			if o, known := m.journal.Orchestration(op.Key); known && op.Kind == model.JournalIntend {
				op.Epoch = o.Epoch
			}
		}, "journal: violated"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			reviews := &model.Reviews{Do: func(_ context.Context, op *model.Op, result *model.Result) {
				executed := *op
				if test.wrong != nil {
					test.wrong(&executed, m)
				}
				m.store.Apply(&executed, result)
			}}
			journal := &model.Journals{Do: func(_ context.Context, op *model.JournalOp, result *model.JournalResult) {
				executed := *op
				if test.wrongJournal != nil {
					test.wrongJournal(&executed, m)
				}
				m.journal.Apply(&executed, result)
			}}
			record := deployment.NewRecord(reviews, journal)
			ctx := t.Context()
			_, _, _ = record.Reviews().Submit(ctx, s, now)
			for range 2 { // the second one comes too late
				_, _ = record.Reviews().Claim(ctx, engine.Claim{Key: key, Owner: s.Owner, Limit: 1, Now: now, DueAt: now.Add(time.Minute)})
			}
			_, _ = record.Reviews().Get(ctx, key.Review)
			o, _, _ := record.Journal().Create(ctx, engine.StartRequest{Key: key, Owner: s.Owner, Token: 1}, "host-1", now)
			_, _ = record.Journal().Hold(ctx, "host-2", []engine.Beat{{Host: "host-1"}}, 1)
			_, _ = record.Journal().Intend(ctx, key, o.Epoch, now) // by a host that holds it no more

			findings := record.Examine()
			if test.want == "" && len(findings) != 0 || !contains(findings, test.want) {
				t.Errorf("got %q, want %q", findings, test.want)
			}
			if calls, open := record.Len(); calls != 7 || open != 0 {
				t.Errorf("got %d calls, %d of them open; want 7 and none", calls, open)
			}
		})
	}
}
