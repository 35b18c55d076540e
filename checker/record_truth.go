package checker

import "github.com/onceover/onceover/checker/model"

// A Truth is what became of a call, by somebody who saw both of its ends and the way between them. The caller's own
// opinion is not in it: that is the Error of the record.
type Truth struct {
	// Begun: the callee began to carry the call out. Executed: it has, and Decided is how its own method ended.
	Begun, Executed bool
	Decided         Failure
	// Touched: a fault hit the call, or its caller stopped waiting for it. Caused is the failure that the fault answers
	// with.
	Touched bool
	Caused  Failure
	// Inner is the call that decides this one (see [Call.DecidedBy]), if the callee made it, and InnerError what the
	// callee was told. 0: it made none.
	Inner      Call
	InnerError Failure
}

// decidedBy has the calls that are carried out by making another one, whose answer is passed on.
var decidedBy = [callEnd]Call{
	CallAppSubmit:    StoreCall(model.ReviewsSubmit),
	CallAppGet:       StoreCall(model.ReviewsGet),
	CallAppAttempts:  StoreCall(model.ReviewsAttempts),
	CallAppCancel:    StoreCall(model.ReviewsCancel),
	CallAppRetrigger: StoreCall(model.ReviewsRetrigger),
	CallAppCallback:  StoreCall(model.ReviewsApply),
	CallAppEvents:    CallWorkerEvents,
	CallWorkerStart:  JournalCall(model.JournalCreate),
	CallWorkerCancel: JournalCall(model.JournalRequestCancel),
	CallWorkerStatus: JournalCall(model.JournalLoad),
	CallWorkerEvents: JournalCall(model.JournalEvents),

	CallWorkerAbandon: JournalCall(model.JournalAbandon),
	CallWorkerInspect: JournalCall(model.JournalLoad),
}

// DecidedBy returns the call by which a call is decided, whose answer is passed on; 0 if its callee decides by itself.
func (c Call) DecidedBy() Call {
	if c < callEnd {
		return decidedBy[c]
	}
	return 0
}
