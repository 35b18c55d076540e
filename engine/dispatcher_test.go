package engine_test

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// dispatches are cases that dispatch review a once. Each gives the state before, the results of the preparation and of
// the dispatch, and the worker's answer when the attempt is abandoned. calls are those of [appFixture].calls; row is
// the store after that.
var dispatches = []struct {
	name    string
	stale   bool          // a claim of it has become stale
	until   time.Duration // when to look; 0: after 30 s
	config  engine.AppConfig
	prepare func(f *appFixture, ctx context.Context) error
	start   func(f *appFixture, ctx context.Context) (engine.Status, error)
	// abandon is the worker's answer to an abandoned start; nil: it did not know the attempt.
	abandon func() (engine.WorkerReport, error)
	calls   string
	row     string
}{
	{
		name: "accepted", start: answers(engine.Queued),
		calls: "reserve prepare claim start apply", row: "a/1 queued, claim 1, due 00:05:00.004",
	},
	{
		name: "known, running", start: answers(engine.Running),
		calls: "reserve prepare claim start apply set-agent-version", row: "a/1 running, claim 1, agent v7, due 00:10:00.011",
	},
	{
		name: "known, completed", start: answers(engine.Completed),
		calls: "reserve prepare claim start apply set-agent-version reserve",
		row:   "a/1 completed, claim 1, agent v7, due 00:05:00.004; ended [1 completed at 00:00:00.011]",
	},
	{
		name: "known, failed", start: answers(engine.Failed),
		calls: "reserve prepare claim start apply set-agent-version reserve",
		row:   "a/1 failed, claim 1, agent v7, due 00:05:00.004; ended [1 failed at 00:00:00.011]",
	},
	{
		name: "rejected", until: 2 * time.Second, start: refuses(engine.Rejected),
		calls: "reserve prepare claim start release", row: "a/1 queued, claim 1, due 00:00:02.766",
	},
	{
		name: "permanent, never arrived before", start: refuses(engine.Permanent),
		calls: "reserve prepare claim start start apply reserve",
		row:   "a/1 failed (worker.start: permanent: of the test), claim 1, due 00:05:00.004; ended [1 failed at 00:00:00.016 (worker.start: permanent: of the test)]",
	},
	{
		name: "permanent, running all the same", start: refuses(engine.Permanent), abandon: isKnown(engine.Running),
		calls: "reserve prepare claim start start apply", row: "a/1 running, claim 1, due 00:10:00.016",
	},
	{
		name: "permanent, and the result of giving it up is unknown", start: refuses(engine.Permanent), abandon: isUnanswered(engine.Ambiguous),
		calls: "reserve prepare claim start start", row: "a/1 queued, claim 1, due 00:05:00.004",
	},
	{
		name: "permanent, and giving it up is refused", until: 2 * time.Second, start: refuses(engine.Permanent), abandon: isUnanswered(engine.Rejected),
		calls: "reserve prepare claim start start release", row: "a/1 queued, claim 1, due 00:00:02.771",
	},
	{
		name: "ambiguous", start: refuses(engine.Ambiguous),
		calls: "reserve prepare claim start", row: "a/1 queued, claim 1, due 00:05:00.004",
	},
	{
		name: "timeout", start: func(f *appFixture, ctx context.Context) (engine.Status, error) {
			return 0, f.process.Sleep(ctx, time.Hour)
		},
		calls: "reserve prepare claim start", row: "a/1 queued, claim 1, due 00:05:00.004",
	},
	{
		name: "claimed by another while it was prepared", prepare: func(f *appFixture, _ context.Context) error {
			f.given(claimed("a", time.Hour)[1])
			return nil
		},
		calls: "reserve prepare claim", row: "a/1 queued, claim 1, due 01:00:00.000",
	},
	{
		name: "the last slot taken while it was prepared", config: engine.AppConfig{Limit: 1},
		prepare: func(f *appFixture, _ context.Context) error {
			f.given(claimed("b", time.Hour)...)
			return nil
		},
		calls: "reserve prepare claim", row: "a/1 pending, due 00:00:00.000\nb/1 queued, claim 1, due 01:00:00.000",
	},
	{
		name: "cancelled while it was prepared", prepare: func(f *appFixture, _ context.Context) error {
			f.given(model.Cancel(keyOf("a", 1), "changed my mind", moment(0)))
			return nil
		},
		calls: "reserve prepare claim", row: "a/1 cancelled (changed my mind), due 00:00:00.000; ended [1 cancelled at 00:00:00.000 (changed my mind)]",
	},

	{
		name: "preparation fails", until: 2 * time.Second, prepare: unprepared(engine.Ambiguous),
		calls: "reserve prepare defer", row: "a/1 pending, deferrals 1, due 00:00:02.759",
	},
	{
		name: "preparation takes too long", until: 6 * time.Second, config: engine.AppConfig{PrepareTimeout: 5 * time.Second},
		prepare: func(f *appFixture, ctx context.Context) error { return f.process.Sleep(ctx, time.Hour) },
		calls:   "reserve prepare defer", row: "a/1 pending, deferrals 1, due 00:00:07.759",
	},
	{
		name: "preparation fails for the last time", prepare: unprepared(engine.Rejected), config: engine.AppConfig{MaxDeferrals: 1},
		calls: "reserve prepare fail reserve",
		row:   "a/1 failed (the preparation failed: preparer: rejected: of the test), due 00:00:00.000; ended [1 failed at 00:00:00.004 (the preparation failed: preparer: rejected: of the test)]",
	},
	{
		name: "preparation fails for good", prepare: unprepared(engine.Permanent),
		calls: "reserve prepare fail reserve",
		row:   "a/1 failed (the preparation failed: preparer: permanent: of the test), due 00:00:00.000; ended [1 failed at 00:00:00.004 (the preparation failed: preparer: permanent: of the test)]",
	},

	{
		name: "stale claim, accepted anew", stale: true, start: answers(engine.Queued),
		calls: "reserve prepare claim start apply", row: "a/1 queued, claim 2, due 00:05:00.004",
	},
	{
		name: "stale claim, was running all along", stale: true, start: answers(engine.Running),
		calls: "reserve prepare claim start apply set-agent-version", row: "a/1 running, claim 2, agent v7, due 00:10:00.011",
	},
	{
		name: "stale claim, preparation fails", until: 2 * time.Second, stale: true, prepare: unprepared(engine.Ambiguous),
		calls: "reserve prepare defer", row: "a/1 queued, claim 1, deferrals 1, due 00:00:02.759",
	},
	{
		name: "stale claim, preparation fails for good, never arrived", stale: true, prepare: unprepared(engine.Permanent),
		calls: "reserve prepare claim start apply reserve",
		row:   "a/1 failed (the preparation failed: preparer: permanent: of the test), claim 2, due 00:05:00.004; ended [1 failed at 00:00:00.011 (the preparation failed: preparer: permanent: of the test)]",
	},
	{
		name: "stale claim, preparation fails for good, running", stale: true, prepare: unprepared(engine.Permanent), abandon: isKnown(engine.Running),
		calls: "reserve prepare claim start apply", row: "a/1 running, claim 2, due 00:10:00.011",
	},
	{
		name: "stale claim, preparation fails for good, completed", stale: true, prepare: unprepared(engine.Permanent), abandon: isKnown(engine.Completed),
		calls: "reserve prepare claim start apply reserve", row: "a/1 completed, claim 2, due 00:05:00.004; ended [1 completed at 00:00:00.011]",
	},
	{
		name: "stale claim, preparation fails for good, result unknown", stale: true, prepare: unprepared(engine.Permanent), abandon: isUnanswered(engine.Ambiguous),
		calls: "reserve prepare claim start", row: "a/1 queued, claim 2, due 00:05:00.004",
	},
}

