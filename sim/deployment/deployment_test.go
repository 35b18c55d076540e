package deployment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/deployment"
)

// The workload: every owner has as many reviews, and a limit of its own.
const (
	owners          = 6
	reviewsPerOwner = 50
	reviews         = owners * reviewsPerOwner
)

// hurried is a configuration on a clock that runs five times as fast: claims are stale
// after two seconds of the wall clock, leases run out after three. A call of a store has
// longer than that, for on a busy machine whoever gives up too soon only makes more
// work.
func hurried() deployment.Config {
	limits := make(map[engine.OwnerID]int)
	for i := range owners {
		limits[owner(i)] = 2 + i
	}
	return deployment.Config{
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

// survive puts a deployment on reviews and journal through a workload with
// misfortunes, and checks everything in the end.
func survive(t *testing.T, reviewStore engine.ReviewStore, journal engine.Journal, start func(*deployment.Deployment), misfortunes []misfortune) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute) // for a deployment that is stuck
	defer cancel()
	record := deployment.NewRecord(reviewStore, journal)
	config := hurried()
	config.Reviews, config.Journal = record.Reviews(), record.Journal()
	d, err := deployment.New(config)
	if err != nil {
		t.Fatal(err)
	}
	d.Run()
	start(d)

	var clients sync.WaitGroup
	for o := range owners {
		clients.Go(func() {
			for n := range reviewsPerOwner {
				if err := d.Submit(ctx, submission(o, n)); err != nil {
					t.Errorf("submit review %d of %s: %v", n+1, owner(o), err)
					return
				}
			}
		})
	}
	for _, m := range misfortunes {
		if err := d.Wait(ctx, m.after); err != nil {
			t.Fatalf("wait for %d reviews to end: %v", m.after, err)
		}
		err := m.strike(ctx, func() error { return record.WaitFailed(ctx, noticedBy) })
		if err != nil {
			t.Fatalf("%s: %v", m.name, err)
		}
	}
	clients.Wait()
	if err := d.Wait(ctx, reviews); err != nil {
		t.Errorf("wait for all %d reviews to end: %v", reviews, err)
	}
	if err := d.Close(ctx); err != nil {
		t.Error(err)
	}

	for _, finding := range d.Examine(ctx) {
		t.Error(finding)
	}
	calls, open := record.Len()
	most := 0
	for o := range owners {
		most = max(most, d.Agent().Most(owner(o)))
	}
	t.Logf("%d reviews, %d calls, %d of them of unknown effect; up to %d live sessions of one owner", reviews, calls, open, most)
	for _, finding := range record.Examine() {
		t.Error(finding)
	}
}

func TestSurvivesOutagesOfAServerInMemory(t *testing.T) {
	server := newMemory()
	outage := func(_ context.Context, noticed func() error) error {
		server.setDown(true)
		err := noticed()
		server.setDown(false)
		return err
	}
	survive(t, server.reviews(), server.journals(), func(*deployment.Deployment) {}, []misfortune{
		{"outage", reviews / 10, outage},
		{"another outage", reviews / 2, outage},
		{"a third outage", reviews * 3 / 4, outage},
	})
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	m := newMemory()
	for name, test := range map[string]struct {
		config deployment.Config
		want   string
	}{
		"no store":        {deployment.Config{Journal: m.journals()}, "Config.Reviews or Config.Journal is nil"},
		"no journal":      {deployment.Config{Reviews: m.reviews()}, "Config.Reviews or Config.Journal is nil"},
		"negative apps":   {deployment.Config{Reviews: m.reviews(), Journal: m.journals(), Apps: -1}, "Config.Apps, Hosts or ClockSpeed is negative"},
		"engine's app":    {deployment.Config{Reviews: m.reviews(), Journal: m.journals(), App: engine.AppConfig{Limit: -1}}, "AppConfig.Limit is -1"},
		"engine's worker": {deployment.Config{Reviews: m.reviews(), Journal: m.journals(), Worker: engine.WorkerConfig{Batch: -1}}, "WorkerConfig.Batch is -1"},
	} {
		if _, err := deployment.New(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

func TestWaitEndsWithItsContext(t *testing.T) {
	d := deployed(t, newMemory())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
