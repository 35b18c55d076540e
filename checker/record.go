package checker

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// A Kind is what a [Record] reports.
type Kind uint8

// The vocabulary of a history. What each kind fills in stands beside it; At and
// Actor are always there.
const (
	// StoreExecuted: the app database executed Op and answered Result. Key is the
	// attempt that the operation names. One record per operation, after those of
	// the rows it changed. Actor is who asked, in the life that asked.
	StoreExecuted Kind = iota + 1
	// StoreChanged: a row of the app database is different now. Before (nil: there
	// was none), After, Op. Key is that of After.
	StoreChanged
	// PrepareStarted, PrepareEnded: Actor prepares Key. PrepareStarted: Token is the
	// claim and Deferrals the failed preparations that the review had when it was
	// reserved. PrepareEnded: Error.
	PrepareStarted
	PrepareEnded
	// DispatchSent: Actor sends the start of Key to a worker under claim Token. Abandoned:
	// the attempt is to be recorded as abandoned, for a Reason.
	DispatchSent
	// DispatchAnswered: what came of it, as Actor knows: Error, or Report as the worker
	// answered. One whose sender crashed has no answer.
	DispatchAnswered
	// StartArrived: worker host Actor received a start of Key under claim Token.
	StartArrived
	// JournalExecuted: the journal executed JournalOp for Key and answered
	// JournalResult. Current is the epoch that the row had before, Row the row
	// afterwards (nil: none), RowBefore the one before (nil: none). A renewal and a
	// purge span rows: they have such a record for each row that they changed (a
	// purge: with the number of events that are Forgotten), and then one without Key
	// and rows for the operation as a whole. So has the reading of what a host holds.
	// Actor is who asked.
	JournalExecuted
	// CreateSent, StreamSent, InterruptSent: worker host Actor calls the agent about
	// Key. StreamSent: From is the sequence number behind which to resume.
	CreateSent
	StreamSent
	InterruptSent
	// SessionStarted: the agent began to execute Key (taken from the payload, not
	// from the idempotency key) for Owner as Session. Script is what it is going to
	// emit if nothing stops it.
	SessionStarted
	// EventDelivered: worker host Actor received event Seq of the session of Key.
	EventDelivered
	// StreamOpened, StreamClosed: worker host Actor has a stream of Key, and has let it
	// go. ReceiveEnded: it waited for an event and got none. Error, or none when it
	// has stopped waiting by itself.
	StreamOpened
	StreamClosed
	ReceiveEnded
	// StreamSilent: nothing arrives any more on a stream of worker host Actor, and nothing breaks.
	StreamSilent
	// SessionEnded: the agent executes Session no more. Events were emitted;
	// Status is Completed, Failed, or Cancelled when it was interrupted.
	SessionEnded
	// SessionLost: the agent has restarted and does not know Session any more. If it was running, its end came before.
	SessionLost
	// Interrupted: the agent took note that Key is to have no session.
	Interrupted
	// CallbackSent: worker host Actor reports Status of Key; Tokens, Events: usage
	// and events that it claims.
	CallbackSent
	// CallbackArrived: app replica Actor received a report that Key is Status.
	CallbackArrived
	// CallbackAnswered: that call, with that Status, came back: Error.
	CallbackAnswered
	// ProcessCrashed, ProcessStarted, ProcessPaused, ProcessResumed: Actor is the
	// process.
	ProcessCrashed
	ProcessStarted
	ProcessPaused
	ProcessResumed
	// FaultFired: a fault of the kind Fault struck at Actor.
	FaultFired
	// PhaseBegan: Phase.
	PhaseBegan
	// ClientAnswered: a client's Call of the app about Key was answered, which it made at
	// Since; Status is the review's. Of CallAppSubmit: Submission. Of CallAppEvents: Events were shown (Script), those
	// that follow sequence number From; Max were asked for. Of CallAppAttempts: Attempts. Of the calls that inspect: Inspection.
	ClientAnswered
	// ClientRefused: a client's Call about Key was refused for good: Error is why. Since
	// as above, and so is Submission. ClientFailed: it failed in another way, and Error is how.
	ClientRefused
	ClientFailed
	// ShutdownBegan: process Actor is asked to stop gracefully. ShutdownEnded: it
	// has; Error and Reason say why if it was cut short.
	ShutdownBegan
	ShutdownEnded
	// ProcessLeft: process Actor, which has shut down a while ago, is about to be gone.
	// Stranded of its tasks wait for a wake-up, and for nothing else.
	ProcessLeft
	// CallBegan, CallEnded: Actor calls one of its ports; Call is which. Clock is what its clock shows. Within: how far ahead on it the call's
	// deadline is at the beginning (0: there is none; one that is over counts as 1).
	// Canceled: Actor stopped waiting before that. Error is how it ended. Truth is what became of the call; so it is of a
	// client's. Op or JournalOp of a call of a store, JournalResult when one of the
	// journal has ended; Report of a
	// callback, and of the answer of a worker. One whose caller crashed has no end.
	CallBegan
	CallEnded
	// CallerLeft: the caller of Call about Key has left while process Actor carries the
	// call out, and Actor learns of it.
	CallerLeft
	kindEnd
)

