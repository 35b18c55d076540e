package engine

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestWaitingOfOrchestrations has what the journal says about an attempt, in every phase.
func TestWaitingOfOrchestrations(t *testing.T) {
	for _, test := range []struct {
		name string
		o    Orchestration
		want Wait
	}{
		{"accepted", Orchestration{Phase: PhaseAccepted, Holder: "h"}, WaitSession},
		{"accepted, and its host is gone", Orchestration{Phase: PhaseAccepted}, WaitHost},
		{"cancelled, and its host is gone", Orchestration{Phase: PhaseIntended, Cancel: true}, WaitHost},
		{"runs", Orchestration{Phase: PhaseIntended, Holder: "h"}, WaitSession},
		{"is cancelled", Orchestration{Phase: PhaseIntended, Holder: "h", Cancel: true}, WaitInterrupt},
		{"has failed, and is being stopped", Orchestration{Phase: PhaseStopping, Holder: "h"}, WaitInterrupt},
		{"over, and the app does not know", Orchestration{Phase: PhaseOver, Holder: "h", CallbackPending: true}, WaitCallback},
		{"the same after a cancel", Orchestration{Phase: PhaseOver, Holder: "h", Cancel: true, CallbackPending: true}, WaitCallback},
		{"over", Orchestration{Phase: PhaseOver}, WaitNothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.o.Inspection(); got.Waiting != test.want || got.Undelivered != test.o.CallbackPending {
				t.Errorf("waits for %s, want %s; undelivered: %t", got.Waiting, test.want, got.Undelivered)
			}
		})
	}
}

// TestInspectionOfOrchestrations has all that an inspection tells, and how many holders the epochs stand for.
func TestInspectionOfOrchestrations(t *testing.T) {
	o := Orchestration{
		Key: AttemptKey{"a", 1}, Phase: PhaseIntended, Holder: "h", Spent: time.Minute, Throttled: time.Second,
		UpdatedAt: time.Unix(7, 0),
	}
	for epoch, takeovers := range []int{0, 0, 1, 2} {
		o.Epoch = Epoch(epoch)
		want := Inspection{
			Key: o.Key, Waiting: WaitSession, Since: o.UpdatedAt, Holder: "h", Takeovers: takeovers,
			Spent: time.Minute, Throttled: time.Second,
		}
		if got := o.Inspection(); got != want {
			t.Errorf("epoch %d: %+v, want %+v", epoch, got, want)
		}
	}
}

// TestWaitingOfReviews has what the app knows of an attempt, in every status.
func TestWaitingOfReviews(t *testing.T) {
	for _, test := range []struct {
		name    string
		r       Review
		attempt int
		want    Wait
	}{
		{"pending", Review{Attempt: 1, Status: Pending}, 1, WaitSlot},
		{"pending, and its preparation has failed", Review{Attempt: 1, Status: Pending, Deferrals: 1}, 1, WaitPreparation},
		{"claimed", Review{Attempt: 1, Status: Queued}, 1, WaitWorker},
		{"claimed, after preparations that have failed", Review{Attempt: 1, Status: Queued, Deferrals: 1}, 1, WaitWorker},
		{"running", Review{Attempt: 1, Status: Running}, 1, WaitWorker},
		{"over", Review{Attempt: 1, Status: Failed}, 1, WaitNothing},
		{"over, and its session may run", Review{Attempt: 1, Status: Cancelled, Stopping: 1}, 1, WaitWorker},
		{"one before, whose session may run", Review{Attempt: 2, Status: Pending, Stopping: 1}, 1, WaitWorker},
		{"the one behind it", Review{Attempt: 2, Status: Pending, Stopping: 1}, 2, WaitSlot},
		{"one before", Review{Attempt: 2, Status: Running}, 1, WaitNothing},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.r.waiting(test.attempt); got != test.want {
				t.Errorf("waits for %s, want %s", got, test.want)
			}
		})
	}
}

// TestTextOfWaits writes and reads every wait. What is no wait is refused with those that there are.
func TestTextOfWaits(t *testing.T) {
	var known []string
	for wait := WaitNothing; wait < waitEnd; wait++ {
		text, err := wait.MarshalText()
		var read Wait
		if err != nil || string(text) != wait.String() || read.UnmarshalText(text) != nil || read != wait {
			t.Errorf("%d is written as %q (%v), and read as %d", wait, text, err, read)
		}
		known = append(known, wait.String())
	}
	for wait, want := range map[Wait]string{0: "Wait(0)", waitEnd: "Wait(9)"} {
		if got := wait.String(); got != want {
			t.Errorf("%d is called %q, want %q", wait, got, want)
		}
	}
	for _, text := range []string{"", "Nothing", "forever"} {
		read := WaitHost
		err := read.UnmarshalText([]byte(text))
		unknown, is := errors.AsType[*UnknownValueError](err)
		if !is || *unknown != (UnknownValueError{Of: "wait", Value: text, Known: strings.Join(known, ", ")}) || read != WaitHost {
			t.Errorf("%q is read as %s with error %+v", text, read, err)
		}
	}
}
