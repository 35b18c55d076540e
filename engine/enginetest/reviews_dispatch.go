package enginetest

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/engine"
)

var reserveCases = []reviewCase{
	{"Reserve finds nothing for an owner without reviews", func(f *reviewFixture) {
		f.submit("a")
		f.reserve("bob", 20).lists()
		f.reserve("nul\x00", 20).lists()
	}},
	{"Reserve lists the owner's reviews, oldest first", func(f *reviewFixture) {
		f.submit("c")
		f.submit("x", by("bob"))
		f.submit("b")
		f.submit("a")
		f.reserve("ann", 20).lists("c", "b", "a")
		f.reserve("ann", 2).lists("c", "b")
		f.reserve("bob", 2).lists("x")
	}},
	{"Reserve puts the lower name first when two reviews are equally old", func(f *reviewFixture) {
		for i := range oddNames {
			f.nextAt(began)
			f.submit(oddNames[len(oddNames)-1-i]) // the names in the wrong order
		}
		f.reserve("ann", 20).lists(oddNames...)
	}},
	{"Reserve counts a slot for each review that is claimed, running or being stopped", func(f *reviewFixture) {
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
	{"Reserve counts no slot for a review that has ended", func(f *reviewFixture) {
		for _, status := range []engine.Status{engine.Completed, engine.Failed, engine.Cancelled} {
			f.running(status.String())
			f.apply(status.String(), status)
		}
		f.submit("a")
		f.reserve("ann", 1).lists("a")
	}},
	{"Reserve offers every stale claim the slot that it holds, even beyond the limit", func(f *reviewFixture) {
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
	{"Reserve lists stale claims before older pending reviews", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.postpone("a")
		f.claim("b", limit(1))
		f.pass(staleAfter)
		f.reserve("ann", 2).lists("b", "a")
	}},
	{"Reserve skips a live claim, and offers a released one as soon as it is due", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.reserve("ann", 20).lists()
		f.release("a")
		f.reserve("ann", 20).lists()
		f.pass(time.Minute)
		f.reserve("ann", 20).lists("a")
	}},
	{"Reserve skips a review that is not due, and gives its place to a younger one", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.postpone("a")
		f.reserve("ann", 1).lists("b")
		f.pass(time.Minute)
		f.reserve("ann", 1).lists("a")
	}},
	{"Reserve counts a review as due when its due time lies too far ahead", func(f *reviewFixture) {
		f.submit("a")
		f.adopt()
		due := f.row("a").DueAt
		f.nextAt(due.Add(-engine.MaxAhead))
		f.reserve("ann", 1).lists()
		f.nextAt(due.Add(-engine.MaxAhead - time.Microsecond))
		f.reserve("ann", 1).lists("a")
	}},
	{"Reserve skips an attempt until the session of the one before is over", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.submit("b")
		f.reserve("ann", 1).lists()
		f.reserve("ann", 20).lists("b")
		f.stopped("a", 1)
		f.reserve("ann", 20).lists("a", "b")
	}},
	{"Reserve lists the next attempt of a review behind reviews that wait already", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.reserve("ann", 20).lists("b", "a")
	}},
	{"Reserve writes nothing", func(f *reviewFixture) {
		f.submit("a")
		f.reserve("ann", 1).lists("a")
		f.reserve("ann", 1).lists("a")
	}},
}

