package enginetest

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/onceover/onceover/engine"
)

// A submissionChange makes a submission another one. Of those of the pull request, it is of another pull request then.
type submissionChange func(s *engine.Submission)

var pullRequestChanges = []submissionChange{
	submissionChange(by("bob")),
	func(s *engine.Submission) { s.Platform = "gitlab" },
	func(s *engine.Submission) { s.Repository = "ann/other" },
	func(s *engine.Submission) { s.PullRequest++ },
}

// supersededBy is what becomes of a row that another review supersedes. The reason is for people: any will do.
func supersededBy(f *reviewFixture, by engine.ReviewID, r *row) {
	r.SupersededBy = by
	if r.Status.Terminal() {
		return
	}
	if r.Status != engine.Pending {
		r.Stopping, r.DueAt = r.Attempt, f.now
	}
	r.end(engine.Cancelled, f.reason(r.ID()), f.now)
}

// reason is the reason that the store has recorded for the latest end of a review. It must not be empty.
func (f *reviewFixture) reason(id engine.ReviewID) string {
	f.Helper()
	r, err := f.store.Get(context.Background(), id)
	if err != nil || r.Reason == "" {
		f.Fatalf("the end of review %q has the reason %q, %v; want one", id, r.Reason, err)
	}
	return r.Reason
}

