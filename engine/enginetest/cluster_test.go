package enginetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

// The workload: every owner has as many reviews, and a limit of its own.
const (
	owners          = 6
	reviewsPerOwner = 50
	reviews         = owners * reviewsPerOwner
)

// hurried is a configuration on a clock that runs five times as fast: claims are stale after two seconds of the wall
// clock, leases run out after three. A call of a store has longer than that, because on a busy machine giving up too
// soon only makes more work.
func hurried() enginetest.ClusterConfig {
	limits := make(map[engine.OwnerID]int)
	for i := range owners {
		limits[owner(i)] = 2 + i
	}
	return enginetest.ClusterConfig{
		ClockSpeed: 5,
		App: engine.AppConfig{
			OwnerLimits: limits, StaleAfter: 10 * time.Second, SilentAfter: 10 * time.Second,
			StoreTimeout: 4 * time.Second, DispatchTimeout: 5 * time.Second,
			SweepEvery: 100 * time.Millisecond, StopEvery: 100 * time.Millisecond,
			BackoffMin: 10 * time.Millisecond, BackoffMax: 200 * time.Millisecond,
		},
		Worker: engine.WorkerConfig{
			LeaseFor: 15 * time.Second, RenewEvery: 100 * time.Millisecond, TakeoverBatch: 1_000, Batch: 3, FlushAfter: time.Second,
			JournalTimeout: 4 * time.Second, CallbackTimeout: 5 * time.Second,
			BackoffMin: 10 * time.Millisecond, BackoffMax: 200 * time.Millisecond,
		},
	}
}

func owner(i int) engine.OwnerID { return engine.OwnerID(fmt.Sprintf("owner-%d", i+1)) }

func submission(o, n int) engine.Submission {
	return engine.Submission{
		Review: engine.ReviewID(fmt.Sprintf("review-%d-%d", o+1, n+1)), Owner: owner(o), Platform: "github",
		Repository: "owner/repository", PullRequest: n + 1, HeadSHA: "c0ffee", HeadOrder: 1,
	}
}

// A misfortune happens to the server when so many reviews have ended.
type misfortune struct {
	name  string
	after int
	// strike makes it happen, and ends it once somebody has noticed.
	strike func(ctx context.Context, noticed func() error) error
}

// noticedBy is how many calls must have failed before a misfortune ends.
const noticedBy = 10

// survive puts a cluster on reviews and journal through a workload with misfortunes, and checks everything in the end.
func survive(t *testing.T, reviewStore engine.ReviewStore, journal engine.Journal, start func(*enginetest.Cluster), misfortunes []misfortune) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // for a cluster that is stuck
	defer cancel()
	record := newRecord(reviewStore, journal)
	config := hurried()
	config.Reviews, config.Journal = record.reviewStore(), record.journalStore()
	c, err := enginetest.NewCluster(config)
	if err != nil {
		t.Fatal(err)
	}
	c.Run()
	start(c)

	var clients sync.WaitGroup
	for o := range owners {
		clients.Go(func() {
			for n := range reviewsPerOwner {
				if err := c.Submit(ctx, submission(o, n)); err != nil {
					t.Errorf("submit review %d of %s: %v", n+1, owner(o), err)
					return
				}
			}
		})
	}
	for _, m := range misfortunes {
		if err := c.Wait(ctx, m.after); err != nil {
			t.Fatalf("wait for %d reviews to end: %v", m.after, err)
		}
		err := m.strike(ctx, func() error { return record.waitFailed(ctx, noticedBy) })
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
	}
	clients.Wait()
	if err := c.Wait(ctx, reviews); err != nil {
		t.Errorf("wait for all %d reviews to end: %v", reviews, err)
	}
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}

	for _, finding := range c.Examine(ctx) {
		t.Error(finding)
	}
	calls, open := record.size()
	most := 0
	for o := range owners {
		most = max(most, c.LiveMost(owner(o)))
	}
	t.Logf("%d reviews, %d calls, %d of them of unknown effect; up to %d live sessions of one owner", reviews, calls, open, most)
	if found := record.examine(); found.reviews != checker.Pass || found.journal != checker.Pass {
		t.Errorf("review store: %s: %s; journal: %s", found.reviews, found.message, found.journal)
	}
}

func TestClusterSurvivesOutagesOfAServerInMemory(t *testing.T) {
	reviewStore, journal := enginetest.NewReviews(), enginetest.NewJournal()
	outage := func(_ context.Context, noticed func() error) error {
		reviewStore.SetDown(true)
		journal.SetDown(true)
		err := noticed()
		reviewStore.SetDown(false)
		journal.SetDown(false)
		return err
	}
	survive(t, reviewStore, journal, func(*enginetest.Cluster) {}, []misfortune{
		{"outage", reviews / 10, outage},
		{"another outage", reviews / 2, outage},
		{"a third outage", reviews * 3 / 4, outage},
	})
}

func TestNewClusterNamesWhatIsWrong(t *testing.T) {
	reviewStore, journal := enginetest.NewReviews(), enginetest.NewJournal()
	for name, test := range map[string]struct {
		config enginetest.ClusterConfig
		want   string
	}{
		"no store":        {enginetest.ClusterConfig{Journal: journal}, "ClusterConfig.Reviews or ClusterConfig.Journal is nil"},
		"no journal":      {enginetest.ClusterConfig{Reviews: reviewStore}, "ClusterConfig.Reviews or ClusterConfig.Journal is nil"},
		"negative apps":   {enginetest.ClusterConfig{Reviews: reviewStore, Journal: journal, Apps: -1}, "ClusterConfig.Apps, Hosts or ClockSpeed is negative"},
		"engine's app":    {enginetest.ClusterConfig{Reviews: reviewStore, Journal: journal, App: engine.AppConfig{Limit: -1}}, "AppConfig.Limit is -1"},
		"engine's worker": {enginetest.ClusterConfig{Reviews: reviewStore, Journal: journal, Worker: engine.WorkerConfig{Batch: -1}}, "WorkerConfig.Batch is -1"},
	} {
		if _, err := enginetest.NewCluster(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

func TestClusterWaitEndsWithItsContext(t *testing.T) {
	c := newCluster(t, enginetest.NewReviews(), enginetest.NewJournal())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