var claimCases = []reviewCase{
	{"Claim queues a pending review until the claim goes stale", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a").claims("a")
	}},
	{"Claim is NotFound for an unknown review, and for one of another owner", func(f *reviewFixture) {
		f.claim("b", func(c *engine.Claim) { c.Key, c.Owner = attemptOf("b", 1), "ann" }).refused(engine.NotFound)
		f.submit("a")
		f.claim("a", func(c *engine.Claim) { c.Owner = "bob" }).refused(engine.NotFound)
		f.claim("a", func(c *engine.Claim) { c.Owner = "\xff\x00" }).refused(engine.NotFound)
	}},
	{"Claim is Stale when the review was claimed since it was reserved", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.pass(staleAfter)
		f.claim("a", func(c *engine.Claim) { c.Seen = 0 }).refused(engine.Stale)
		f.claim("a", func(c *engine.Claim) { c.Seen++ }).refused(engine.Stale)
		f.claim("a", func(c *engine.Claim) { c.Seen = neverGiven }).refused(engine.Stale)
	}},
	{"Claim grants a review to one of two dispatchers that have reserved it", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.claim("a", func(c *engine.Claim) { c.Seen = 0 }).refused(engine.Stale)
	}},
	{"Claim is Stale while another claim is live", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.claim("a").refused(engine.Stale)
		f.nextAt(f.row("a").DueAt.Add(-time.Microsecond))
		f.claim("a").refused(engine.Stale)
		f.nextAt(f.row("a").DueAt)
		f.claim("a").claims("a")
	}},
	{"Claim renews a stale claim under a higher token", func(f *reviewFixture) {
		f.submit("a")
		for range 3 {
			f.claim("a").claims("a")
			f.pass(staleAfter)
		}
	}},
	{"Claim renews a released claim when it is due", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.release("a")
		f.claim("a").refused(engine.Stale)
		f.pass(time.Minute)
		f.claim("a").claims("a")
	}},
	{"Claim counts tokens on over the attempts of a review", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Completed)
		f.retrigger("a", 1)
		f.claim("a", func(c *engine.Claim) { c.Seen = 0 }).refused(engine.Stale)
		f.claim("a").claims("a")
	}},
	{"Claim is Stale for any attempt but the current one", func(f *reviewFixture) {
		f.submit("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		for _, attempt := range []int{1, 3, 0, -1} {
			f.claim("a", func(c *engine.Claim) { c.Key.Attempt = attempt }).refused(engine.Stale)
		}
	}},
	{"Claim is Stale for a review that is not due", func(f *reviewFixture) {
		f.submit("a")
		f.postpone("a")
		f.claim("a").refused(engine.Stale)
		f.pass(time.Minute)
		f.claim("a").claims("a")
	}},
	{"Claim counts a review as due when its due time lies too far ahead", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a", func(c *engine.Claim) { c.DueAt = c.Now.Add(48 * time.Hour) })
		f.adopt()
		f.nextAt(f.row("a").DueAt.Add(-engine.MaxAhead))
		f.claim("a").refused(engine.Stale)
		f.nextAt(f.row("a").DueAt.Add(-engine.MaxAhead - time.Microsecond))
		f.claim("a").claims("a")
	}},
	{"Claim is Stale for a review that runs or has ended", func(f *reviewFixture) {
		for status := engine.Running; status <= engine.Cancelled; status++ {
			id := status.String()
			f.running(id)
			f.apply(id, status)
			f.pass(2 * silentAfter)
			f.claim(id).refused(engine.Stale)
		}
	}},
	{"Claim is Stale until the session of the attempt before is over", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.claim("a").refused(engine.Stale)
		f.retrigger("a", 1)
		f.claim("a").refused(engine.Stale)
		f.stopped("a", 1)
		f.claim("a").claims("a")
	}},
	{"Claim is Rejected when all slots are taken by reviews that are claimed, running or being stopped", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.running("b")
		f.running("c")
		f.cancel("c", 1, "no")
		f.submit("d")
		f.claim("d", limit(3)).refused(engine.Rejected)
		f.claim("d", limit(4)).claims("d")
	}},
	{"Claim is Rejected for a pending review when the owner has no slots", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a", limit(0)).refused(engine.Rejected)
		f.claim("a", limit(-1)).refused(engine.Rejected)
	}},
	{"Claim does not count the slots of other owners", func(f *reviewFixture) {
		f.running("x", by("bob"))
		f.submit("a")
		f.claim("a", limit(1)).claims("a")
	}},
	{"Claim is Rejected when older reviews wait for the slots that are left", func(f *reviewFixture) {
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
	{"Claim takes the lower name for older when two reviews are equally old", func(f *reviewFixture) {
		for _, id := range []string{"b", "B", "a"} {
			f.nextAt(began)
			f.submit(id)
		}
		f.claim("a", limit(1)).refused(engine.Rejected)
		f.claim("b", limit(2)).refused(engine.Rejected)
		f.claim("B", limit(1)).claims("B")
	}},
	{"Claim overtakes older reviews that are not due", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.postpone("a")
		f.claim("b", limit(1)).claims("b")
	}},
	{"Claim overtakes older reviews of other owners", func(f *reviewFixture) {
		f.submit("x", by("bob"))
		f.submit("a")
		f.claim("a", limit(1)).claims("a")
	}},
	{"Claim renews a stale claim in the slot that it holds, even beyond the limit", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b")
		f.claim("a")
		f.claim("b")
		f.pass(staleAfter)
		f.claim("b", limit(1)).claims("b")
		f.claim("a", limit(0)).claims("a")
	}},
	{"Claim uses the time that it is given", func(f *reviewFixture) {
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
	{"Release keeps the slot, and sets when the review may be claimed again", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.release("a").changes(on("a", func(r *row) { r.DueAt = f.now.Add(time.Minute) }))
	}},
	{"Release is Stale under an overtaken claim", func(f *reviewFixture) {
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
	{"Release is Stale for a review that is not claimed", func(f *reviewFixture) {
		f.release("b", as(1)).refused(engine.Stale)
		f.submit("a")
		f.release("a").refused(engine.Stale)
		for status := engine.Running; status <= engine.Cancelled; status++ {
			f.running(status.String())
			f.apply(status.String(), status)
			f.release(status.String()).refused(engine.Stale)
		}
	}},
	{"Release is Stale for any attempt but the current one", func(f *reviewFixture) {
		f.atAttemptTwo()
		for _, attempt := range otherAttempts {
			f.release("a", as(attempt)).refused(engine.Stale)
		}
	}},
	{"Defer postpones a pending or queued review, and counts a failed preparation", func(f *reviewFixture) {
		later := on("a", func(r *row) { r.DueAt, r.Deferrals = f.now.Add(time.Minute), r.Deferrals+1 })
		f.submit("a")
		f.postpone("a").changes(later)
		f.postpone("a").changes(later)
		f.pass(time.Minute)
		f.claim("a")
		f.postpone("a").changes(later)
	}},
	{"Defer postpones a running review, and counts nothing", func(f *reviewFixture) {
		f.running("a")
		f.postpone("a").changes(on("a", func(r *row) { r.DueAt = f.now.Add(time.Minute) }))
	}},
	{"Defer postpones the question whether a session is over, and counts nothing", func(f *reviewFixture) {
		later := on("a", func(r *row) { r.DueAt = f.now.Add(time.Minute) })
		f.running("a")
		f.cancel("a", 1, "no")
		f.postpone("a").changes(later)
		f.retrigger("a", 1)
		f.postpone("a", as(1)).changes(later)
		f.postpone("a").changes(on("a", func(r *row) { r.DueAt, r.Deferrals = f.now.Add(time.Minute), 1 }))
	}},
	{"Defer is Stale under an overtaken claim", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		for _, token := range []engine.Token{0, neverGiven} {
			f.postpone("a", under(token)).refused(engine.Stale)
		}
	}},
	{"Defer is Stale for a review that has ended, an unknown one, and another attempt", func(f *reviewFixture) {
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
	{"Fail ends a review that was never claimed, with the reason given", func(f *reviewFixture) {
		for i, reason := range append(oddTexts, "") {
			id := fmt.Sprint("a", i)
			f.submit(id)
			f.fail(id, reason).changes(on(id, func(r *row) { r.end(engine.Failed, reason, f.now) }))
		}
	}},
	{"Fail ends a claimed review, and frees its slot", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.fail("a", "no").changes(on("a", func(r *row) { r.end(engine.Failed, "no", f.now) }))
		f.submit("b")
		f.claim("b", limit(1)).claims("b")
	}},
	{"Fail is Stale under an overtaken claim", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		for _, token := range []engine.Token{0, neverGiven} {
			f.fail("a", "no", under(token)).refused(engine.Stale)
		}
	}},
	{"Fail is Stale for a review that runs or has ended, an unknown one, and another attempt", func(f *reviewFixture) {
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
