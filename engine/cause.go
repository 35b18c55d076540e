package engine

import "fmt"

// A Cause classifies what ended an attempt. It is decided and journaled together with the outcome, and never changes.
// Its number is what is stored: a new cause gets the next number.
type Cause uint8

const (
	// CauseNone means that no outcome is decided yet, or that a version without causes recorded it.
	CauseNone Cause = iota
	// CauseSession means that the agent's session ended. Its last event is the outcome.
	CauseSession
	// CauseCancelled means that a user cancelled the attempt or that a newer head superseded it.
	CauseCancelled
	// CauseAbandoned means that the attempt could not be executed and was never started.
	CauseAbandoned
	// CauseNotJournaled means that the journal permanently refused to record the intent to call the agent.
	CauseNotJournaled
	// CauseRefused means that the agent permanently refused to create the session.
	CauseRefused
	// CauseNoSession means that the session could not be created in [WorkerConfig].CreateTries tries.
	CauseNoSession
	// CauseSessionLost means that the agent no longer knows the session.
	CauseSessionLost
	// CauseBadEvent means that an event could not be decoded or journaled, however often it was read.
	CauseBadEvent
	// CauseStreamLimit means that the session did not end within [WorkerConfig].StreamLimit.
	CauseStreamLimit
	// CauseThrottled means that the agent throttled its callers for [WorkerConfig].ThrottleLimit in all.
	CauseThrottled
	// CauseTakeovers means that more than [WorkerConfig].MaxTakeovers hosts in a row have lost the attempt.
	CauseTakeovers
	// CauseForced means that an operator ended the attempt although its session may have been running.
	CauseForced
	causeEnd
)

var causeNames = [causeEnd]string{
	"none", "session", "cancelled", "abandoned", "not-journaled", "refused", "no-session", "session-lost",
	"bad-event", "stream-limit", "throttled", "takeovers", "forced",
}

// String returns the name of the cause.
func (c Cause) String() string {
	if c < causeEnd {
		return causeNames[c]
	}
	return fmt.Sprintf("Cause(%d)", uint8(c))
}

// causeOfBreak classifies the error that ended the following of a session; nil means that the session ended.
func causeOfBreak(err error) Cause {
	switch {
	case err == nil:
		return CauseSession
	case IsKind(err, Permanent):
		return CauseBadEvent
	}
	return CauseSessionLost
}

// Outcome returns the outcome that a worker records for an abandoned start. It is zero if the start is not abandoned.
func (r *StartRequest) Outcome() Outcome {
	if r.Abandon == "" {
		return Outcome{}
	}
	return Outcome{Status: Failed, Cause: CauseAbandoned, Reason: r.Abandon}
}
