package checker

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A recording makes a history of operations that run on the model of the store.
type recording struct {
	history *History
	store   *model.Reviews
	now     time.Time
}

// A recorded operation is one that was called.
type recorded struct {
	number int
	op     model.ReviewsOp
	result model.ReviewsResult
	row    *engine.Review // after it
}

func newRecording() *recording {
	return &recording{history: NewHistory(), store: model.NewReviews(), now: epoch}
}

func (r *recording) call(actor string, op model.ReviewsOp) *recorded {
	return &recorded{number: r.history.Call(OperationOf(actor, &op)), op: op}
}

// land has the store execute an operation.
func (r *recording) land(c *recorded) *recorded {
	var befores []engine.Review
	r.store.Each(func(row *engine.Review) { befores = append(befores, *row) })
	r.store.Apply(&c.op, &c.result)
	i := 0
	r.store.Each(func(row *engine.Review) {
		if i < len(befores) && befores[i] != *row {
			r.history.Superseded(c.number, row)
		}
		i++
	})
	c.row = nil
	if row, ok := r.store.Review(c.op.Key.Review); ok {
		copied := *row
		c.row = &copied
	}
	r.history.Landed(c.number, c.result.Failed, c.row)
	return c
}

// answer has the caller learn the result.
func (r *recording) answer(c *recorded) {
	answer := Answer{Err: c.result.Error(&c.op), Token: c.result.Token}
	if c.result.Review.Review != "" {
		answer.Review = &c.result.Review
	}
	r.history.Return(c.number, answer)
}

// lose has the caller learn nothing.
func (r *recording) lose(c *recorded) {
	r.history.Return(c.number, Answer{Err: engine.Errorf(engine.Ambiguous, "test", "timeout")})
}

// run is an operation that nothing comes in between.
func (r *recording) run(actor string, op model.ReviewsOp) *recorded {
	c := r.land(r.call(actor, op))
	r.answer(c)
	return c
}

func (r *recording) submit(review engine.ReviewID, order int64) model.ReviewsOp {
	return model.Submit(engine.Submission{
		Review: review, Owner: "acme", Platform: "github", Repository: "acme/app", PullRequest: 1,
		HeadSHA: string(review), HeadOrder: order,
	}, r.now)
}

func (r *recording) claim(review engine.ReviewID, attempt int, seen engine.Token) model.ReviewsOp {
	return model.Claim(engine.Claim{
		Key: key(review, attempt), Owner: "acme", Seen: seen, Limit: 2, Now: r.now.Add(time.Hour), DueAt: r.now,
	})
}

func (r *recording) report(review engine.ReviewID, attempt int, token engine.Token, status engine.Status) model.ReviewsOp {
	return model.Apply(engine.Report{
		WorkerReport: engine.WorkerReport{Key: key(review, attempt), Status: status, Retryable: status == engine.Failed},
		Token:        token, Now: r.now, DueAt: r.now, RetryAt: r.now, MaxRetries: 1,
	})
}

