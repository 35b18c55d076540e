package enginetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// Races are repeated, and in every round as many calls are made at once, each by a goroutine of its own. What comes of
// them does not depend on their order.
const (
	rounds = 10
	racers = 8
)

// forget leaves what is stored alone: it is read and compared no more.
func (f *reviewFixture) forget() {
	f.adopt()
	f.known, f.held = nil, make(map[engine.ReviewID]row)
}

// granted checks that exactly n of the calls that were made at once have succeeded, and that the others are of that kind.
func granted(t testing.TB, what string, errs []error, n int, others engine.ErrorKind) {
	t.Helper()
	succeeded := 0
	for _, err := range errs {
		switch {
		case err == nil:
			succeeded++
		case !engine.IsKind(err, others):
			t.Fatalf("%s: %v; want success, or %s", what, err, others)
		}
	}
	if succeeded != n {
		t.Fatalf("%s: %d of %d succeeded; want %d", what, succeeded, len(errs), n)
	}
}

// race makes the calls call(0) to call(racers-1) at once and returns their errors.
func race(call func(i int) error) []error {
	errs := make([]error, racers)
	together(racers, func(i int) { errs[i] = call(i) })
	return errs
}

var reviewRaces = []reviewCase{
	{"At once: of many claims of one review, one is granted", func(f *reviewFixture) {
		ctx := context.Background()
		for round := range rounds {
			f.forget()
			id := fmt.Sprint("a", round)
			f.submit(id, by(engine.OwnerID(id)))
			f.adopt()
			claim := engine.Claim{Key: attemptOf(id, 1), Owner: engine.OwnerID(id), Limit: 20, Now: f.now, DueAt: f.now.Add(staleAfter)}
			granted(f, "claims of one review", race(func(int) error {
				_, err := f.store.Claim(ctx, claim)
				return err
			}), 1, engine.Stale)
			claim.Seen = f.read()[claim.Key.Review].Claim
			claim.Now = claim.DueAt
			granted(f, "claims of one stale claim", race(func(int) error {
				_, err := f.store.Claim(ctx, claim)
				return err
			}), 1, engine.Stale)
		}
	}},
	{"At once: claims of different reviews stay within the owner's limit", func(f *reviewFixture) {
		// The older a review is, the later it is due. A caller whose clock stands where its own review is due sees no
		// older one that waits, so that nothing but the slots that are taken stands against its claim.
		const slots = 3
		ctx := context.Background()
		for round := range rounds {
			f.forget()
			owner := engine.OwnerID(fmt.Sprint("owner ", round))
			claims, latest := make([]engine.Claim, racers), f.now.Add(time.Hour/2)
			for i := range claims {
				id := fmt.Sprintf("%d %d", round, i)
				f.submit(id, by(owner))
				f.adopt()
				due := latest.Add(-time.Duration(i) * time.Second)
				if err := f.store.Defer(ctx, attemptOf(id, 1), 0, due, f.now); err != nil {
					f.Fatalf("Defer, on the way: %v", err)
				}
				claims[i] = engine.Claim{Key: attemptOf(id, 1), Owner: owner, Limit: slots, Now: due, DueAt: due.Add(staleAfter)}
			}
			granted(f, "claims of different reviews", race(func(i int) error {
				_, err := f.store.Claim(ctx, claims[i])
				return err
			}), slots, engine.Rejected)
		}
	}},
	{"At once: a submission that arrives several times is one review", func(f *reviewFixture) {
		for round := range rounds {
			f.forget()
			id := fmt.Sprint("a", round)
			f.know(engine.ReviewID(id))
			answers := make([]engine.Review, racers)
			granted(f, "submissions of one review", race(func(i int) error {
				r, _, err := f.store.Submit(context.Background(), head(id), f.now)
				answers[i] = r
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			for _, r := range answers {
				if found := differences(r, f.row(id).Review); found != "" {
					f.Fatalf("of a review submitted several times at once,\n%s", found)
				}
			}
		}
	}},
	{"At once: of many heads of a pull request, the newest stays", func(f *reviewFixture) {
		for round := range rounds {
			f.forget()
			ids := make([]string, racers)
			for i := range ids {
				ids[i] = fmt.Sprintf("%d %d", round, i)
				f.know(engine.ReviewID(ids[i]))
			}
			granted(f, "heads of one pull request", race(func(i int) error {
				s := head(ids[i])
				of(ids[0], int64(i))(&s)
				_, _, err := f.store.Submit(context.Background(), s, f.now)
				return err
			}), racers, engine.Rejected)
			rows, newest := f.read(), engine.ReviewID(ids[racers-1])
			for _, id := range ids {
				r := rows[engine.ReviewID(id)]
				if is := r.ID() == newest; is != (r.Status == engine.Pending) || is != (r.SupersededBy == "") || !is && r.SupersededBy != newest {
					f.Fatalf("%s is %s and superseded by %q; the newest head is %s", id, r.Status, r.SupersededBy, newest)
				}
			}
		}
	}},
	{"At once: a retrigger that arrives several times begins one attempt, and so does a retry", func(f *reviewFixture) {
		for round := range rounds {
			f.forget()
			id := fmt.Sprint("a", round)
			f.submit(id, by(engine.OwnerID(id)))
			f.cancel(id, 1, "no")
			f.adopt()
			granted(f, "retriggers of one attempt", race(func(int) error {
				_, err := f.store.Retrigger(context.Background(), attemptOf(id, 1), f.now)
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			f.claim(id)
			f.adopt()
			report := engine.Report{WorkerReport: engine.WorkerReport{Key: attemptOf(id, 2), Status: engine.Failed, Retryable: true}, Now: f.now, MaxRetries: racers}
			granted(f, "reports of one failure", race(func(int) error {
				_, err := f.store.Apply(context.Background(), report)
				return err
			}), racers, engine.Rejected)
			if r := f.read()[engine.ReviewID(id)]; r.Attempt != 3 || r.Retries != 1 || len(r.Ended) != 2 {
				f.Fatalf("after one retrigger and one retry: attempt %d, %d retries, ended %v", r.Attempt, r.Retries, r.Ended)
			}
			f.held = f.read()
		}
	}},
	{"At once: an attempt ends once, as cancelled or as reported", func(f *reviewFixture) {
		for round := range rounds {
			f.forget()
			id := fmt.Sprint("a", round)
			f.running(id, by(engine.OwnerID(id)))
			key := attemptOf(id, 1)
			granted(f, "ends of one attempt", race(func(i int) error {
				if i%2 == 0 {
					_, err := f.store.Cancel(context.Background(), key, "no", f.now)
					return err
				}
				_, err := f.store.Apply(context.Background(), engine.Report{WorkerReport: engine.WorkerReport{Key: key, Status: engine.Completed}, Now: f.now})
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			r := f.row(id)
			if !r.Status.Terminal() || r.Stopping != 0 || len(r.Ended) != 1 || r.Ended[0].Status != r.Status {
				f.Fatalf("%s, stopping %d, ended %v; want one end, and no session", r.Status, r.Stopping, r.Ended)
			}
		}
	}},
	{"At once: a read shows one moment", func(f *reviewFixture) {
		// Every head that is submitted supersedes the one before, so exactly one is a candidate at any time.
		const heads = 20
		f.submit("0")
		f.adopt()
		for n := range heads {
			f.know(engine.ReviewID(fmt.Sprint(n + 1)))
		}
		var submitted atomic.Bool
		granted(f, "reads while heads are submitted", race(func(i int) error {
			if i > 0 {
				return readOneCandidate(f.store, f.now, &submitted)
			}
			defer submitted.Store(true)
			for n := 1; n <= heads; n++ {
				s := head(fmt.Sprint(n))
				of("0", int64(n+1))(&s)
				if _, _, err := f.store.Submit(context.Background(), s, f.now); err != nil {
					return err
				}
			}
			return nil
		}), racers, engine.Rejected)
		f.held = f.read()
	}},
}

// readOneCandidate checks that ann has exactly one candidate, again and again until all heads are submitted.
func readOneCandidate(store engine.ReviewStore, now time.Time, submitted *atomic.Bool) error {
	for {
		last := submitted.Load()
		candidates, err := store.Reserve(context.Background(), "ann", 20, now)
		switch {
		case err != nil:
			return err
		case len(candidates) != 1:
			return fmt.Errorf("candidates are %q; want one review", idsOf(candidates))
		case last:
			return nil
		}
	}
}
