package model

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// An OpKind names one operation of the review store.
type OpKind uint8

// The operations of [engine.ReviewStore], one each.
const (
	OpSubmit OpKind = iota + 1
	OpGet
	OpAttempts
	OpReserve
	OpClaim
	OpRelease
	OpDefer
	OpFail
	OpApply
	OpSetAgentVersion
	OpCancel
	OpStopped
	OpRetrigger
	OpSweep
	opKindEnd
)

var opKindNames = [...]string{
	"", "submit", "get", "attempts", "reserve", "claim", "release", "defer", "fail",
	"apply", "set-agent-version", "cancel", "stopped", "retrigger", "sweep",
}

// String returns the name of the operation in lower case.
func (k OpKind) String() string {
	if k < opKindEnd {
		return opKindNames[k]
	}
	return "unknown"
}

// An Op is one call of an [engine.ReviewStore] as a value: what the simulated
// database executes, what a history records, and what porcupine replays. Which
// fields count depends on the kind; the constructors ([Submit], [Claim]…) fill in
// just those.
type Op struct {
	Kind       OpKind
	Key        engine.AttemptKey // all but reserve and sweep; get and attempts use the review only
	Owner      engine.OwnerID    // submit, reserve, claim
	Submission engine.Submission // submit
	Token      engine.Token      // claim: the one seen; release, defer, fail, apply: the one held
	Limit      int               // reserve, claim: slots of the owner; sweep: rows of each kind
	Now        time.Time
	DueAt      time.Time           // claim, release, defer, apply
	RetryAt    time.Time           // apply
	MaxRetries int                 // apply
	Report     engine.WorkerReport // apply
	Text       string              // fail, cancel: the reason; set-agent-version: the version
}

// A Result is what an operation answered. Failed says whether Err counts.
type Result struct {
	Failed   bool
	Err      engine.ErrorKind
	Token    engine.Token     // claim
	Review   engine.Review    // submit, get, apply, cancel, stopped, retrigger
	Reviews  []engine.Review  // submit: superseded; reserve
	Attempts []engine.Attempt // attempts
	Work     engine.Work      // sweep
}