// linearizableCases are histories with the verdict of each view.
var linearizableCases = []struct {
	name           string
	write          func(r *recording)
	client, oracle Verdict
	cause          Cause // of the oracle's view if that is violated, or else of the client's
}{
	{
		name: "a whole life, one after the other",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.run("d", r.claim("R1", 1, 0))
			r.run("d", r.report("R1", 1, 1, engine.Running))
			r.run("c", model.Get("R1"))
			r.run("w", r.report("R1", 1, 0, engine.Completed))
			r.run("c", model.Retrigger(r1, r.now))
			r.run("c", model.Cancel(again, "", r.now))
		},
	},
	{
		name: "a get sees a status that never was",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			get := r.land(r.call("c", model.Get("R1")))
			get.result.Review.Status = engine.Running
			r.answer(get)
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/get",
	},
	{
		name: "a failure is delivered again after a retrigger",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.run("d", r.claim("R1", 1, 0))
			failed := r.report("R1", 1, 0, engine.Failed)
			failed.MaxRetries = 0 // its retries are used up
			callback := r.land(r.call("w", failed))
			r.answer(callback)
			r.run("c", model.Retrigger(r1, r.now))
			r.land(callback)
		},
	},
	{
		name: "a cancel is answered before it lands",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			cancel := r.call("c", model.Cancel(r1, "", r.now))
			r.history.Return(cancel.number, Answer{})
			r.land(cancel)
		},
		client: Pass, oracle: Violated, cause: "no-order-explains-what-happened/cancel",
	},
	{
		name: "a get sees what a cancel before it undid",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			old := r.land(r.call("c2", model.Get("R1")))
			r.run("c", model.Cancel(r1, "", r.now))
			late := r.call("c2", model.Get("R1"))
			late.result = old.result
			r.history.Landed(late.number, false, old.row)
			r.answer(late)
			r.answer(old)
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/get",
	},
	{
		name: "an answer that overtakes another",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			old := r.land(r.call("c2", model.Get("R1")))
			r.run("c", model.Cancel(r1, "", r.now))
			r.answer(old)
		},
	},
	{
		name: "two dispatchers get the same token",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			first := r.land(r.call("d1", r.claim("R1", 1, 0)))
			second := r.call("d2", r.claim("R1", 1, 0))
			second.result = first.result
			r.history.Landed(second.number, false, first.row)
			r.answer(first)
			r.answer(second)
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/claim",
	},
	{
		name: "an ambiguous claim landed late",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			lost := r.call("d1", r.claim("R1", 1, 0))
			r.lose(lost)
			r.run("c", model.Get("R1"))
			r.land(lost)
			r.run("c", model.Get("R1"))
			r.run("d2", r.claim("R1", 1, 1))
		},
	},
	{
		name: "an ambiguous claim never landed",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.lose(r.call("d1", r.claim("R1", 1, 0)))
			r.run("c", model.Get("R1"))
			r.run("d2", r.claim("R1", 1, 0))
		},
	},
	{
		name: "only the oracle sees that an ambiguous claim landed on a fresh one",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			lost := r.call("d1", r.claim("R1", 1, 0))
			r.run("d2", r.claim("R1", 1, 0))
			row, _ := r.store.Review("R1")
			overwritten := *row // the same token again, whoever has it
			r.history.Landed(lost.number, false, &overwritten)
			r.lose(lost)
			r.run("c", model.Get("R1"))
		},
		oracle: Violated, cause: "no-order-explains-what-happened/claim",
	},
	{
		name: "only the oracle sees that a cancel was acknowledged and never landed",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			cancel := r.call("c", model.Stopped(r1, r.now))
			r.history.Return(cancel.number, Answer{})
		},
		oracle: Violated, cause: "no-order-explains-what-happened/stopped",
	},
	{
		name: "a duplicated retrigger answers with its second delivery",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.run("c", model.Cancel(r1, "", r.now))
			twice := r.land(r.call("c", model.Retrigger(r1, r.now)))
			r.run("d", r.claim("R1", 2, 0))
			r.land(twice)
			r.answer(twice)
		},
	},
	{
		name: "a duplicated retrigger that counts twice",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.run("c", model.Cancel(r1, "", r.now))
			twice := r.land(r.call("c", model.Retrigger(r1, r.now)))
			r.answer(twice)
			r.run("c", model.Cancel(again, "", r.now))
			row, _ := r.store.Review("R1")
			row.Attempt, row.Status = 3, engine.Pending
			r.history.Landed(twice.number, false, row)
			r.run("c", model.Get("R1"))
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/retrigger",
	},
	{
		name: "a newer head supersedes, and an older one that comes late is born cancelled",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.run("d", r.claim("R1", 1, 0))
			r.run("c", r.submit("R3", 3))
			r.run("c", r.submit("R2", 2))
			r.run("c", model.Get("R1"))
			r.run("c", model.Retrigger(r2, r.now))
			r.run("d", model.Stopped(r1, r.now))
		},
	},
	{
		name: "an older head goes on after a newer one",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			before := r.land(r.call("c", model.Get("R1")))
			r.run("c", r.submit("R3", 3))
			late := r.call("c", model.Get("R1"))
			late.result = before.result
			r.history.Landed(late.number, false, before.row)
			r.answer(late)
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/get",
	},
	{
		name: "a failure is retried, and then final",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			for attempt := 1; attempt <= 2; attempt++ {
				token := engine.Token(attempt)
				r.run("d", r.claim("R1", attempt, token-1))
				callback := r.land(r.call("w", r.report("R1", attempt, 0, engine.Failed)))
				r.history.Return(callback.number, Answer{}) // a callback shows no row
			}
			r.run("c", model.Get("R1"))
		},
	},
	{
		name: "a completed attempt that was called retryable is followed by another",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			r.run("d", r.claim("R1", 1, 0))
			completed := r.report("R1", 1, 0, engine.Completed)
			completed.Report.Retryable = true
			callback := r.land(r.call("w", completed))
			retried := *callback.row
			retried.Attempt, retried.Status = 2, engine.Pending
			r.history.Landed(callback.number, false, &retried)
			callback.result.Review = retried
			r.answer(callback)
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/apply",
	},
	{
		name: "a review that was submitted is not found",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			get := r.call("c", model.Get("R1"))
			r.history.Landed(get.number, true, nil)
			r.history.Return(get.number, Answer{Err: engine.Errorf(engine.NotFound, "app.get", "R1")})
		},
		client: Violated, oracle: Violated, cause: "no-order-explains-what-happened/get",
	},
	{
		name: "a refusal for want of a slot says nothing",
		write: func(r *recording) {
			r.run("c", r.submit("R1", 1))
			claim := r.call("d", r.claim("R1", 1, 0))
			r.history.Return(claim.number, Answer{Err: engine.Errorf(engine.Rejected, "store.claim", "no slot")})
		},
	},
}

