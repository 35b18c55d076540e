package enginetest

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/engine"
)

var reserveCases = []reviewCase{
	{"Reserve: an owner without reviews has no candidates", func(f *reviewFixture) {
		f.submit("a")
		f.reserve("bob", 20).lists()
		f.reserve("nul\x00", 20).lists()
	}},
	{"Reserve: the oldest come first, and only the owner's", func(f *reviewFixture) {
		f.submit("c")
		f.submit("x", by("bob"))
		f.submit("b")
		f.submit("a")
		f.reserve("ann", 20).lists("c", "b", "a")
		f.reserve("ann", 2).lists("c", "b")
		f.reserve("bob", 2).lists("x")
	}},
	{"Reserve: of equally old reviews the lower name in bytes comes first", func(f *reviewFixture) {
		for i := range oddNames {
			f.nextAt(began)
			f.submit(oddNames[len(oddNames)-1-i]) // the names in the wrong order
		}
		f.reserve("ann", 20).lists(oddNames...)
	}},
	{"Reserve: a slot is taken by what is claimed, runs, or is being stopped", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.running("b")
		f.running("c")
		f.cancel("c", 1, "no")
		f.submit("d")
		f.submit("e")
		f.reserve("ann", 3).lists()
		f.reserve("ann", 4).lists("d")
		f.reserve("ann", 5).lists("d", "e")
	}},
	{"Reserve: what has ended takes no slot", func(f *reviewFixture) {
		for _, status := range []engine.Status{engine.Completed, engine.Failed, engine.Cancelled} {
			f.running(status.String())
			f.apply(status.String(), status)
		}
		f.submit("a")
		f.reserve("ann", 1).lists("a")
	}},
	{"Reserve: every stale claim is a candidate for the slot that it holds, whatever the limit", func(f *reviewFixture) {
		for _, id := range []string{"b", "a", "c"} {
			f.submit(id)
		}
		f.claim("b")
		f.claim("a")
		f.pass(staleAfter)
		f.reserve("ann", 2).lists("b", "a")
		f.reserve("ann", 1).lists("b", "a")
		f.reserve("ann", 0).lists("b", "a")
		f.reserve("ann", -1).lists("b", "a")
		f.reserve("ann", 3).lists("b", "a", "c")
	}},
	{"Reserve: stale claims come before older pending reviews", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.postpone("a")
		f.claim("b", limit(1))
		f.pass(staleAfter)
		f.reserve("ann", 2).lists("b", "a")
	}},
	{"Reserve: a claim that is not stale is no candidate, and a released one is as soon as it is due", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.reserve("ann", 20).lists()
		f.release("a")
		f.reserve("ann", 20).lists()
		f.pass(time.Minute)
		f.reserve("ann", 20).lists("a")
	}},
	{"Reserve: what is not due is no candidate, and takes nobody's place", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.postpone("a")
		f.reserve("ann", 1).lists("b")
		f.pass(time.Minute)
		f.reserve("ann", 1).lists("a")
	}},
	{"Reserve: due is what a wrong clock has put too far ahead", func(f *reviewFixture) {
		f.submit("a")
		f.adopt()
		due := f.row("a").DueAt
		f.nextAt(due.Add(-engine.MaxAhead))
		f.reserve("ann", 1).lists()
		f.nextAt(due.Add(-engine.MaxAhead - time.Microsecond))
		f.reserve("ann", 1).lists("a")
	}},
	{"Reserve: an attempt waits for the session of the one before", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.submit("b")
		f.reserve("ann", 1).lists()
		f.reserve("ann", 20).lists("b")
		f.stopped("a", 1)
		f.reserve("ann", 20).lists("a", "b")
	}},
	{"Reserve: the next attempt of a review is younger than reviews that wait", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.reserve("ann", 20).lists("b", "a")
	}},
	{"Reserve: it writes nothing, so asking twice gives the same", func(f *reviewFixture) {
		f.submit("a")
		f.reserve("ann", 1).lists("a")
		f.reserve("ann", 1).lists("a")
	}},
}

