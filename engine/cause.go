package engine

import "fmt"

// A Cause is the class of what ended an attempt. It is decided together with the
// outcome, journaled with it, and never changes. Its number is what is stored: a new
// cause gets the next one.
type Cause uint8

const (
	// CauseNone: the outcome is not decided yet, or a version that knew no causes has
	// recorded it.
	CauseNone Cause = iota
	// CauseSession: the agent's session has ended, and its last event is the outcome.
	CauseSession
	// CauseCancelled: a user has cancelled the attempt, or a newer head has superseded it.
	CauseCancelled
	// CauseAbandoned: the attempt can't be executed, and was never started.
	CauseAbandoned
	// CauseNotJournaled: the journal has refused for good to record that the agent is
	// about to be called.
	CauseNotJournaled
	// CauseRefused: the agent has refused for good to create the session.
	CauseRefused
	// CauseNoSession: the session could not be created in as many tries as a worker makes.
	CauseNoSession
	// CauseSessionLost: the agent does not know the session any more.
	CauseSessionLost
	// CauseBadEvent: an event can't be decoded or journaled, however often it is read.
	CauseBadEvent
	// CauseStreamLimit: the session was not over in time.
	CauseStreamLimit
	causeEnd
)

var causeNames = [causeEnd]string{
	"none", "session", "cancelled", "abandoned", "not-journaled", "refused", "no-session", "session-lost",
	"bad-event", "stream-limit",
}

// String returns the name of the cause.
func (c Cause) String() string {
	if c < causeEnd {
		return causeNames[c]
	}
	return fmt.Sprintf("Cause(%d)", uint8(c))
}

// causeOfNoSession is the class of the error with which creating a session has ended.
func causeOfNoSession(err error) Cause {
	if IsKind(err, Permanent) {
		return CauseRefused
	}
	return CauseNoSession
}

// causeOfBreak is the class of the error with which following a session has ended.
func causeOfBreak(err error) Cause {
	switch {
	case err == nil:
		return CauseSession
	case IsKind(err, Permanent):
		return CauseBadEvent
	}
	return CauseSessionLost
}

// Outcome is what a start that is abandoned records of its attempt; zero for one that
// is not.
func (r *StartRequest) Outcome() Outcome {
	if r.Abandon == "" {
		return Outcome{}
	}
	return Outcome{Status: Failed, Cause: CauseAbandoned, Reason: r.Abandon}
}