var submitCases = []reviewCase{
	{"Submit records a pending review that is due at once and unclaimed", func(f *reviewFixture) {
		f.submit("a").changes(on("a", func(r *row) {
			r.Submission, r.Status, r.Attempt = head("a"), engine.Pending, 1
			r.DueAt, r.EnqueuedAt = f.now, f.now
		}))
	}},
	{"Submit answers a repeated submission with the review as it is now", func(f *reviewFixture) {
		f.running("a")
		f.submit("a").changes()
		f.apply("a", engine.Completed)
		f.submit("a").changes()
	}},
	{"Submit is Permanent for an identifier that stands for another head", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b", of("a", 2))
		later := func(s *engine.Submission) { s.HeadOrder = 3 }
		other := func(s *engine.Submission) { s.HeadSHA = "other" }
		for _, change := range slices.Concat(pullRequestChanges, []submissionChange{other}) {
			f.submit("a", change).refused(engine.Permanent)
			f.submit("a", change, later).refused(engine.Permanent)
		}
	}},
	{"Submit records a commit that another review has, and supersedes that", func(f *reviewFixture) {
		f.running("a")
		same := func(s *engine.Submission) { s.HeadSHA = head("a").HeadSHA }
		f.submit("b", of("a", 2)).supersedes("a")
		c := f.submit("c", of("a", 3), same)
		c.changes(fresh(f, "c", of("a", 3), same),
			on("a", func(r *row) { supersededBy(f, "c", r) }), on("b", func(r *row) { supersededBy(f, "c", r) }))
		c.supersedes()
	}},
	{"Submit puts the higher identifier behind the lower one if two heads have one order", func(f *reviewFixture) {
		for _, first := range []string{"b", "a"} {
			f.forget()
			pull := of("pull of "+first, 1)
			low, high := "a "+first, "b "+first
			if first == "b" {
				f.submit(high, pull)
				f.submit(low, pull).changes(born(f, low, engine.ReviewID(high), pull))
				continue
			}
			f.submit(low, pull)
			f.submit(high, pull).changes(fresh(f, high, pull), on(low, func(r *row) { supersededBy(f, engine.ReviewID(high), r) }))
		}
	}},
	{"Submit begins the next attempt of a cancelled review that has come back", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b", of("a", 2))
		c := f.submit("a", of("a", 3))
		c.changes(on("a", func(r *row) { comeBack(f, 3, r) }), on("b", func(r *row) { supersededBy(f, "a", r) }))
		c.supersedes()
	}},
	{"Submit lists the session of the head that one which has come back supersedes", func(f *reviewFixture) {
		f.submit("a")
		f.running("b", of("a", 2))
		c := f.submit("a", of("a", 3))
		c.changes(on("a", func(r *row) { comeBack(f, 3, r) }), on("b", func(r *row) { supersededBy(f, "a", r) }))
		c.supersedes("b")
	}},
	{"Submit lets a review that has come back wait for the session of its attempt before", func(f *reviewFixture) {
		f.running("a")
		f.submit("b", of("a", 2))
		f.submit("a", of("a", 3)).changes(on("a", func(r *row) { comeBack(f, 3, r) }), on("b", func(r *row) { supersededBy(f, "a", r) }))
		if r := f.row("a"); r.Stopping != 1 {
			f.Fatalf("stopping is %d; want 1", r.Stopping)
		}
		f.claim("a").refused(engine.Stale)
		f.stopped("a", 1)
		f.claim("a").claims("a")
	}},
	{"Submit begins the next attempt of a review that its user has cancelled, if its head comes back", func(f *reviewFixture) {
		f.submit("a")
		f.cancel("a", 1, "closed")
		f.submit("a").changes()
		f.submit("a", of("a", 2)).changes(on("a", func(r *row) { comeBack(f, 2, r) }))
	}},
	{"Submit begins the retries and deferrals of a review that has come back anew", func(f *reviewFixture) {
		f.running("a")
		f.apply("a", engine.Failed, retryable)
		f.postpone("a")
		f.cancel("a", 2, "closed")
		f.submit("a", of("a", 2)).changes(on("a", func(r *row) { comeBack(f, 2, r) }))
	}},
	{"Submit leaves a review that has come back as completed or failed as it is", func(f *reviewFixture) {
		for _, status := range []engine.Status{engine.Completed, engine.Failed} {
			id, newer := status.String(), engine.ReviewID("newer "+status.String())
			f.running(id)
			f.apply(id, status)
			f.submit(string(newer), of(id, 2))
			f.submit(id, of(id, 3)).changes(on(id, func(r *row) { r.HeadOrder, r.SupersededBy = 3, "" }),
				on(string(newer), func(r *row) { supersededBy(f, engine.ReviewID(id), r) }))
			f.retrigger(id, 1)
		}
	}},
	{"Submit moves the newest head up and changes nothing else", func(f *reviewFixture) {
		f.submit("a")
		f.running("b", of("a", 2))
		f.submit("b", of("a", 5)).changes(on("b", func(r *row) { r.HeadOrder = 5 }))
		f.submit("c", of("a", 4)).changes(born(f, "c", "b", of("a", 4)))
	}},
	{"Submit moves an older head up and leaves it superseded", func(f *reviewFixture) {
		f.submit("a")
		f.submit("c", of("a", 5))
		f.submit("a", of("a", 3)).changes(on("a", func(r *row) { r.HeadOrder = 3 }))
		f.submit("a", of("a", 2)).changes()
		f.submit("b", of("a", 4)).changes(born(f, "b", "c", of("a", 4)))
	}},
	{"Submit comes to the same newest head in every order of arrival", func(f *reviewFixture) {
		deliveries := []struct {
			id    string
			order int64
		}{{"a", 1}, {"b", 2}, {"a", 3}, {"c", 3}, {"b", 4}, {"a", 4}}
		for n := range 12 {
			f.forget()
			suffix := fmt.Sprint(" ", n)
			for i := range deliveries {
				d := deliveries[(i*[]int{1, 5}[n%2]+n/2)%len(deliveries)]
				f.submit(d.id+suffix, of("pull"+suffix, d.order))
			}
			f.adopt()
			newest := engine.ReviewID("b" + suffix)
			for id, r := range f.held {
				if is := id == newest; is != (r.SupersededBy == "") || is != (r.Status == engine.Pending) || !is && r.SupersededBy != newest {
					f.Fatalf("%s is %s and superseded by %q; the newest head is %s", id, r.Status, r.SupersededBy, newest)
				}
			}
		}
	}},
	{"Submit distinguishes pull requests by owner, platform, repository and number", func(f *reviewFixture) {
		f.submit("a")
		for i, change := range pullRequestChanges {
			id := fmt.Sprint("b", i)
			same := func(s *engine.Submission) { s.HeadSHA = head("a").HeadSHA }
			f.submit(id, of("a", 1), change, same).changes(fresh(f, id, of("a", 1), change, same))
			newer := "newer " + id
			f.submit(newer, of("a", 2), change).changes(fresh(f, newer, of("a", 2), change), on(id, func(r *row) { supersededBy(f, engine.ReviewID(newer), r) }))
		}
	}},
	{"Submit cancels a pending review of an older head, which has no session", func(f *reviewFixture) {
		f.submit("a")
		c := f.submit("b", of("a", 2))
		c.changes(fresh(f, "b", of("a", 2)), on("a", func(r *row) { supersededBy(f, "b", r) }))
		c.supersedes()
	}},
	{"Submit cancels a claimed review of an older head, and lists its session to be stopped", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		c := f.submit("b", of("a", 2))
		c.changes(fresh(f, "b", of("a", 2)), on("a", func(r *row) { supersededBy(f, "b", r) }))
		c.supersedes("a")
	}},
	{"Submit cancels a running review of an older head, and lists its session to be stopped", func(f *reviewFixture) {
		f.running("a")
		c := f.submit("b", of("a", 2))
		c.changes(fresh(f, "b", of("a", 2)), on("a", func(r *row) { supersededBy(f, "b", r) }))
		c.supersedes("a")
	}},
	{"Submit does not change how a review of an older head has ended", func(f *reviewFixture) {
		for _, status := range []engine.Status{engine.Completed, engine.Failed, engine.Cancelled} {
			id := status.String()
			f.running(id)
			f.apply(id, status)
			c := f.submit("newer "+id, of(id, 2))
			c.changes(fresh(f, "newer "+id, of(id, 2)), on(id, func(r *row) { supersededBy(f, engine.ReviewID("newer "+id), r) }))
			c.supersedes()
		}
	}},
	{"Submit does not list a session that was being stopped before", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		c := f.submit("b", of("a", 2))
		c.changes(fresh(f, "b", of("a", 2)), on("a", func(r *row) { supersededBy(f, "b", r) }))
		c.supersedes()
	}},
	{"Submit lists the session that a superseded attempt was waiting for", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		c := f.submit("b", of("a", 2))
		c.changes(fresh(f, "b", of("a", 2)), on("a", func(r *row) { supersededBy(f, "b", r) }))
		c.supersedes("a")
	}},
	{"Submit makes the newest head the successor of all older ones", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b", of("a", 2))
		f.submit("c", of("a", 3)).changes(fresh(f, "c", of("a", 3)),
			on("a", func(r *row) { supersededBy(f, "c", r) }), on("b", func(r *row) { supersededBy(f, "c", r) }))
	}},
	{"Submit records a head that comes too late as cancelled", func(f *reviewFixture) {
		f.submit("c", of("a", 3))
		f.submit("d", of("a", 4))
		c := f.submit("a")
		c.changes(born(f, "a", "d"))
		c.supersedes()
	}},
	{"Submit changes no other review when a head comes too late", func(f *reviewFixture) {
		f.submit("a")
		f.submit("c", of("a", 3))
		f.submit("b", of("a", 2)).changes(born(f, "b", "c", of("a", 2)))
	}},
	{"Submit orders heads by numbers of any size and sign", func(f *reviewFixture) {
		f.submit("a", of("a", math.MinInt64))
		f.submit("b", of("a", -1)).changes(fresh(f, "b", of("a", -1)), on("a", func(r *row) { supersededBy(f, "b", r) }))
		f.submit("c", of("a", math.MaxInt64)).changes(fresh(f, "c", of("a", math.MaxInt64)),
			on("a", func(r *row) { supersededBy(f, "c", r) }), on("b", func(r *row) { supersededBy(f, "c", r) }))
		f.submit("d", of("a", 0)).changes(born(f, "d", "c", of("a", 0)))
	}},
	{"Submit distinguishes names that differ in a single byte", func(f *reviewFixture) {
		for _, name := range oddNames {
			odd := func(s *engine.Submission) { s.Owner, s.Repository, s.HeadSHA = engine.OwnerID(name), name, name }
			f.submit(name, odd).changes(fresh(f, name, odd))
		}
	}},
	{"Submit is Permanent for a name that can't be stored", func(f *reviewFixture) {
		for _, name := range []string{"nul\x00", "no UTF-8 \xff"} {
			c := f.submit(name)
			if c.err != nil {
				c.refused(engine.Permanent)
				continue
			}
			c.changes(fresh(f, name))
		}
	}},
	{"Get and Attempts are NotFound for an unknown review", func(f *reviewFixture) {
		f.submit("a")
		for _, id := range []engine.ReviewID{"b", "A", "", "a\x00", "\xff"} {
			_, err := f.store.Get(context.Background(), id)
			checkKind(f, "Get", err, engine.NotFound)
			_, err = f.store.Attempts(context.Background(), id)
			checkKind(f, "Attempts", err, engine.NotFound)
		}
	}},
	{"Attempts lists the ended attempts, oldest first, and leaves the list to the caller", func(f *reviewFixture) {
		f.submit("a")
		for attempt := 1; attempt <= 12; attempt++ {
			f.cancel("a", attempt, "no")
			f.retrigger("a", attempt)
		}
		f.adopt()
		list, err := f.store.Attempts(context.Background(), "a")
		if err != nil || len(list) != 12 || !slices.IsSortedFunc(list, func(a, b engine.Attempt) int { return a.Number - b.Number }) {
			f.Fatalf("Attempts: %v, %v; want 12, in the order of their numbers", list, err)
		}
		want := slices.Clone(list)
		clear(list)
		again, err := f.store.Attempts(context.Background(), "a")
		if found := differences(again, want); err != nil || found != "" {
			f.Fatalf("Attempts, after the answer before was overwritten: %v\n%s", err, found)
		}
	}},
}