var claimCases = []reviewCase{
	{"Claim: a pending review is queued until the claim goes stale", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a").claims("a")
	}},
	{"Claim: an unknown review, and one of another owner, is not found", func(f *reviewFixture) {
		f.claim("b", func(c *engine.Claim) { c.Key, c.Owner = attemptOf("b", 1), "ann" }).refused(engine.NotFound)
		f.submit("a")
		f.claim("a", func(c *engine.Claim) { c.Owner = "bob" }).refused(engine.NotFound)
		f.claim("a", func(c *engine.Claim) { c.Owner = "\xff\x00" }).refused(engine.NotFound)
	}},
	{"Claim: what was claimed since it was reserved is stale", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.pass(staleAfter)
		f.claim("a", func(c *engine.Claim) { c.Seen = 0 }).refused(engine.Stale)
		f.claim("a", func(c *engine.Claim) { c.Seen++ }).refused(engine.Stale)
		f.claim("a", func(c *engine.Claim) { c.Seen = neverGiven }).refused(engine.Stale)
	}},
	{"Claim: of two who have reserved a review one gets it", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.claim("a", func(c *engine.Claim) { c.Seen = 0 }).refused(engine.Stale)
	}},
	{"Claim: a claim that is not stale can't be claimed", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.claim("a").refused(engine.Stale)
		f.nextAt(f.row("a").DueAt.Add(-time.Microsecond))
		f.claim("a").refused(engine.Stale)
		f.nextAt(f.row("a").DueAt)
		f.claim("a").claims("a")
	}},
	{"Claim: a stale claim is claimed again, under a higher token", func(f *reviewFixture) {
		f.submit("a")
		for range 3 {
			f.claim("a").claims("a")
			f.pass(staleAfter)
		}
	}},
	{"Claim: a released claim is claimed again when it is due", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.release("a")
		f.claim("a").refused(engine.Stale)
		f.pass(time.Minute)
		f.claim("a").claims("a")
	}},
	{"Claim: tokens go on over attempts", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Completed)
		f.retrigger("a", 1)
		f.claim("a", func(c *engine.Claim) { c.Seen = 0 }).refused(engine.Stale)
		f.claim("a").claims("a")
	}},
	{"Claim: another attempt than the current one is stale", func(f *reviewFixture) {
		f.submit("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		for _, attempt := range []int{1, 3, 0, -1} {
			f.claim("a", func(c *engine.Claim) { c.Key.Attempt = attempt }).refused(engine.Stale)
		}
	}},
	{"Claim: what is not due can't be claimed", func(f *reviewFixture) {
		f.submit("a")
		f.postpone("a")
		f.claim("a").refused(engine.Stale)
		f.pass(time.Minute)
		f.claim("a").claims("a")
	}},
	{"Claim: what a wrong clock has put too far ahead is due", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a", func(c *engine.Claim) { c.DueAt = c.Now.Add(48 * time.Hour) })
		f.adopt()
		f.nextAt(f.row("a").DueAt.Add(-engine.MaxAhead))
		f.claim("a").refused(engine.Stale)
		f.nextAt(f.row("a").DueAt.Add(-engine.MaxAhead - time.Microsecond))
		f.claim("a").claims("a")
	}},
	{"Claim: what runs or has ended can't be claimed", func(f *reviewFixture) {
		for status := engine.Running; status <= engine.Cancelled; status++ {
			id := status.String()
			f.running(id)
			f.apply(id, status)
			f.pass(2 * silentAfter)
			f.claim(id).refused(engine.Stale)
		}
	}},
	{"Claim: an attempt waits for the session of the one before", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.claim("a").refused(engine.Stale)
		f.retrigger("a", 1)
		f.claim("a").refused(engine.Stale)
		f.stopped("a", 1)
		f.claim("a").claims("a")
	}},
	{"Claim: a pending review needs a slot besides what is claimed, runs, or is being stopped", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.running("b")
		f.running("c")
		f.cancel("c", 1, "no")
		f.submit("d")
		f.claim("d", limit(3)).refused(engine.Rejected)
		f.claim("d", limit(4)).claims("d")
	}},
	{"Claim: without slots nothing pending can be claimed", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a", limit(0)).refused(engine.Rejected)
		f.claim("a", limit(-1)).refused(engine.Rejected)
	}},
	{"Claim: slots of other owners do not count", func(f *reviewFixture) {
		f.running("x", by("bob"))
		f.submit("a")
		f.claim("a", limit(1)).claims("a")
	}},
	{"Claim: older reviews that wait come first", func(f *reviewFixture) {
		for _, id := range []string{"a", "b", "c"} {
			f.submit(id)
		}
		f.claim("c", limit(2)).refused(engine.Rejected)
		f.claim("b", limit(2)).claims("b")
		f.claim("c", limit(2)).refused(engine.Rejected)
		f.claim("a", limit(2)).claims("a")
		f.claim("c", limit(2)).refused(engine.Rejected)
		f.claim("c", limit(3)).claims("c")
	}},
	{"Claim: of equally old reviews the lower name in bytes comes first", func(f *reviewFixture) {
		for _, id := range []string{"b", "B", "a"} {
			f.nextAt(began)
			f.submit(id)
		}
		f.claim("a", limit(1)).refused(engine.Rejected)
		f.claim("b", limit(2)).refused(engine.Rejected)
		f.claim("B", limit(1)).claims("B")
	}},
	{"Claim: older reviews that are not due are overtaken", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.postpone("a")
		f.claim("b", limit(1)).claims("b")
	}},
	{"Claim: older reviews of other owners are overtaken", func(f *reviewFixture) {
		f.submit("x", by("bob"))
		f.submit("a")
		f.claim("a", limit(1)).claims("a")
	}},
	{"Claim: a stale claim needs no other slot than its own", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.claim("a")
		f.claim("b")
		f.pass(staleAfter)
		f.claim("b", limit(1)).claims("b")
		f.claim("a", limit(0)).claims("a")
	}},
	{"Claim: it depends on nothing but the claim's own time", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.claim("a", func(c *engine.Claim) { c.Now = c.Now.Add(staleAfter) }) // by a caller whose clock is ahead
		f.adopt()
		if got, want := f.row("a").UpdatedAt, f.now.Add(staleAfter); !got.Equal(want) {
			f.Fatalf("updated at %v; want the claim's time, %v", got, want)
		}
	}},
}