// isKnown and isUnanswered are answers to an abandoned start.
func isKnown(status engine.Status) func() (engine.WorkerReport, error) {
	return func() (engine.WorkerReport, error) {
		return engine.WorkerReport{Key: keyOf("a", 1), Status: status}, nil
	}
}

func isUnanswered(kind engine.ErrorKind) func() (engine.WorkerReport, error) {
	return func() (engine.WorkerReport, error) {
		return engine.WorkerReport{}, engine.Errorf(kind, "worker.start", "of the test")
	}
}

func answers(status engine.Status) func(*appFixture, context.Context) (engine.Status, error) {
	return func(*appFixture, context.Context) (engine.Status, error) { return status, nil }
}

func refuses(kind engine.ErrorKind) func(*appFixture, context.Context) (engine.Status, error) {
	return func(*appFixture, context.Context) (engine.Status, error) {
		return 0, engine.Errorf(kind, "worker.start", "of the test")
	}
}

func unprepared(kind engine.ErrorKind) func(*appFixture, context.Context) error {
	return func(*appFixture, context.Context) error { return engine.Errorf(kind, "preparer", "of the test") }
}

func TestDispatch(t *testing.T) {
	for _, test := range dispatches {
		t.Run(test.name, func(t *testing.T) {
			f := newAppFixture(t, test.config)
			if test.stale {
				f.given(claimed("a", 0)...)
			} else {
				f.given(claimed("a", 0)[0])
			}
			if test.prepare != nil {
				f.prepare = func(ctx context.Context, _ engine.Review) error { return test.prepare(f, ctx) }
			}
			f.start = func(ctx context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
				r, _ := f.store.Review("a")
				if request.Abandon != "" {
					if request.Token != r.Claim || len(request.Payload) != 0 {
						t.Errorf("request %+v, want token %d and no payload", request, r.Claim)
					}
					if test.abandon == nil {
						return engine.WorkerReport{Key: request.Key, Status: engine.Failed, Reason: request.Abandon}, nil
					}
					return test.abandon()
				}
				if want := "payload of a"; string(request.Payload) != want || request.Token != r.Claim || request.Owner != "ann" {
					t.Errorf("request %+v, want token %d and payload %q", request, r.Claim, want)
				}
				status, err := test.start(f, ctx)
				report := engine.WorkerReport{Key: request.Key, Status: status}
				if status != engine.Queued {
					report.AgentVersion = "v7"
				}
				return report, err
			}
			// The first sweep, which takes 2 ms, starts the cycle.
			f.dispatcher.Run()
			f.run(cmp.Or(test.until, 30*time.Second))
			if got := strings.Join(f.calls, " "); got != test.calls {
				t.Errorf("calls: %s\nwant:  %s", got, test.calls)
			}
			if got := f.store.String(); got != test.row {
				t.Errorf("row:  %s\nwant: %s", got, test.row)
			}
		})
	}
}

