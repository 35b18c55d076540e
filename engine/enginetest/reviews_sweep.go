package enginetest

import (
	"context"
	"time"

	"github.com/onceover/onceover/engine"
)

var sweepCases = []reviewCase{
	{"Sweep finds nothing in an empty store", func(f *reviewFixture) { f.sweep(9).finds(nil, nil, nil) }},
	{"Sweep finds owners with candidates, silent reviews, and sessions that have to be stopped", func(f *reviewFixture) {
		f.submit("pending")
		f.submit("stale", by("bob"))
		f.claim("stale")
		f.running("silent", by("cleo"))
		f.running("stopping", by("dora"))
		f.cancel("stopping", 1, "no")
		f.pass(silentAfter)
		f.sweep(9).finds(names{"ann", "bob"}, names{"silent"}, names{"stopping"})
	}},
	{"Sweep skips what is not due", func(f *reviewFixture) {
		f.submit("pending")
		f.postpone("pending")
		f.submit("queued", by("bob"))
		f.claim("queued")
		f.running("running", by("cleo"))
		f.running("stopping", by("dora"))
		f.cancel("stopping", 1, "no")
		f.postpone("stopping")
		f.sweep(9).finds(nil, nil, nil)
		f.nextAt(f.row("stopping").DueAt.Add(-time.Microsecond))
		f.sweep(9).finds(names{"ann"}, nil, nil)
		f.nextAt(f.row("stopping").DueAt)
		f.sweep(9).finds(names{"ann"}, nil, names{"stopping"})
		f.nextAt(f.row("running").DueAt.Add(-time.Microsecond))
		f.sweep(9).finds(names{"ann", "bob"}, nil, names{"stopping"})
		f.nextAt(f.row("running").DueAt)
		f.sweep(9).finds(names{"ann", "bob"}, names{"running"}, names{"stopping"})
	}},
	{"Sweep counts a review as due when its due time lies too far ahead", func(f *reviewFixture) {
		f.pass(48 * time.Hour)
		f.submit("pending")
		f.running("running", by("bob"))
		f.running("stopping", by("cleo"))
		f.cancel("stopping", 1, "no")
		f.nextAt(began)
		f.sweep(9).finds(names{"ann"}, names{"running"}, names{"stopping"})
	}},
	{"Sweep skips reviews that have ended", func(f *reviewFixture) {
		for _, status := range terminals {
			f.running(status.String())
			f.apply(status.String(), status)
		}
		f.pass(silentAfter)
		f.sweep(9).finds(nil, nil, nil)
	}},
	{"Sweep skips an attempt until the session of the one before is over", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.sweep(9).finds(nil, nil, names{"a"})
		f.stopped("a", 1)
		f.sweep(9).finds(names{"ann"}, nil, nil)
	}},
	{"Sweep lists each owner once, in the order of their names", func(f *reviewFixture) {
		f.submit("a1", by("cleo"))
		f.submit("b", by("bob"))
		f.submit("a2", by("cleo"))
		f.submit("c")
		f.sweep(9).finds(names{"ann", "bob", "cleo"}, nil, nil)
	}},
	{"Sweep begins behind an owner, and comes round to it", func(f *reviewFixture) {
		for _, owner := range []engine.OwnerID{"cleo", "ann", "dora", "bob"} {
			f.submit("of "+string(owner), by(owner))
		}
		f.sweep(9, behind("bob")).finds(names{"cleo", "dora", "ann", "bob"}, nil, nil)
		f.sweep(2, behind("bob")).finds(names{"cleo", "dora"}, nil, nil)
		f.sweep(2, behind("cleo")).finds(names{"dora", "ann"}, nil, nil)
		f.sweep(3, behind("dora")).finds(names{"ann", "bob", "cleo"}, nil, nil)
		f.sweep(1, behind("bo")).finds(names{"bob"}, nil, nil) // there is no such owner
		f.sweep(9, behind("zoe")).finds(names{"ann", "bob", "cleo", "dora"}, nil, nil)
		f.sweep(9, behind("nul\x00")).finds(names{"ann", "bob", "cleo", "dora"}, nil, nil)
	}},
	{"Sweep passes over owners whose slots are all taken", func(f *reviewFixture) {
		for _, owner := range []engine.OwnerID{"ann", "bob", "cleo"} {
			f.running("running "+string(owner), by(owner))
			f.submit("waiting "+string(owner), by(owner))
		}
		f.running("stopping", by("dora"))
		f.cancel("stopping", 1, "no")
		f.submit("waiting dora", by("dora"))
		f.sweep(9, slots(nil)).finds(nil, nil, names{"stopping"})
		f.sweep(1, slots(map[engine.OwnerID]int{"cleo": 2})).finds(names{"cleo"}, nil, names{"stopping"})
		f.sweep(9, slots(map[engine.OwnerID]int{"cleo": 2, "ann": 3, "zoe": 0, "nul\x00": 1})).finds(names{"ann", "cleo"}, nil, names{"stopping"})
		f.stopped("stopping", 1)
		f.sweep(9, slots(nil)).finds(names{"dora"}, nil, nil)
	}},
	{"Sweep finds a stale claim although the slots of its owner are all taken", func(f *reviewFixture) {
		f.submit("stale")
		f.claim("stale")
		f.pass(staleAfter)
		f.sweep(9, slots(map[engine.OwnerID]int{"ann": 1})).finds(names{"ann"}, nil, nil)
		f.sweep(9, slots(map[engine.OwnerID]int{"ann": 0})).finds(names{"ann"}, nil, nil)
	}},
	{"Sweep lists reviews in the order in which they have been due for longest", func(f *reviewFixture) {
		for _, id := range []string{"c", "a", "b"} {
			f.running(id)
			f.running("x" + id)
			f.cancel("x"+id, 1, "no")
		}
		f.pass(2 * silentAfter)
		f.sweep(9).finds(nil, names{"c", "a", "b"}, names{"xc", "xa", "xb"})
	}},
	{"Sweep puts the lower name first when two reviews have been due equally long", func(f *reviewFixture) {
		for _, id := range []string{"b", "B", "a"} {
			f.submit(id, by(engine.OwnerID("owner of "+id)))
			f.running("s" + id)
			f.running("x" + id)
		}
		for _, id := range []string{"b", "B", "a"} {
			f.nextAt(began)
			f.postpone(id)
			f.nextAt(began)
			f.postpone("s" + id)
			f.nextAt(began)
			f.cancel("x"+id, 1, "no")
		}
		f.pass(2 * silentAfter)
		f.sweep(9).finds(names{"owner of B", "owner of a", "owner of b"}, names{"sB", "sa", "sb"}, names{"xB", "xa", "xb"})
	}},
	{"Sweep finds at most as many of each kind as it is asked for", func(f *reviewFixture) {
		for _, id := range []string{"c", "a", "b"} {
			f.submit(id, by(engine.OwnerID(id)))
			f.running("s" + id)
			f.running("x" + id)
			f.cancel("x"+id, 1, "no")
		}
		f.pass(2 * silentAfter)
		f.sweep(2).finds(names{"a", "b"}, names{"sc", "sa"}, names{"xc", "xa"})
		f.sweep(1).finds(names{"a"}, names{"sc"}, names{"xc"})
		f.sweep(0).finds(nil, nil, nil)
		f.sweep(-1).finds(nil, nil, nil)
	}},
}

