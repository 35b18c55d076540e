package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

var (
	opClientComes   = subjectOp(10, "client.comes")
	opClientActions = workloadOp(20, "client.actions")
	opClientAction  = workloadOp(90, "client.action")
	opClientWait    = timingOp(50, "client.wait")
	opClientUnknown = workloadOp(100, "client.unknown")
	opClientPage    = workloadOp(110, "client.page")
	opCancelReason  = workloadOp(1560, "client.reason")
	opClientMistake = workloadOp(1210, "client.mistake")
	opClientStale   = workloadOp(1211, "client.stale")
)

// unknownKey names a review that nobody submits. Calls about it are answered with not found.
var unknownKey = engine.AttemptKey{Review: "R0", Attempt: 1}

var unknownMethods = [...]checker.Call{checker.CallAppGet, checker.CallAppAttempts, checker.CallAppEvents, checker.CallAppCancel, checker.CallAppRetrigger}

// pageSizes are how many events a client asks for at once.
var pageSizes = [...]int{100, 1, 2, 5, 1000}

// clientTimeout is how long a client waits for an answer.
const clientTimeout = 20 * time.Second

// startClients starts the client of each review. Clients are people and webhooks: they do not crash, but they give up
// waiting and try again.
func (w *Deployment) startClients() {
	w.clientsLeft = 0
	for i := range w.plan.reviews {
		p := &w.plan.reviews[i]
		// Only an override with the calm value leaves a client out; no seed does.
		if w.kernel.Draw(p.actor, opClientComes) == 0 {
			continue
		}
		w.clientsLeft++
		w.kernel.Spawn(w.clients.process, "client", func(ctx context.Context) {
			c := newClient(w, p)
			c.run(ctx)
			w.clientsLeft--
			w.progress()
		})
		if p.second != nil {
			w.clientsLeft++
			w.kernel.Spawn(w.clients.process, "second-user", func(ctx context.Context) {
				c := newClient(w, p)
				c.name, c.actor = c.name+" (2nd user)", p.second
				c.visit(ctx)
				w.clientsLeft--
				w.progress()
			})
		}
	}
	for i := range w.plan.deliveries {
		d := &w.plan.deliveries[i]
		p := &w.plan.reviews[d.of]
		if w.kernel.Draw(p.actor, opClientComes) == 0 {
			continue
		}
		w.clientsLeft++
		w.kernel.Spawn(w.clients.process, "webhook", func(ctx context.Context) {
			c := newClient(w, p)
			c.deliver(ctx, d)
			w.clientsLeft--
			w.progress()
		})
	}
}

// A client submits one review and then does what users do about it.
type client struct {
	world      *Deployment
	plan       *reviewPlan
	submission engine.Submission // what it submits next
	name       string            // for the records
	actor      *kernel.Actor     // decides what it does
	known      engine.Review     // as last answered
	stale      bool              // it acts on what it has read a while ago
	events     int64             // the last event shown to it
	shown      engine.AttemptKey
}

func newClient(w *Deployment, p *reviewPlan) client {
	return client{world: w, plan: p, submission: p.submission, name: string(p.submission.Review), actor: p.actor}
}

func (c *client) run(ctx context.Context) {
	if c.world.clients.process.Sleep(ctx, c.plan.at) != nil {
		return
	}
	c.insist(ctx, checker.CallAppSubmit)
	c.act(ctx)
}

// visit is what another user of the review does, who has not submitted it.
func (c *client) visit(ctx context.Context) {
	wait := c.world.kernel.Between(c.actor, opClientWait, time.Second, 90*time.Second)
	if c.world.clients.process.Sleep(ctx, c.plan.at+wait) == nil {
		c.act(ctx)
	}
}

// act does what users do, on pages that are up to date or not.
func (c *client) act(ctx context.Context) {
	w := c.world
	actions := w.kernel.Pick(c.actor, opClientActions, 4)
	for range actions {
		if w.clients.process.Sleep(ctx, w.kernel.Between(c.actor, opClientWait, time.Second, 90*time.Second)) != nil {
			return
		}
		switch action := w.kernel.Pick(c.actor, opClientAction, 13); {
		case action < 4:
			_ = c.ask(ctx, checker.CallAppGet)
		case action < 6:
			c.look(ctx)
			_ = c.ask(ctx, checker.CallAppEvents)
		case action < 8:
			c.look(ctx)
			c.insist(ctx, checker.CallAppCancel)
		case action == 8:
			_ = c.ask(ctx, checker.CallAppAttempts)
		case action == 9:
			m := unknownMethods[w.kernel.Pick(c.actor, opClientUnknown, len(unknownMethods))]
			_ = c.askAbout(ctx, m, unknownKey)
		case action == 12:
			c.contradict(ctx)
		default:
			c.look(ctx)
			if c.known.Status.Terminal() || c.stale {
				c.insist(ctx, checker.CallAppRetrigger)
			}
		}
	}
}

