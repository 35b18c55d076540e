package enginetest

import (
	"time"

	"github.com/onceover/onceover/engine"
)

var terminals = []engine.Status{engine.Completed, engine.Failed, engine.Cancelled}

// retried is what becomes of a row whose attempt failed for infrastructure reasons while retries are left.
func retried(f *reviewFixture, r *row) {
	r.end(engine.Failed, "host lost", f.now)
	r.Attempt, r.Status, r.Reason, r.Retries, r.Deferrals = r.Attempt+1, engine.Pending, "", r.Retries+1, 0
	r.DueAt, r.EnqueuedAt = f.now.Add(retryAfter), f.now
}

var applyCases = []reviewCase{
	{"Apply is NotFound for an unknown review", func(f *reviewFixture) {
		f.apply("a", engine.Running, about(1)).refused(engine.NotFound)
		f.apply("a\x00", engine.Completed, about(1)).refused(engine.NotFound)
	}},
	{"Apply is Stale for an attempt that is still to come", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Completed, about(2)).refused(engine.Stale)
	}},
	{"Apply is Stale under an overtaken claim, and takes a report under the latest one", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.adopt()
		first := f.row("a").Claim
		f.pass(staleAfter)
		f.claim("a")
		f.adopt()
		latest := f.row("a").Claim
		for _, token := range []engine.Token{first, latest + 1, neverGiven} {
			f.apply("a", engine.Completed, func(r *engine.Report) { r.Token = token }).refused(engine.Stale)
		}
		f.apply("a", engine.Completed, func(r *engine.Report) { r.Token = latest }).changes(on("a", func(r *row) { r.end(engine.Completed, "", f.now) }))
	}},
	{"Apply makes a queued review running, and sets when it counts as silent", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Running).changes(on("a", func(r *row) { r.Status, r.DueAt = engine.Running, f.now.Add(silentAfter) }))
	}},
	{"Apply notes the agent's version with the news that the review runs", func(f *reviewFixture) {
		version := func(v string) func(r *engine.Report) { return func(r *engine.Report) { r.AgentVersion = v } }
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Running, version(oddTexts[0])).changes(on("a", func(r *row) {
			r.Status, r.DueAt, r.AgentVersion = engine.Running, f.now.Add(silentAfter), oddTexts[0]
		}))
		f.apply("a", engine.Failed, retryable).changes(on("a", func(r *row) { retried(f, r) }))
		f.pass(retryAfter)
		f.claim("a").claims("a")
		f.apply("a", engine.Running).changes(on("a", func(r *row) { r.Status, r.DueAt = engine.Running, f.now.Add(silentAfter) }))
	}},
	{"Apply only moves a status forward", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Queued).changes()
		f.apply("a", engine.Running)
		f.apply("a", engine.Queued).changes()
		f.apply("a", engine.Running).changes()
	}},
	{"Apply ignores news of an attempt that was never dispatched", func(f *reviewFixture) {
		f.submit("a")
		for status := engine.Queued; status <= engine.Cancelled; status++ {
			f.apply("a", status, retryable).changes()
		}
	}},
	{"Apply ends a queued or running review as reported, with the reason", func(f *reviewFixture) {
		for _, status := range terminals {
			for _, from := range []engine.Status{engine.Queued, engine.Running} {
				id := from.String() + " " + status.String()
				f.submit(id)
				f.claim(id)
				f.apply(id, from)
				f.apply(id, status, func(r *engine.Report) { r.Reason = oddTexts[0] + id }).
					changes(on(id, func(r *row) { r.end(status, oddTexts[0]+id, f.now) }))
			}
		}
	}},
	{"Apply changes nothing about an attempt that has ended", func(f *reviewFixture) {
		for _, ended := range terminals {
			f.running(ended.String())
			f.apply(ended.String(), ended)
			for status := engine.Queued; status <= engine.Cancelled; status++ {
				f.apply(ended.String(), status, retryable).changes()
			}
		}
	}},
	{"Apply begins the next attempt after a retryable failure, at the end of the queue", func(f *reviewFixture) {
		f.submit("a")
		f.postpone("a")
		f.pass(time.Minute)
		f.claim("a")
		f.apply("a", engine.Running, func(r *engine.Report) { r.AgentVersion = "v7" })
		f.apply("a", engine.Failed, retryable).changes(on("a", func(r *row) { retried(f, r) }))
	}},
	{"Apply retries an attempt that failed while it was queued", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.apply("a", engine.Failed, retryable).changes(on("a", func(r *row) { retried(f, r) }))
	}},
	{"Apply ends a review whose retries are used up", func(f *reviewFixture) {
		failed := on("a", func(r *row) { r.end(engine.Failed, "host lost", f.now) })
		f.running("a")
		f.apply("a", engine.Failed, retryable)
		f.pass(retryAfter)
		f.claim("a")
		f.apply("a", engine.Failed, retryable).changes(failed)
		f.retrigger("a", 2)
		f.claim("a")
		f.apply("a", engine.Failed, retryable, func(r *engine.Report) { r.MaxRetries = 0 }).changes(failed)
	}},
	{"Apply retries nothing but a retryable failure", func(f *reviewFixture) {
		for _, status := range []engine.Status{engine.Completed, engine.Cancelled} {
			f.running(status.String())
			f.apply(status.String(), status, retryable).changes(on(status.String(), func(r *row) { r.end(status, "host lost", f.now) }))
		}
		f.running("a")
		f.apply("a", engine.Failed).changes(on("a", func(r *row) { r.end(engine.Failed, "", f.now) }))
	}},
	{"Apply ignores news of an earlier attempt", func(f *reviewFixture) {
		f.running("a")
		f.apply("a", engine.Failed, retryable)
		f.pass(retryAfter)
		f.claim("a")
		for status := engine.Queued; status <= engine.Cancelled; status++ {
			f.apply("a", status, retryable, about(1)).changes()
			f.apply("a", status, about(0)).changes()
		}
	}},
	{"Apply frees the slot of a cancelled attempt when its session is over, and changes nothing else", func(f *reviewFixture) {
		for _, status := range terminals {
			id := status.String()
			f.running(id)
			f.cancel(id, 1, "no")
			f.apply(id, engine.Running).changes()
			f.apply(id, status, retryable).changes(on(id, func(r *row) { r.Stopping = 0 }))
		}
	}},
	{"Apply makes an attempt due when the session of the one before is over", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.postpone("a")
		f.apply("a", engine.Completed).changes() // the current attempt was never dispatched
		f.apply("a", engine.Running, about(1)).changes()
		f.apply("a", engine.Completed, about(1)).changes(on("a", func(r *row) { r.Stopping, r.DueAt = 0, f.now }))
	}},
	{"SetAgentVersion keeps any text, also for an attempt that has ended", func(f *reviewFixture) {
		f.submit("a")
		for _, version := range append(oddTexts, "") {
			f.setAgentVersion("a", version).changes(on("a", func(r *row) { r.AgentVersion = version }))
		}
		f.claim("a")
		f.setAgentVersion("a", "v7").changes(on("a", func(r *row) { r.AgentVersion = "v7" }))
		f.apply("a", engine.Completed)
		f.setAgentVersion("a", "v8").changes(on("a", func(r *row) { r.AgentVersion = "v8" }))
	}},
	{"SetAgentVersion is Stale for an unknown review, and for another attempt", func(f *reviewFixture) {
		f.setAgentVersion("b", "v7", as(1)).refused(engine.Stale)
		f.atAttemptTwo()
		for _, attempt := range otherAttempts {
			f.setAgentVersion("a", "v7", as(attempt)).refused(engine.Stale)
		}
	}},
}