// TestBurstIsDispatchedInParallel checks that twenty reviews with preparations of 3 to 5 s are dispatched in about the
// time of the slowest one.
func TestBurstIsDispatchedInParallel(t *testing.T) {
	const reviews, slowest = 20, 5 * time.Second
	f := newAppFixture(t, engine.AppConfig{})
	preparing, preparingMax, started := 0, 0, 0
	var makespan time.Duration
	f.prepare = func(ctx context.Context, r engine.Review) error {
		preparing++
		preparingMax = max(preparingMax, preparing)
		defer func() { preparing-- }()
		return f.process.Sleep(ctx, slowest-100*time.Millisecond*time.Duration(r.ID()[1]-'a'))
	}
	f.start = func(_ context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
		started++
		makespan = f.kernel.Now()
		return engine.WorkerReport{Key: request.Key, Status: engine.Running}, nil
	}
	for i := range reviews {
		f.given(claimed(fmt.Sprintf("r%c", 'a'+i), 0)[0])
	}
	f.at(0, "", func() { f.dispatcher.Trigger("ann") })
	f.dispatcher.Run()
	f.run(30 * time.Second)
	if started != reviews || preparingMax != reviews {
		t.Errorf("%d dispatched, %d prepared at once; want %d of both", started, preparingMax, reviews)
	}
	const want = slowest + 2*storeTakes + workerTakes // reserve and claim, then start
	if makespan != want || makespan > slowest*11/10 {
		t.Errorf("dispatched in %v, want %v and at most 1.1 times %v", makespan, want, slowest)
	}
}