// look has the user read the review, to know the attempt, or act on a page that was read before: it may show an older
// attempt, and a status that has changed since.
func (c *client) look(ctx context.Context) {
	w := c.world
	c.stale = c.known.Attempt != 0 && w.kernel.Chance(c.actor, opClientStale, 0.25)
	if !c.stale {
		_ = c.ask(ctx, checker.CallAppGet)
		return
	}
	c.known.Attempt = 1 + w.kernel.Pick(c.actor, opClientStale, c.known.Attempt)
}

// contradict submits another commit under the identifier of the review, by mistake.
func (c *client) contradict(ctx context.Context) {
	right := c.submission
	if c.known.Attempt == 0 {
		return // only then is it known to be a mistake
	}
	c.submission.HeadSHA = "e0"
	c.submission.HeadOrder += int64(c.world.kernel.Pick(c.actor, opClientMistake, 2))
	_ = c.ask(ctx, checker.CallAppSubmit)
	c.submission = right
}

// insist repeats a call until its answer is final.
func (c *client) insist(ctx context.Context, m checker.Call) {
	for try := range 20 {
		err := c.ask(ctx, m)
		if err == nil || engine.IsKind(err, engine.Permanent) || engine.IsKind(err, engine.Stale) || engine.IsKind(err, engine.NotFound) {
			return
		}
		if m == checker.CallAppRetrigger && engine.IsKind(err, engine.Rejected) && try > 2 {
			return // not over yet: a user loses patience
		}
		if c.world.clients.process.Sleep(ctx, min(time.Second<<try, 30*time.Second)) != nil {
			return
		}
	}
}

// ask makes one call about the client's review to some app replica. Callers that try only once ignore the error, as
// users do.
func (c *client) ask(ctx context.Context, m checker.Call) error {
	return c.askAbout(ctx, m, engine.AttemptKey{Review: c.plan.submission.Review, Attempt: max(c.known.Attempt, 1)})
}

func (c *client) askAbout(ctx context.Context, m checker.Call, key engine.AttemptKey) error {
	w := c.world
	since := w.kernel.Now()
	call := w.clients.newRemoteCall(m, key)
	defer call.release()
	switch m {
	case checker.CallAppSubmit:
		call.request.submission = c.submission
	case checker.CallAppCancel:
		call.request.text = cancelReasons[w.kernel.Pick(c.plan.actor, opCancelReason, len(cancelReasons))]
	case checker.CallAppEvents:
		if c.shown != key {
			c.shown, c.events = key, 0
		}
		call.request.after, call.request.max = c.events, pageSizes[w.kernel.Pick(c.actor, opClientPage, len(pageSizes))]
	default: // asked by the key alone
	}
	w.auditCall(call)
	call.tag = w.history.client(call)
	ctx, cancel := w.clients.process.WithTimeout(ctx, clientTimeout)
	err := call.send(ctx)
	cancel()
	answered := w.record(checker.ClientAnswered, c.name, 0)
	answered.Key, answered.Call, answered.Since, answered.Truth = key, call.method.call, since, &call.truth
	if m == checker.CallAppSubmit {
		answered.Submission = &call.request.submission
	}
	switch {
	case err != nil:
		answered.Kind, answered.Error = checker.ClientFailed, checker.FailureOf(err)
		if kind := engine.KindOf(err); kind == engine.NotFound || kind == engine.Permanent {
			answered.Kind = checker.ClientRefused
		}
	case m == checker.CallAppEvents:
		answered.From, answered.Max = call.request.after, call.request.max
		answered.Script, answered.Events = call.response.events, int64(len(call.response.events))
		if len(call.response.events) > 0 {
			c.events = call.response.events[len(call.response.events)-1].Seq
		}
	case m == checker.CallAppAttempts:
		answered.Attempts = call.response.attempts
	default:
		c.known = call.response.review
		answered.Status = call.response.review.Status
	}
	w.history.answered(call.tag, &call.response.review, err)
	w.observe(answered)
	return err
}
