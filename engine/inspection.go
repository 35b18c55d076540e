package engine

import (
	"fmt"
	"time"
)

// An Inspection shows an operator what an attempt waits for, since when, and how often that was tried. It decides
// nothing. Workers make one from their journal, and the app adds what it knows.
type Inspection struct {
	Key AttemptKey `json:"key"`
	// Waiting is what the attempt waits for. Since is when it last got further: when it was enqueued, and from then on as
	// the journal has it. For a worker that does not answer, it is when the app last changed the review, which it does
	// each time that it asks.
	Waiting Wait      `json:"waiting"`
	Since   time.Time `json:"since"`
	// Holder is the host that runs the attempt, and Takeovers how many holders have lost it or given it up.
	Holder    HostID `json:"holder,omitempty"`
	Takeovers int    `json:"takeovers,omitempty"`
	// Interrupts and Callbacks are how often the host that answers has interrupted the session in vain and has called the
	// app without an answer. They are zero if another host is the holder.
	Interrupts int `json:"interrupts,omitempty"`
	Callbacks  int `json:"callbacks,omitempty"`
	// Undelivered means that a callback is in the outbox: the app has not answered it.
	Undelivered bool `json:"undelivered,omitempty"`
	// Spent is how long the holders have followed the session, Throttled how long they have waited for an agent that
	// throttles its callers.
	Spent     time.Duration `json:"spent_ns,omitempty"`
	Throttled time.Duration `json:"throttled_ns,omitempty"`
	// Dispatches counts the claims of the review, over all attempts, and Deferrals the failed preparations of the attempt.
	// The app adds them.
	Dispatches uint64 `json:"dispatches,omitempty"`
	Deferrals  int    `json:"deferrals,omitempty"`
}

// A Wait is what an attempt waits for: somebody else, who may never come.
type Wait uint8

const (
	// WaitNothing means that the attempt has ended, and that the app knows.
	WaitNothing Wait = iota + 1
	// WaitSlot means that the attempt is pending: a slot of its owner has to be free and its time to have come.
	WaitSlot
	// WaitPreparation means that the attempt is pending because its preparation has failed so far.
	WaitPreparation
	// WaitWorker means that no worker has answered that it knows the attempt, or that the answer has not reached the app.
	WaitWorker
	// WaitHost means that no host holds the attempt: one has to take it over.
	WaitHost
	// WaitSession means that the session has to be created or to end.
	WaitSession
	// WaitInterrupt means that the attempt is to be stopped, and that the agent has not answered that its session has
	// ended.
	WaitInterrupt
	// WaitCallback means that the attempt has ended, and that the app has not answered the callback.
	WaitCallback
	waitEnd
)

var waitNames = [waitEnd]string{
	"", "nothing", "slot", "preparation", "worker", "host", "session", "interrupt", "callback",
}

// String returns the name of what is waited for, as it is sent.
func (w Wait) String() string {
	if w > 0 && w < waitEnd {
		return waitNames[w]
	}
	return fmt.Sprintf("Wait(%d)", uint8(w))
}

// MarshalText returns the text of [Wait.String]. It never fails.
func (w Wait) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText sets the wait that [Wait.String] writes as text. After an error, an [*UnknownValueError], it is unchanged.
func (w *Wait) UnmarshalText(text []byte) error {
	for wait := WaitNothing; wait < waitEnd; wait++ {
		if waitNames[wait] == string(text) {
			*w = wait
			return nil
		}
	}
	return &UnknownValueError{
		Of: "wait", Value: string(text),
		Known: "nothing, slot, preparation, worker, host, session, interrupt, callback",
	}
}

// Waiting returns what the orchestration waits for.
func (o *Orchestration) Waiting() Wait {
	switch {
	case !o.Unfinished():
		return WaitNothing
	case o.Holder == "":
		return WaitHost
	case o.Phase == PhaseOver:
		return WaitCallback
	case o.Phase == PhaseStopping, o.Cancel:
		return WaitInterrupt
	default:
		return WaitSession
	}
}

// Inspection returns what the journal shows of an orchestration.
func (o *Orchestration) Inspection() Inspection {
	return Inspection{
		Key: o.Key, Waiting: o.Waiting(), Since: o.UpdatedAt, Holder: o.Holder, Takeovers: int(max(o.Epoch, 1) - 1),
		Undelivered: o.CallbackPending, Spent: o.Spent, Throttled: o.Throttled,
	}
}

// waiting returns what the current attempt of a review waits for, or the one to be stopped, as far as the app knows.
func (r *Review) waiting(attempt int) Wait {
	switch {
	case attempt == r.Stopping:
		return WaitWorker
	case attempt != r.Attempt || r.Status.Terminal():
		return WaitNothing
	case r.Status == Pending && r.Deferrals > 0:
		return WaitPreparation
	case r.Status == Pending:
		return WaitSlot
	default:
		return WaitWorker
	}
}