// reviewStories are about more than one method.
var reviewStories = []reviewCase{
	{"A review is dispatched, lost, retried, cancelled, retriggered and completed", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a").claims("a")
		f.pass(staleAfter)
		f.reserve("ann", 1).lists("a")
		f.claim("a").claims("a")
		f.apply("a", engine.Running)
		f.apply("a", engine.Failed, retryable).changes(on("a", func(r *row) { retried(f, r) }))
		f.pass(retryAfter)
		f.claim("a").claims("a")
		f.cancel("a", 2, "no")
		f.retrigger("a", 2)
		f.claim("a").refused(engine.Stale)
		f.apply("a", engine.Cancelled, about(2))
		f.claim("a").claims("a")
		f.apply("a", engine.Completed).changes(on("a", func(r *row) { r.end(engine.Completed, "", f.now) }))
		if ended := f.row("a").Ended; len(ended) != 3 || ended[0].Status != engine.Failed || ended[1].Status != engine.Cancelled {
			f.Fatalf("ended attempts are %v; want a failed, a cancelled and a completed one", ended)
		}
	}},
	{"An owner at the limit goes on with the oldest review when a slot becomes free", func(f *reviewFixture) {
		for _, id := range []string{"a", "b", "c", "d"} {
			f.submit(id)
		}
		f.reserve("ann", 2).lists("a", "b")
		f.claim("b", limit(2)).claims("b")
		f.claim("a", limit(2)).claims("a")
		f.reserve("ann", 2).lists()
		f.apply("b", engine.Completed)
		f.reserve("ann", 2).lists("c")
		f.claim("d", limit(2)).refused(engine.Rejected)
		f.claim("c", limit(2)).claims("c")
	}},
	{"A call under an ended context is Rejected without an effect, or Ambiguous, or succeeds", func(f *reviewFixture) {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		for _, method := range everyMethod {
			f.submit(method.name)
			if method.status != engine.Pending {
				f.claim(method.name)
				f.apply(method.name, method.status)
			}
			c := f.call(method.name+" under an ended context", func(c *reviewCall) {
				c.err = method.call(ended, f, attemptOf(method.name, 1), f.now)
			})
			switch {
			case engine.IsKind(c.err, engine.Rejected):
				c.refused(engine.Rejected)
			case c.err != nil:
				checkKind(f, c.op, c.err, engine.Ambiguous)
				c.err = nil
			}
		}
	}},
}

