package engine_test

import (
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
)

// TestHostJournalsTheCause checks that every way in which an attempt ends is journaled with its cause.
func TestHostJournalsTheCause(t *testing.T) {
	want := map[string]engine.Cause{
		"happy path":                                            engine.CauseSession,
		"the agent fails the review":                            engine.CauseSession,
		"cancel before start":                                   engine.CauseCancelled,
		"cancel while streaming":                                engine.CauseCancelled,
		"create is refused for good":                            engine.CauseRefused,
		"create fails to the last try":                          engine.CauseNoSession,
		"session that the agent has lost":                       engine.CauseSessionLost,
		"undecodable event":                                     engine.CauseBadEvent,
		"session never ends":                                    engine.CauseStreamLimit,
		"crash while stopping then takeover":                    engine.CauseBadEvent,
		"close while the session does not end":                  engine.CauseCancelled,
		"cancel on another host is noticed with the next write": engine.CauseCancelled,
	}
	for _, test := range hostStories {
		cause, listed := want[test.name]
		if !listed {
			continue
		}
		delete(want, test.name)
		t.Run(test.name, func(t *testing.T) {
			row, _ := test.story(t).journal.Orchestration(keyOf("a", 1))
			if row.Phase != engine.PhaseOver || row.Outcome.Cause != cause {
				t.Errorf("phase %d, cause %s; want over, cause %s", row.Phase, row.Outcome.Cause, cause)
			}
		})
	}
	for name := range want {
		t.Errorf("there is no story %q", name)
	}
}

// TestAbandonedStartHasAnOutcome checks that an abandoned start has the reason in its outcome, and any other start has
// no outcome.
func TestAbandonedStartHasAnOutcome(t *testing.T) {
	start := engine.StartRequest{Key: keyOf("a", 1)}
	if got := start.Outcome(); got != (engine.Outcome{}) {
		t.Errorf("a start that is not abandoned has the outcome %+v", got)
	}
	start.Abandon = "too large"
	if got, want := start.Outcome(), (engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: "too large"}); got != want {
		t.Errorf("outcome %+v, want %+v", got, want)
	}
}

// TestCauseNames checks that every cause has a name of its own.
func TestCauseNames(t *testing.T) {
	names := make(map[string]engine.Cause)
	for cause := engine.CauseNone; cause <= engine.CauseForced; cause++ {
		if other, taken := names[cause.String()]; taken || cause.String() == "" {
			t.Errorf("causes %d and %d are both called %q", other, cause, cause)
		}
		if strings.HasPrefix(cause.String(), "Cause(") {
			t.Errorf("cause %d has no name", cause)
		}
		names[cause.String()] = cause
	}
	if got := (engine.CauseForced + 1).String(); got != "Cause(13)" {
		t.Errorf("a cause of a later version is %q", got)
	}
}

// TestCauseOfBreak classifies what ends the following of a session.
func TestCauseOfBreak(t *testing.T) {
	for want, err := range map[engine.Cause]error{
		engine.CauseSession:     nil,
		engine.CauseBadEvent:    engine.Errorf(engine.Permanent, "agent.recv", "malformed"),
		engine.CauseSessionLost: engine.Errorf(engine.NotFound, "agent.stream", "404"),
	} {
		if got := engine.CauseOfBreak(err); got != want {
			t.Errorf("%v: %s, want %s", err, got, want)
		}
	}
}
