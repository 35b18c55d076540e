package checker

import (
	"errors"
	"strings"
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Every call has a port, and a name that no other has.
func TestCalls(t *testing.T) {
	seen := make(map[string]Call)
	for call := CallWorkerStart; call < callEnd; call++ {
		if other, taken := seen[call.String()]; taken || call.Port() == 0 || call.Method() == "" {
			t.Errorf("call %d is %q of port %d, as is call %d", call, call, call.Port(), other)
		}
		if !strings.HasSuffix(call.String(), call.Method()) {
			t.Errorf("%s is the method %s", call, call.Method())
		}
		seen[call.String()] = call
	}
	for name, call := range map[string]Call{
		"worker.start": CallWorkerStart, "worker.events": CallWorkerEvents, "app.callback": CallAppCallback, "app.attempts": CallAppAttempts,
		"agent.interrupt": CallAgentInterrupt, "prepare": CallPrepare, "store.submit": StoreCall(model.ReviewsSubmit),
		"store.sweep": StoreCall(model.ReviewsSweep), "journal.create": JournalCall(model.JournalCreate), "journal.purge": JournalCall(model.JournalPurge),
	} {
		if seen[name] != call {
			t.Errorf("%s is call %d, want %d", name, seen[name], call)
		}
	}
	if got := callEnd.String(); callEnd.Port() != 0 || callEnd.Method() != got || !strings.HasPrefix(got, "Call(") {
		t.Errorf("what is no call is %q of port %d", got, callEnd.Port())
	}
}

func TestFailure(t *testing.T) {
	if FailureOf(nil) != NoFailure || NoFailure.String() != "" || NoFailure.Is(engine.Ambiguous) {
		t.Errorf("no error is the failure %q", FailureOf(nil))
	}
	for err, kind := range map[error]engine.ErrorKind{
		errors.New("connection lost"):                     engine.Ambiguous,
		engine.Errorf(engine.Permanent, "x", "too large"): engine.Permanent,
	} {
		if f := FailureOf(err); f != FailedAs(kind) || !f.Is(kind) || f.Is(engine.Stale) || f.String() != kind.String() {
			t.Errorf("%v is the failure %q, want %s", err, f, kind)
		}
	}
}

func TestPhases(t *testing.T) {
	for phase, want := range map[Phase]string{PhaseStorm: "storm", PhaseHeal: "heal", PhaseQuiet: "quiet", phaseEnd: "Phase(4)"} {
		if phase.String() != want {
			t.Errorf("phase %d is %s, want %s", phase, phase, want)
		}
	}
}