// dispatcherStories are stories of a dispatcher, each with a golden trace.
var dispatcherStories = []struct {
	name  string
	story func(t *testing.T) *appFixture
}{
	{"claim comes after the preparation", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", 0)[0])
		f.prepare = func(ctx context.Context, _ engine.Review) error { return f.process.Sleep(ctx, 4*time.Second) }
		f.dispatcher.Run()
		return f.end(10 * time.Second)
	}},
	{"trigger while a cycle runs", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", 0)[0])
		f.prepare = func(ctx context.Context, _ engine.Review) error { return f.process.Sleep(ctx, 4*time.Second) }
		f.dispatcher.Run()
		f.at(time.Second, "b is submitted while a is being prepared", func() {
			f.given(claimed("b", 0)[0])
			f.dispatcher.Trigger("ann")
			f.dispatcher.Trigger("ann")
		})
		return f.end(10 * time.Second)
	}},
	{"a free slot goes to the oldest", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{Limit: 1})
		for _, review := range []string{"a", "b", "c"} {
			f.given(claimed(review, 0)[0])
		}
		f.dispatcher.Run()
		f.call(time.Second, f.process, func(ctx context.Context) {
			f.log("app", "< callback: a/1 completed")
			_ = f.app.Report(ctx, engine.WorkerReport{Key: keyOf("a", 1), Status: engine.Completed})
		})
		return f.end(10 * time.Second)
	}},
	{"an attempt that failed for infrastructure reasons is retried twice", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", 0)[0])
		f.start = func(_ context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
			return engine.WorkerReport{Key: request.Key, Status: engine.Failed, Reason: "host lost", Retryable: true}, nil
		}
		f.dispatcher.Run()
		return f.end(5 * time.Minute)
	}},
	{"sweep finds a lost trigger", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{})
		f.dispatcher.Run()
		f.at(10*time.Second, "a is submitted at another replica, which crashes", func() { f.given(claimed("a", 0)[0]) })
		return f.end(2 * time.Minute)
	}},
	{"sweep finds a stale claim", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", 90*time.Second)...)
		f.start = func(_ context.Context, request engine.StartRequest) (engine.WorkerReport, error) {
			return engine.WorkerReport{Key: request.Key, Status: engine.Running, Events: 3}, nil
		}
		f.dispatcher.Run()
		return f.end(3 * time.Minute)
	}},
	{"sweep asks about a silent run that goes on", func(t *testing.T) *appFixture {
		f := silent(t)
		f.status = reporting(engine.Running)
		return f.end(3 * time.Minute)
	}},
	{"sweep asks about a silent run that is over", func(t *testing.T) *appFixture {
		f := silent(t)
		f.status = reporting(engine.Completed)
		return f.end(3 * time.Minute)
	}},
	{"sweep asks about a silent run that nobody knows", func(t *testing.T) *appFixture {
		f := silent(t)
		return f.end(3 * time.Minute)
	}},
	{"sweep asks about a silent run in vain", func(t *testing.T) *appFixture {
		f := silent(t)
		f.status = fails(engine.Ambiguous)
		return f.end(3 * time.Minute)
	}},
	{"sweep goes on stopping", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", time.Hour)...)
		asked := 0
		f.cancel = func(_ context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
			switch asked++; asked {
			case 1:
				return engine.WorkerReport{}, engine.Errorf(engine.Ambiguous, "worker.cancel", "status 503")
			case 2:
				return engine.WorkerReport{Key: key, Status: engine.Running}, nil
			default:
				return engine.WorkerReport{Key: key, Status: engine.Cancelled}, nil
			}
		}
		f.dispatcher.Run()
		f.call(10*time.Second, f.process, func(ctx context.Context) {
			f.log("app", "< cancel a/1")
			r, err := f.app.Cancel(ctx, keyOf("a", 1), "changed my mind")
			f.log("app", "> cancel a/1 -> %s", answerText(r.Status, err))
		})
		return f.end(4 * time.Minute)
	}},
	{"close waits for what is in flight", func(t *testing.T) *appFixture {
		f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", 0)[0])
		f.prepare = func(ctx context.Context, _ engine.Review) error { return f.process.Sleep(ctx, 4*time.Second) }
		f.dispatcher.Run()
		f.call(time.Second, f.process, func(ctx context.Context) {
			limited, cancel := f.process.WithTimeout(ctx, time.Second)
			defer cancel()
			f.log("app", "< close, for at most 1 s")
			f.log("app", "> close -> %v", f.dispatcher.Close(limited))
			f.given(claimed("b", 0)[0])
			f.dispatcher.Trigger("ann")
			f.log("app", "< close")
			f.log("app", "> close -> %s", failureText(f.dispatcher.Close(ctx)))
		})
		return f.end(5 * time.Minute)
	}},
}

// silent returns a fixture with a running review that was last reported at the start. The sweep at one minute finds it.
func silent(t *testing.T) *appFixture {
	f := newAppFixture(t, engine.AppConfig{}).given(claimed("a", time.Hour)...).given(ran("a", engine.Running, 50*time.Second))
	f.dispatcher.Run()
	return f
}

func TestDispatcherStories(t *testing.T) {
	for _, test := range dispatcherStories {
		t.Run(test.name, func(t *testing.T) {
			test.story(t).golden("dispatcher/" + strings.ReplaceAll(test.name, " ", "-"))
		})
	}
}