func TestLinearizable(t *testing.T) {
	for _, c := range linearizableCases {
		t.Run(c.name, func(t *testing.T) {
			r := newRecording()
			c.write(r)
			client, oracle, both := r.history.Check(Client, 0), r.history.Check(Oracle, 0), r.history.Check(Both, 0)
			if client.Verdict != c.client || oracle.Verdict != c.oracle || both.Verdict != max(c.client, c.oracle) {
				t.Fatalf("client %s (%s), oracle %s (%s), both %s; want client %s, oracle %s",
					client.Verdict, client.Message, oracle.Verdict, oracle.Message, both.Verdict, c.client, c.oracle)
			}
			if both.Cause != c.cause {
				t.Errorf("cause %q; want %q", both.Cause, c.cause)
			}
			if v := both.Violation(); (v == nil) != (both.Verdict == Pass) {
				t.Errorf("violation %v of verdict %s", v, both.Verdict)
			}
		})
	}
}

// A search that may take no time gives up, and never passes.
func TestLinearizableBudget(t *testing.T) {
	r := newRecording()
	r.run("c", r.submit("R1", 1))
	for range 12 {
		r.lose(r.call("c", model.Cancel(r1, "", r.now)))
	}
	get := r.land(r.call("c", model.Get("R1")))
	get.result.Review.Status = engine.Running
	r.answer(get)
	if j := r.history.Check(Client, 5); j.Verdict != Unknown || j.Cause != "gave-up" {
		t.Errorf("with 5 steps: %s (%s); want unknown", j.Verdict, j.Message)
	}
	if j := r.history.Check(Client, 0); j.Verdict != Violated || j.Steps > DefaultBudget {
		t.Errorf("with the default budget: %s after %d steps; want violated", j.Verdict, j.Steps)
	}
}

func TestLinearizableInvalidHistory(t *testing.T) {
	for _, c := range []struct {
		name, message string
		write         func(r *recording)
		view          View
	}{
		{"returned twice", "returned twice", func(r *recording) { r.answer(r.run("c", r.submit("R1", 1))) }, Both},
		{"never called", "never called", func(r *recording) { r.history.Return(7, Answer{}) }, Both},
		{"landed without a call", "never called", func(r *recording) { r.history.Landed(0, false, nil) }, Both},
		{"an operation that spans reviews", "allowed", func(r *recording) { r.call("d", model.Reserve("acme", 1, r.now)) }, Client},
		{"no truth", "Landed", func(r *recording) { r.answer(r.call("c", r.submit("R1", 1))) }, Oracle},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRecording()
			c.write(r)
			j := r.history.Check(c.view, 0)
			if j.Verdict != Unknown || j.Err == nil || !strings.Contains(j.Err.Error(), c.message) {
				t.Errorf("verdict %s, error %v; want unknown and an error with %q", j.Verdict, j.Err, c.message)
			}
		})
	}
}

