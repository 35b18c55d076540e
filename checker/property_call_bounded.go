package checker

import (
	"strings"
	"time"
)

// A call without a deadline hangs for as long as the other side does, and what it
// holds with it: a slot, an errand, an orchestrator. A deadline that was set before a
// clock jumped looks nearer or further away than it is.
var callBounded = Property{
	ID:       "call-bounded",
	Class:    Protocol,
	Sentence: "Every call has a deadline, no further away than the configuration's limit for it.",
	Source:   "design.md 3.3, 3.4: timeouts",
	watches:  []watching{on(checkCallBounded, CallBegan)},
}

func checkCallBounded(l *ledger, r *Record) *Violation {
	if l.clockJumped {
		return nil
	}
	switch limit := l.limitOf(r); {
	case r.Within == 0:
		return violated(r, "a call without a deadline", "%s calls %s without a deadline; %s are allowed", r.Actor, r.Text, limit)
	case r.Within > limit:
		return violated(r, "a call may last too long", "%s calls %s with a deadline of %s; %s are allowed", r.Actor, r.Text, r.Within, limit)
	}
	return nil
}

// limitOf is how long a call may last.
func (l *ledger) limitOf(r *Record) time.Duration {
	app, worker := &l.config.App, &l.config.Worker
	switch {
	case r.Op != nil:
		return app.StoreTimeout
	case r.JournalOp != nil:
		return worker.JournalTimeout
	case r.Text == callPrepare:
		return app.PrepareTimeout
	case r.Text == callCallback:
		return worker.CallbackTimeout
	case strings.HasPrefix(r.Text, "agent."):
		return worker.AgentTimeout
	}
	return app.DispatchTimeout
}