// everyMethod calls each method on an attempt that stands as given, with success.
var everyMethod = []struct {
	name   string
	status engine.Status
	call   func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error
}{
	{"Submit", engine.Pending, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		f.know("another")
		_, _, err := f.store.Submit(ctx, head("another"), now)
		return err
	}},
	{"Get", engine.Pending, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, _ time.Time) error {
		_, err := f.store.Get(ctx, key.Review)
		return err
	}},
	{"Attempts", engine.Pending, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, _ time.Time) error {
		_, err := f.store.Attempts(ctx, key.Review)
		return err
	}},
	{"Reserve", engine.Pending, func(ctx context.Context, f *reviewFixture, _ engine.AttemptKey, now time.Time) error {
		_, err := f.store.Reserve(ctx, "ann", 9, now)
		return err
	}},
	{"Sweep", engine.Pending, func(ctx context.Context, f *reviewFixture, _ engine.AttemptKey, now time.Time) error {
		_, err := f.store.Sweep(ctx, engine.Search{Now: now, Max: 9, Limit: 20})
		return err
	}},
	{"Claim", engine.Pending, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		_, err := f.store.Claim(ctx, engine.Claim{Key: key, Owner: "ann", Limit: 20, Now: now, DueAt: now.Add(staleAfter)})
		return err
	}},
	{"Release", engine.Queued, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		return f.store.Release(ctx, key, f.held[key.Review].Claim, now, now)
	}},
	{"Defer", engine.Pending, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		return f.store.Defer(ctx, key, 0, now, now)
	}},
	{"Fail", engine.Pending, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		return f.store.Fail(ctx, key, 0, "no", now)
	}},
	{"Apply", engine.Running, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		_, err := f.store.Apply(ctx, engine.Report{WorkerReport: engine.WorkerReport{Key: key, Status: engine.Completed}, Now: now})
		return err
	}},
	{"SetAgentVersion", engine.Running, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		return f.store.SetAgentVersion(ctx, key, "v7", now)
	}},
	{"Cancel", engine.Running, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		_, err := f.store.Cancel(ctx, key, "no", now)
		return err
	}},
	{"Stopped", engine.Running, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		_, err := f.store.Stopped(ctx, key, now)
		return err
	}},
	{"Retrigger", engine.Failed, func(ctx context.Context, f *reviewFixture, key engine.AttemptKey, now time.Time) error {
		_, err := f.store.Retrigger(ctx, key, now)
		return err
	}},
}
