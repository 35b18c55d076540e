package checker

import (
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/engine"
)

// stuck says what is stuck, where, and since when nothing can be blamed for it.
func (f *facts) stuck(r *Record, v *reviewFacts, attempt int, cause Cause) *Violation {
	key := engine.AttemptKey{Review: v.id, Attempt: attempt}
	a := v.known(attempt)
	var format string
	var args []any
	switch cause {
	case causeStuckPending:
		format, args = "%s is stuck in pending: submitted at %s, never dispatched", []any{key, moment(v.began)}
		if attempt > 1 {
			format, args = "%s is stuck in pending: there since %s, never dispatched", []any{key, moment(v.statusAt)}
		}
		holders := f.slotHolders(v.row.Owner)
		switch limit := f.config.limit(v.row.Owner); {
		case len(holders) >= limit:
			format += ", the %s of owner %s held by %s"
			args = append(args, count(limit, "slot"), v.row.Owner, holders)
		case len(holders) > 0:
			format += ", though owner %s has %d of %s free and %s hold the others"
			args = append(args, v.row.Owner, limit-len(holders), count(limit, "slot"), holders)
		default:
			format += ", though all slots of owner %s are free"
			args = append(args, v.row.Owner)
		}
	case causeStuckQueued, causeStuckRunning:
		format, args = "%s is stuck in %s since %s: %s", []any{key, v.row.Status, moment(v.statusAt), f.standing(v, a)}
	case causeNeverStopped:
		format, args = "%s was to be stopped, and nobody learned that it has: %s", []any{key, f.standing(v, a)}
	case causeSessionStillRunning:
		format, args = "%s is %s, but its session %s still runs", []any{key, v.statusState(), a.session}
	case causeCallbackStillOwed:
		format, args = "%s is %s for the worker, and the app was never told: the report is left to %s", []any{key, a.row.Outcome.Status, f.holding(a)}
	default: // the orchestration
		format, args = "%s is %s, but %s", []any{key, v.statusState(), f.standing(v, a)}
	}
	format += ", %s"
	args = append(args, f.sinceFaults(r))
	violation := violatedAbout(r, key, f.stuckAt(v, a, cause), format, args...)
	violation.detail = f.stuckDetail(r, v, a)
	violation.Involve(violation.detail.args...)
	return violation
}

// sinceFaults is what makes something that is left undone a failure: the faults were over long ago.
func (f *facts) sinceFaults(r *Record) string {
	if f.faults == 0 {
		return "and no fault has happened"
	}
	return f.phrase("%s after the last fault", r.At-f.faultAt)
}

// phrase writes a part of a sentence.
func (f *facts) phrase(format string, args ...any) string {
	return fmt.Sprintf(format, f.inWords(args)...)
}

// standing is how far an attempt has come, who is to go on with it, and what its session does.
func (f *facts) standing(v *reviewFacts, a *attemptFacts) string {
	if a == nil || !a.hasRow {
		return f.dispatched(v)
	}
	parts := []string{"the worker has it " + rowState(&a.row)}
	if a.row.Unfinished() {
		parts = append(parts, "held by "+f.holding(a))
	}
	return strings.Join(append(parts, a.describeSession()), ", ")
}

// dispatched is how far an attempt has come that no worker has.
func (f *facts) dispatched(v *reviewFacts) string {
	c := v.claims.latest()
	if c == nil || c.attempt != v.row.Attempt {
		return "never claimed"
	}
	text := f.phrase("claimed at %s by %s", moment(c.grantedAt), c.actor)
	if fate := f.fate(c.actor, c.life); fate != fateAlive {
		text += ", which " + fate
	}
	if c.used {
		return text + ", dispatched, accepted by no worker"
	}
	return text + ", never dispatched"
}

// holding names the host of an attempt, and what has become of it.
func (f *facts) holding(a *attemptFacts) string {
	if a.row.Holder == "" {
		return "nobody"
	}
	if fate := f.fate(a.holder, a.holderLife); fate != fateAlive {
		return a.holder + ", which " + fate
	}
	return a.holder
}

// waiting is how a row stands that somebody ought to look at.
func (f *facts) waiting(v *reviewFacts) string {
	switch row, c := &v.row, v.claims.latest(); {
	case row.Stopping != 0:
		return fmt.Sprintf("with attempt %d to be stopped", row.Stopping)
	case row.Status == engine.Queued && c != nil:
		return f.phrase("queued under the claim of %s from %s", c.actor, moment(c.grantedAt))
	default:
		return row.Status.String()
	}
}

// stuckDetail has the numbers that a verdict leaves out.
func (f *facts) stuckDetail(r *Record, v *reviewFacts, a *attemptFacts) sentence {
	if !v.hasRow {
		return sentence{"the app does not know the review", nil}
	}
	row := &v.row
	s := sentence{"owner %s has %s, held by %s; the review is %s at attempt %d", []any{
		row.Owner, count(f.config.limit(row.Owner), "slot"), f.slotHolders(row.Owner), row.Status, row.Attempt,
	}}
	add := func(format string, args ...any) {
		s.format += format
		s.args = append(s.args, args...)
	}
	switch ahead := row.DueAt.Sub(f.config.Start) - r.At; {
	case ahead > 0:
		add(", due in %s", ahead)
	default:
		add(", due since %s", moment(max(r.At+ahead, 0)))
	}
	if c := v.claims.latest(); c != nil {
		add("; its claim %d, of %s, is %s old", c.token, c.actor, r.At-c.grantedAt)
	}
	switch {
	case a == nil || !a.hasRow:
		add("; no worker has it in its journal")
	default:
		add("; the journal has %s, %s", a.key, describeRow(&a.row))
	}
	return s
}