// Attempts other than the current one, of review a at attempt 2 under its latest claim.
var otherAttempts = []int{1, 3, 0, -1}

// atAttemptTwo submits review a and brings it to its second attempt, which is claimed.
func (f *reviewFixture) atAttemptTwo() {
	f.Helper()
	f.submit("a")
	f.cancel("a", 1, "no")
	f.retrigger("a", 1)
	f.claim("a")
	f.adopt()
}

var handBackCases = []reviewCase{
	{"Release: the review keeps its slot and may be claimed again when asked for", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.release("a").changes(on("a", func(r *row) { r.DueAt = f.now.Add(time.Minute) }))
	}},
	{"Release: an overtaken claim is stale", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.adopt()
		first := f.row("a").Claim
		f.pass(staleAfter)
		f.claim("a")
		for _, token := range []engine.Token{first, 0, neverGiven} {
			f.release("a", under(token)).refused(engine.Stale)
		}
	}},
	{"Release: what is not claimed is stale", func(f *reviewFixture) {
		f.release("b", as(1)).refused(engine.Stale)
		f.submit("a")
		f.release("a").refused(engine.Stale)
		for status := engine.Running; status <= engine.Cancelled; status++ {
			f.running(status.String())
			f.apply(status.String(), status)
			f.release(status.String()).refused(engine.Stale)
		}
	}},
	{"Release: another attempt is stale", func(f *reviewFixture) {
		f.atAttemptTwo()
		for _, attempt := range otherAttempts {
			f.release("a", as(attempt)).refused(engine.Stale)
		}
	}},
	{"Defer: a pending or queued review is looked at later, and a failed preparation counted", func(f *reviewFixture) {
		later := on("a", func(r *row) { r.DueAt, r.Deferrals = f.now.Add(time.Minute), r.Deferrals+1 })
		f.submit("a")
		f.postpone("a").changes(later)
		f.postpone("a").changes(later)
		f.pass(time.Minute)
		f.claim("a")
		f.postpone("a").changes(later)
	}},
	{"Defer: of a running review only the time moves", func(f *reviewFixture) {
		f.running("a")
		f.postpone("a").changes(on("a", func(r *row) { r.DueAt = f.now.Add(time.Minute) }))
	}},
	{"Defer: asking later whether a session is over is no failed preparation", func(f *reviewFixture) {
		later := on("a", func(r *row) { r.DueAt = f.now.Add(time.Minute) })
		f.running("a")
		f.cancel("a", 1, "no")
		f.postpone("a").changes(later)
		f.retrigger("a", 1)
		f.postpone("a", as(1)).changes(later)
		f.postpone("a").changes(on("a", func(r *row) { r.DueAt, r.Deferrals = f.now.Add(time.Minute), 1 }))
	}},
	{"Defer: an overtaken claim is stale", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		for _, token := range []engine.Token{0, neverGiven} {
			f.postpone("a", under(token)).refused(engine.Stale)
		}
	}},
	{"Defer: what has ended, is unknown or another attempt is stale", func(f *reviewFixture) {
		f.postpone("b", as(1)).refused(engine.Stale)
		for status := engine.Completed; status <= engine.Cancelled; status++ {
			f.running(status.String())
			f.apply(status.String(), status)
			f.postpone(status.String()).refused(engine.Stale)
			f.postpone(status.String(), as(0)).refused(engine.Stale)
		}
		f.atAttemptTwo()
		for _, attempt := range otherAttempts {
			f.postpone("a", as(attempt)).refused(engine.Stale)
		}
	}},
	{"Fail: what was never claimed ends as failed, for the reason given", func(f *reviewFixture) {
		for i, reason := range append(oddTexts, "") {
			id := fmt.Sprint("a", i)
			f.submit(id)
			f.fail(id, reason).changes(on(id, func(r *row) { r.end(engine.Failed, reason, f.now) }))
		}
	}},
	{"Fail: a claimed review ends as failed, and its slot is free", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.fail("a", "no").changes(on("a", func(r *row) { r.end(engine.Failed, "no", f.now) }))
		f.submit("b")
		f.claim("b", limit(1)).claims("b")
	}},
	{"Fail: an overtaken claim is stale", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		for _, token := range []engine.Token{0, neverGiven} {
			f.fail("a", "no", under(token)).refused(engine.Stale)
		}
	}},
	{"Fail: what runs, has ended, is unknown or another attempt is stale", func(f *reviewFixture) {
		f.fail("b", "no", as(1)).refused(engine.Stale)
		for status := engine.Running; status <= engine.Cancelled; status++ {
			f.running(status.String())
			f.apply(status.String(), status)
			f.fail(status.String(), "no").refused(engine.Stale)
		}
		f.atAttemptTwo()
		for _, attempt := range otherAttempts {
			f.fail("a", "no", as(attempt)).refused(engine.Stale)
		}
	}},
}
