package enginetest_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

// newCluster returns a cluster of which nothing runs yet, whose owners have one slot.
func newCluster(t *testing.T, reviewStore engine.ReviewStore, journal engine.Journal) *enginetest.Cluster {
	t.Helper()
	c, err := enginetest.NewCluster(enginetest.ClusterConfig{Reviews: reviewStore, Journal: journal, App: engine.AppConfig{Limit: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each case does one thing that is wrong to a cluster whose only review has completed.
func TestClusterExamineFinds(t *testing.T) {
	s := submission(0, 0)
	attempt := engine.AttemptKey{Review: s.Review, Attempt: 1}
	for _, test := range []struct {
		name string
		do   func(c *enginetest.Cluster, reviewStore *enginetest.Reviews, journal *enginetest.Journal)
		want []enginetest.FindingKind
	}{
		{"nothing", func(*enginetest.Cluster, *enginetest.Reviews, *enginetest.Journal) {}, nil},
		{"a second execution", func(c *enginetest.Cluster, _ *enginetest.Reviews, _ *enginetest.Journal) {
			execute(c, "another key", attempt)
		}, []enginetest.FindingKind{enginetest.FoundExecutions}},
		{"more sessions than slots", func(c *enginetest.Cluster, _ *enginetest.Reviews, _ *enginetest.Journal) {
			for _, id := range []engine.ReviewID{"one", "another"} {
				execute(c, id, engine.AttemptKey{Review: id, Attempt: 1})
			}
		}, []enginetest.FindingKind{enginetest.FoundOverLimit}},
		{"a next attempt that nobody executed", func(_ *enginetest.Cluster, reviewStore *enginetest.Reviews, _ *enginetest.Journal) {
			_, _ = reviewStore.Retrigger(context.Background(), attempt, time.Now())
		}, []enginetest.FindingKind{enginetest.FoundNotCompleted, enginetest.FoundExecutions, enginetest.FoundUnreadable}},
		{"events that are gone", func(_ *enginetest.Cluster, _ *enginetest.Reviews, journal *enginetest.Journal) {
			_, _ = journal.Purge(context.Background(), time.Now().Add(time.Hour), 1)
		}, []enginetest.FindingKind{enginetest.FoundEvents}},
		{"a journal without the attempt", func(_ *enginetest.Cluster, _ *enginetest.Reviews, journal *enginetest.Journal) {
			journal.Reset()
		}, []enginetest.FindingKind{enginetest.FoundUnreadable}},
		{"a store without the review", func(_ *enginetest.Cluster, reviewStore *enginetest.Reviews, _ *enginetest.Journal) {
			reviewStore.Reset()
		}, []enginetest.FindingKind{enginetest.FoundUnreadable}},
	} {
		t.Run(test.name, func(t *testing.T) {
			reviewStore, journal := enginetest.NewReviews(), enginetest.NewJournal()
			c := newCluster(t, reviewStore, journal)
			c.Run()
			if err := c.Submit(t.Context(), s); err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if err := c.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			test.do(c, reviewStore, journal)
			var kinds []enginetest.FindingKind
			findings := c.Examine(t.Context())
			for _, finding := range findings {
				kinds = append(kinds, finding.Kind)
			}
			if !slices.Equal(kinds, test.want) {
				t.Errorf("findings %v of kinds %v; want kinds %v", findings, kinds, test.want)
			}
		})
	}
}

// execute has the agent execute an attempt of owner-1 under the key of a review's first.
func execute(c *enginetest.Cluster, under engine.ReviewID, attempt engine.AttemptKey) {
	payload := []byte(`{"key":{"review":"` + attempt.Review + `","attempt":1},"owner":"owner-1"}`)
	_, _ = c.Agent().Create(context.Background(), engine.AttemptKey{Review: under, Attempt: 1}, payload)
}

// unconditional claims a review in any state.
type unconditional struct{ engine.ReviewStore }

func (s unconditional) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	r, err := s.Get(ctx, c.Key.Review)
	if err != nil {
		return 0, err
	}
	c.Seen, c.Now = r.Claim, c.Now.Add(time.Hour)
	return s.ReviewStore.Claim(ctx, c)
}

// unfenced records an intention under any epoch.
type unfenced struct{ engine.Journal }

func (j unfenced) RecordIntent(ctx context.Context, key engine.AttemptKey, _ engine.Epoch, now time.Time) (engine.Orchestration, error) {
	o, err := j.Load(ctx, key)
	if err != nil {
		return engine.Orchestration{}, err
	}
	return j.Journal.RecordIntent(ctx, key, o.Epoch, now)
}

// A record of some calls finds what is wrong with a store.
func TestRecordFinds(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := submission(0, 0)
	key := engine.AttemptKey{Review: s.Review, Attempt: 1}
	for _, test := range []struct {
		name              string
		reviewStore       engine.ReviewStore
		journal           engine.Journal
		reviews, journals checker.Verdict
	}{
		{"right ones", enginetest.NewReviews(), enginetest.NewJournal(), checker.Pass, checker.Pass},
		{"a claim without its predicate", unconditional{enginetest.NewReviews()}, enginetest.NewJournal(), checker.Violated, checker.Pass},
		{"a write without its fence", enginetest.NewReviews(), unfenced{enginetest.NewJournal()}, checker.Pass, checker.Violated},
	} {
		t.Run(test.name, func(t *testing.T) {
			record := newRecord(test.reviewStore, test.journal)
			reviewStore, journal := record.reviewStore(), record.journalStore()
			ctx := t.Context()
			_, _, _ = reviewStore.Submit(ctx, s, now)
			for range 2 { // the second one comes too late
				_, _ = reviewStore.Claim(ctx, engine.Claim{Key: key, Owner: s.Owner, Limit: 1, Now: now, DueAt: now.Add(time.Minute)})
			}
			_, _ = reviewStore.Get(ctx, key.Review)
			o, _, _ := journal.Create(ctx, engine.StartRequest{Key: key, Owner: s.Owner, Token: 1}, "host-1", now)
			_, _ = journal.RenewLease(ctx, "host-2", []engine.Heartbeat{{Host: "host-1"}}, 1)
			_, _ = journal.RecordIntent(ctx, key, o.Epoch, now) // by a host that holds it no more

			if found := record.examine(); found.reviews != test.reviews || found.journal != test.journals {
				t.Errorf("%+v; want review store %s, journal %s", found, test.reviews, test.journals)
			}
			if calls, open := record.size(); calls != 7 || open != 0 {
				t.Errorf("got %d calls, %d of them open; want 7 and none", calls, open)
			}
		})
	}
}