// fresh is the row of a review that was submitted by the call.
func fresh(f *reviewFixture, id string, changes ...func(s *engine.Submission)) edit {
	return on(id, func(r *row) {
		r.Submission, r.Status, r.Attempt = head(id), engine.Pending, 1
		for _, change := range changes {
			change(&r.Submission)
		}
		r.DueAt, r.EnqueuedAt = f.now, f.now
	})
}

// born is the row of a review that came too late: a newer head is known.
func born(f *reviewFixture, id string, newest engine.ReviewID, changes ...func(s *engine.Submission)) edit {
	return on(id, func(r *row) {
		fresh(f, id, changes...).change(r)
		supersededBy(f, newest, r)
	})
}

// comeBack is what becomes of a cancelled row when its head comes back as the newest.
func comeBack(f *reviewFixture, order int64, r *row) {
	r.HeadOrder, r.SupersededBy = order, ""
	r.Attempt++
	r.Status, r.Reason, r.Retries, r.Deferrals = engine.Pending, "", 0, 0
	r.DueAt, r.EnqueuedAt = f.now, f.now
}

// supersedes is the judgement that these reviews, in this order, were listed as those whose sessions have to be stopped.
func (c *reviewCall) supersedes(ids ...string) {
	c.f.Helper()
	if got := idsOf(c.reviews); !slices.Equal(got, ids) {
		c.f.Fatalf("%s: superseded are %q; want %q", c.op, got, ids)
	}
}