// Histories of the model are linearizable in both views, with any clocks, and with operations that overlap, are lost or
// are delivered twice. The search agrees with the order of the commits.
func TestModelIsLinearizable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := newRecording()
		randomHistory(t, r)
		for _, view := range []View{Client, Oracle, Both} {
			if j := r.history.Check(view, 0); j.Verdict != Pass {
				t.Fatalf("%s view: %s: %s %v", view, j.Verdict, j.Message, j.Err)
			}
		}
	})
}

func randomHistory(t *rapid.T, r *recording) {
	reviews := []engine.ReviewID{"R1", "R2", "R3"}
	var waiting []*recorded
	for range rapid.IntRange(1, 25).Draw(t, "operations") {
		r.now = epoch.Add(time.Duration(rapid.IntRange(0, 9).Draw(t, "now")) * 15 * time.Minute)
		review := rapid.SampledFrom(reviews).Draw(t, "review")
		attempt := rapid.IntRange(1, 3).Draw(t, "attempt")
		token := engine.Token(rapid.IntRange(0, 3).Draw(t, "token"))
		status := engine.Status(rapid.IntRange(int(engine.Queued), int(engine.Cancelled)).Draw(t, "status"))
		k := key(review, attempt)
		op := rapid.SampledFrom([]model.ReviewsOp{
			r.submit(review, int64(review[1]-'0')), model.Get(review), r.claim(review, attempt, token),
			model.Release(k, token, r.now, r.now), model.Defer(k, token, r.now, r.now), model.Fail(k, token, "", r.now),
			r.report(review, attempt, token, status), r.report(review, attempt, 0, status),
			model.Cancel(k, "", r.now), model.Stopped(k, r.now), model.Retrigger(k, r.now),
		}).Draw(t, "operation")
		c := r.call(rapid.SampledFrom([]string{"a", "b"}).Draw(t, "actor"), op)
		switch rapid.IntRange(0, 5).Draw(t, "fate") {
		case 0: // lost on the way
			r.lose(c)
			continue
		case 1: // lost on the way back
			r.lose(r.land(c))
			continue
		case 2: // answered later
			waiting = append(waiting, r.land(c))
		case 3: // delivered again later
			waiting = append(waiting, r.land(c))
			continue
		default:
			r.answer(r.land(c))
		}
		if len(waiting) > 0 && rapid.Bool().Draw(t, "answer") {
			i := rapid.IntRange(0, len(waiting)-1).Draw(t, "which")
			if rapid.Bool().Draw(t, "again") {
				r.land(waiting[i])
			}
			r.answer(waiting[i])
			waiting = append(waiting[:i], waiting[i+1:]...)
		}
	}
}

// seedHistory is about what one seed records: 6 reviews with 40 operations each.
func seedHistory() *recording {
	r := newRecording()
	for i := range 6 {
		review := engine.ReviewID("R" + string(rune('1'+i)))
		op := r.submit(review, 1)
		op.Submission.PullRequest = i
		r.run("c", op)
		for attempt := 1; attempt <= 4; attempt++ {
			token := engine.Token(attempt)
			r.run("d1", r.claim(review, attempt, token-1))
			r.run("d2", r.claim(review, attempt, token-1)) // refused
			r.run("d1", r.report(review, attempt, token, engine.Queued))
			r.run("w", r.report(review, attempt, 0, engine.Running))
			r.lose(r.land(r.call("c", model.Get(review))))
			r.run("c", model.Get(review))
			r.lose(r.land(r.call("w", r.report(review, attempt, 0, engine.Completed))))
			r.run("w", r.report(review, attempt, 0, engine.Completed))
			r.run("c", model.Retrigger(key(review, attempt), r.now))
		}
	}
	return r
}

func BenchmarkCheck(b *testing.B) {
	r := seedHistory()
	b.ReportAllocs()
	for b.Loop() {
		if j := r.history.Check(Both, 0); j.Verdict != Pass {
			b.Fatal(j.Message)
		}
	}
	b.ReportMetric(float64(len(r.history.operations)), "operations")
}