// fate says what has become of a life of a process.
func (f *facts) fate(name string, life int) string {
	switch p := f.process(name); {
	case p.life > life:
		return "has restarted since"
	case p.crashed:
		return "has crashed"
	case p.paused:
		return "is paused"
	}
	return fateAlive
}

func (f *facts) slotHolders(owner engine.OwnerID) (holders reviewIDs) {
	for _, v := range f.reviews {
		if v.hasRow && v.row.Owner == owner && holdsSlot(&v.row) {
			holders = append(holders, v.id)
		}
	}
	return holders
}

// rowState is how far the journal has an attempt, in a word or two.
func rowState(o *engine.Orchestration) string {
	if o == nil {
		return "not at all"
	}
	switch o.Phase {
	case engine.PhaseAccepted:
		return "accepted and not begun"
	case engine.PhaseIntended:
		return "begun"
	case engine.PhaseStopping:
		return "being stopped, " + o.Outcome.Status.String()
	case engine.PhaseOver:
		return "over, " + o.Outcome.Status.String()
	default:
		return fmt.Sprintf("in phase %d", o.Phase)
	}
}

// describeRow is rowState with the numbers of the row.
func describeRow(o *engine.Orchestration) string {
	var b strings.Builder
	b.WriteString(rowState(o))
	if o.Cancel {
		b.WriteString(", to be cancelled")
	}
	if o.CallbackPending {
		b.WriteString(", callback owed")
	}
	fmt.Fprintf(&b, ", with %s, in epoch %d", count(o.Events, "event"), o.Epoch)
	return b.String()
}

// lastRow is the journal's row of an attempt, or nil.
func (a *attemptFacts) lastRow() *engine.Orchestration {
	if a == nil || !a.hasRow {
		return nil
	}
	return &a.row
}

// holder names who holds a row.
func holder(o *engine.Orchestration) string {
	if o.Holder == "" {
		return "nobody"
	}
	return "host " + string(o.Holder)
}

// secondSession says how an attempt got a second session.
func (f *facts) secondSession(r *Record) string {
	a := f.attempt
	text := f.phrase("session %s started at %s", r.Session, moment(r.At))
	if r.Caller != "" {
		text = f.phrase("%s started session %s at %s", r.Caller, r.Session, moment(r.At))
	}
	first := string(a.session)
	if a.startedBy != "" {
		first = a.startedBy + "'s " + first
	} else {
		first = "session " + first
	}
	if a.live {
		return text + " while " + first + " was still running"
	}
	return text + " although " + first + " had " + hasEnded(a.ended)
}

// hasEnded is how a session has ended, after "has".
func hasEnded(status engine.Status) string {
	switch status {
	case engine.Completed, engine.Failed:
		return status.String()
	case engine.Cancelled:
		return "been interrupted"
	default:
		return "ended"
	}
}

// askedAgent is what a host has asked the agent for, after its name.
func askedAgent(kind Kind) string {
	switch kind {
	case CreateSent:
		return "asked the agent for its session"
	case StreamSent:
		return "asked the agent for its events"
	default:
		return "asked the agent to end its session"
	}
}

// wrongly says where a review is that should not be there, or is not that should.
func wrongly(is bool) string {
	if is {
		return "wrongly in"
	}
	return "missing from"
}

// asker names who was answered: a client, an operator, or a process.
func asker(r *Record) string {
	switch r.Kind {
	case ClientAnswered, ClientRefused, ClientFailed:
		if r.Call == CallAppAbandon || r.Call == CallAppInspect || r.Call.Port() == PortWorker {
			return "the operator"
		}
		return "a client"
	default:
		return caller(r)
	}
}

// apart says how the time that a call carries stands to a clock.
func apart(carried, clock time.Time) string {
	switch d := carried.Sub(clock); {
	case carried.IsZero():
		return "no time"
	case d < 0:
		return "a time " + times.Span(-d) + " behind its own clock"
	default:
		return "a time " + times.Span(d) + " ahead of its own clock"
	}
}

// told is what a worker's answer says.
func (f *facts) told(asked engine.AttemptKey, answer *engine.WorkerReport) string {
	switch {
	case answer.Key.Review == "":
		return "nothing"
	case answer.Key != asked:
		return f.phrase("of %s instead", answer.Key)
	case answer.Status < engine.Queued || answer.Status > engine.Cancelled:
		return "no status"
	}
	return "it is " + answer.Status.String()
}

// between is a range that a duration has to be in.
func between(low, high time.Duration) string {
	if low == high {
		return times.Span(low)
	}
	return times.Span(low) + " to " + times.Span(high)
}

// since is how long ago something was, by a clock that is right.
func (f *facts) since(at time.Time, r *Record) time.Duration {
	return max(r.At-at.Sub(f.config.Start), 0)
}

// owing is whether somebody owes something.
func owing(is bool) string {
	if is {
		return "owing"
	}
	return "not owing"
}