var cancelCases = []reviewCase{
	{"Cancel ends a pending review, with the reason given", func(f *reviewFixture) {
		for _, reason := range append(oddTexts, "") {
			id := "a" + string(rune('a'+len(f.known)))
			f.submit(id)
			f.cancel(id, 1, reason).changes(on(id, func(r *row) { r.end(engine.Cancelled, reason, f.now) }))
		}
	}},
	{"Cancel keeps the slot of a claimed or running review until its session is over", func(f *reviewFixture) {
		f.submit("a")
		f.claim("a")
		f.running("b")
		for _, id := range []string{"a", "b"} {
			f.cancel(id, 1, "no").changes(on(id, func(r *row) {
				r.Stopping, r.DueAt = 1, f.now
				r.end(engine.Cancelled, "no", f.now)
			}))
		}
		f.submit("c")
		f.claim("c", limit(2)).refused(engine.Rejected)
	}},
	{"Cancel changes nothing about an attempt that has ended", func(f *reviewFixture) {
		for _, status := range terminals {
			f.running(status.String())
			f.apply(status.String(), status)
			f.cancel(status.String(), 1, "no").changes()
		}
		f.running("stopping")
		f.cancel("stopping", 1, "no")
		f.cancel("stopping", 1, "another reason").changes()
	}},
	{"Cancel ends an attempt that waits for the session before, which is still to be stopped", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.cancel("a", 2, "no").changes(on("a", func(r *row) { r.end(engine.Cancelled, "no", f.now) }))
		f.stopped("a", 1).changes(on("a", func(r *row) { r.Stopping = 0 }))
	}},
	{"Cancel is Stale for another attempt, and NotFound for an unknown review", func(f *reviewFixture) {
		f.cancel("b", 1, "no").refused(engine.NotFound)
		f.atAttemptTwo()
		for _, attempt := range otherAttempts {
			f.cancel("a", attempt, "no").refused(engine.Stale)
		}
	}},
	{"Stopped frees the slot", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.stopped("a", 1).changes(on("a", func(r *row) { r.Stopping = 0 }))
		f.submit("b")
		f.claim("b", limit(1)).claims("b")
	}},
	{"Stopped makes the attempt due that waited for the session", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1)
		f.postpone("a")
		f.stopped("a", 1).changes(on("a", func(r *row) { r.Stopping, r.DueAt = 0, f.now }))
		f.claim("a").claims("a")
	}},
	{"Stopped changes nothing about any other attempt", func(f *reviewFixture) {
		f.running("running")
		f.submit("pending")
		f.running("completed")
		f.apply("completed", engine.Completed)
		for _, id := range []string{"running", "pending", "completed"} {
			f.stopped(id, 1).changes()
			f.stopped(id, 0).changes()
		}
		f.atAttemptTwo()
		f.cancel("a", 2, "no")
		for _, attempt := range otherAttempts {
			f.stopped("a", attempt).changes()
		}
	}},
	{"Stopped is NotFound for an unknown review", func(f *reviewFixture) {
		f.stopped("a", 1).refused(engine.NotFound)
	}},
	{"Retrigger begins the next attempt after one that has ended, at the end of the queue", func(f *reviewFixture) {
		for _, status := range terminals {
			id := status.String()
			f.running(id)
			f.apply(id, status, func(r *engine.Report) { r.Reason = "so it ended" })
			f.retrigger(id, 1).changes(on(id, func(r *row) {
				r.Attempt, r.Status, r.Reason, r.DueAt, r.EnqueuedAt = 2, engine.Pending, "", f.now, f.now
			}))
		}
	}},
	{"Retrigger counts retries and deferrals anew", func(f *reviewFixture) {
		f.running("a")
		f.apply("a", engine.Failed, retryable)
		f.postpone("a")
		f.cancel("a", 2, "no")
		f.retrigger("a", 2).changes(on("a", func(r *row) {
			r.Attempt, r.Status, r.Reason, r.Retries, r.Deferrals, r.DueAt, r.EnqueuedAt = 3, engine.Pending, "", 0, 0, f.now, f.now
		}))
	}},
	{"Retrigger changes nothing when it has happened already", func(f *reviewFixture) {
		f.atAttemptTwo()
		f.retrigger("a", 1).changes()
		f.apply("a", engine.Completed)
		f.retrigger("a", 1).changes()
	}},
	{"Retrigger lets the next attempt wait for a session that is being stopped", func(f *reviewFixture) {
		f.running("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 1).changes(on("a", func(r *row) {
			r.Attempt, r.Status, r.Reason, r.DueAt, r.EnqueuedAt = 2, engine.Pending, "", f.now, f.now
		}))
		f.claim("a").refused(engine.Stale)
	}},
	{"Retrigger is Rejected for an attempt that is not over", func(f *reviewFixture) {
		f.submit("a")
		f.retrigger("a", 1).refused(engine.Rejected)
		f.claim("a")
		f.retrigger("a", 1).refused(engine.Rejected)
		f.apply("a", engine.Running)
		f.retrigger("a", 1).refused(engine.Rejected)
	}},
	{"Retrigger is Permanent for a superseded review", func(f *reviewFixture) {
		f.submit("a")
		f.submit("b", of("a", 2))
		f.retrigger("a", 1).refused(engine.Permanent)
		f.submit("c", of("a", 0))
		f.retrigger("c", 1).refused(engine.Permanent)
	}},
	{"Retrigger is Stale for an attempt that is still to come, and NotFound for an unknown review", func(f *reviewFixture) {
		f.retrigger("b", 1).refused(engine.NotFound)
		f.submit("a")
		f.cancel("a", 1, "no")
		f.retrigger("a", 2).refused(engine.Stale)
	}},
}