var kindNames = [...]string{
	"", "store executed", "store changed", "prepare started", "prepare ended", "dispatch sent", "dispatch answered",
	"start arrived", "journal executed", "create sent", "stream sent", "interrupt sent",
	"session started", "event delivered", "stream opened", "stream closed", "receive ended", "stream silent", "session ended", "session lost", "interrupted", "callback sent", "callback arrived", "callback answered",
	"process crashed", "process started", "process paused", "process resumed", "fault fired",
	"phase began", "client answered", "client refused", "client failed", "shutdown began", "shutdown ended", "process left", "call began", "call ended", "caller left",
}

// String returns the kind in words.
func (k Kind) String() string {
	if k < kindEnd {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// A Record is one thing that happened, seen from outside by somebody who sees
// everything: the raw material of properties and coverage goals. Which fields
// count depends on the Kind. Pointers are valid during the call that delivers the
// record; a caller that keeps something copies it.
type Record struct {
	At    time.Duration // virtual time since the start of the run
	Kind  Kind
	Actor string // process by name, such as app-1 or worker-2; agent; a client
	Life  int    // which life of that process, from 1; 0 for what has none

	// What it is about, and how it ended. Reason is text for people: nothing compares it.
	Key    engine.AttemptKey
	Owner  engine.OwnerID
	Status engine.Status
	Error  Failure
	Reason string

	// The app database and the journal.
	Op             *model.ReviewsOp
	Result         *model.ReviewsResult
	Before, After  *engine.Review
	JournalOp      *model.JournalOp
	JournalResult  *model.JournalResult
	RowBefore, Row *engine.Orchestration
	Current        engine.Epoch
	Forgotten      int64

	// Preparations and dispatches.
	Token     engine.Token
	Deferrals int
	Abandoned bool

	// Sessions, their events, and reports about them.
	Session engine.SessionID
	Caller  string // of SessionStarted: the host that asked for the session
	Script  []engine.Event
	Seq     int64
	From    int64
	Events  int64
	Tokens  int64

	// Calls of the engine and of clients.
	Call Call
	// Throttled: the call has ended because its callee is throttled, and asks its callers to wait for RetryAfter (0: it
	// does not say).
	Throttled  bool
	RetryAfter time.Duration
	Clock      time.Time
	Within     time.Duration
	Canceled   bool
	Report     *engine.WorkerReport
	Since      time.Duration
	Max        int
	Attempts   []engine.Attempt
	Inspection *engine.Inspection
	Submission *engine.Submission
	Truth      *Truth

	// Processes, faults and phases.
	Stranded int
	Fault    faults.Kind
	Phase    Phase
}

// about returns the call that the record is about: that of its operation, if it has one.
func (r *Record) about() Call {
	switch {
	case r.Op != nil:
		return StoreCall(r.Op.Kind)
	case r.JournalOp != nil:
		return JournalCall(r.JournalOp.Kind)
	}
	return r.Call
}
