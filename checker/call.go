package checker

import (
	"fmt"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A Call is a method of a port that one party can call at another. This is the one
// list of their names: records, messages, traces and the names of faults use it.
type Call uint8

// The calls. Those of the app database and of the journal follow, one for each of
// their operations: see [StoreCall] and [JournalCall].
const (
	CallWorkerStart Call = iota + 1
	CallWorkerCancel
	CallWorkerStatus
	CallWorkerEvents
	CallAppCallback
	CallAppSubmit
	CallAppGet
	CallAppCancel
	CallAppRetrigger
	CallAppEvents
	CallAppAttempts
	CallAgentCreate
	CallAgentStream
	CallAgentInterrupt
	CallPrepare

	callStore   = CallPrepare // kinds of operations begin at 1
	callJournal = callStore + Call(model.ReviewsSweep)

	// The calls that operators make, and what follows from them.
	CallWorkerAbandon = callJournal + Call(model.JournalPurge) + 1
	CallWorkerInspect = CallWorkerAbandon + 1
	CallAppAbandon    = CallWorkerAbandon + 2
	CallAppInspect    = CallWorkerAbandon + 3
	callEnd           = CallWorkerAbandon + 4
)

// StoreCall returns the call of an operation of the app database.
func StoreCall(kind model.ReviewsOpKind) Call { return callStore + Call(kind) }

// JournalCall returns the call of an operation of the journal.
func JournalCall(kind model.JournalOpKind) Call { return callJournal + Call(kind) }

// A Port is an interface of the engine that calls belong to.
type Port uint8

// The ports.
const (
	PortWorker Port = iota + 1
	PortApp
	PortAgent
	PortPreparer
	PortStore
	PortJournal
)

// calls has the port, the method and the full name of every call.
var calls = func() (list [callEnd]struct {
	port         Port
	method, name string
}) {
	add := func(call Call, port Port, prefix, method string) {
		list[call].port, list[call].method, list[call].name = port, method, prefix+method
	}
	for i, method := range [...]string{"start", "cancel", "status", "events"} {
		add(CallWorkerStart+Call(i), PortWorker, "worker.", method)
	}
	for i, method := range [...]string{"callback", "submit", "get", "cancel", "retrigger", "events", "attempts"} {
		add(CallAppCallback+Call(i), PortApp, "app.", method)
	}
	for i, method := range [...]string{"create", "stream", "interrupt"} {
		add(CallAgentCreate+Call(i), PortAgent, "agent.", method)
	}
	add(CallPrepare, PortPreparer, "", "prepare")
	for kind := model.ReviewsSubmit; kind <= model.ReviewsSweep; kind++ {
		add(StoreCall(kind), PortStore, "store.", kind.String())
	}
	for kind := model.JournalCreate; kind <= model.JournalPurge; kind++ {
		add(JournalCall(kind), PortJournal, "journal.", kind.String())
	}
	for i, method := range [...]string{"abandon", "inspect"} {
		add(CallWorkerAbandon+Call(i), PortWorker, "worker.", method)
		add(CallAppAbandon+Call(i), PortApp, "app.", method)
	}
	return list
}()

// Port returns the port that the call belongs to; 0 for what is no call.
func (c Call) Port() Port {
	if c < callEnd {
		return calls[c].port
	}
	return 0
}

// Method returns the name of the call within its port, such as claim or start.
func (c Call) Method() string {
	if c < callEnd {
		return calls[c].method
	}
	return c.String()
}

// String returns the full name, such as store.claim, worker.start or prepare; "" for
// no call.
func (c Call) String() string {
	if c < callEnd {
		return calls[c].name
	}
	return fmt.Sprintf("Call(%d)", uint8(c))
}

// A Failure is the kind of error with which something ended, or [NoFailure].
type Failure uint8

// NoFailure: it ended well, or without anything that could fail.
const NoFailure Failure = 0

// FailedAs returns the failure of a kind.
func FailedAs(kind engine.ErrorKind) Failure { return Failure(kind) + 1 }

// FailureOf classifies an error; nil is none.
func FailureOf(err error) Failure {
	if err == nil {
		return NoFailure
	}
	return FailedAs(engine.KindOf(err))
}

// Is reports whether it is a failure of that kind.
func (f Failure) Is(kind engine.ErrorKind) bool { return f == FailedAs(kind) }

// String returns the kind in words; "" for none.
func (f Failure) String() string {
	if f == NoFailure {
		return ""
	}
	return engine.ErrorKind(f - 1).String()
}

// A Phase is a part of a run: faults happen in the storm; then what is broken is
// mended; then it must come to rest.
type Phase uint8

// The phases, in their order. PhaseNone: the run has not begun.
const (
	PhaseNone Phase = iota
	PhaseStorm
	PhaseHeal
	PhaseQuiet
	phaseEnd
)

var phaseNames = [phaseEnd]string{"none", "storm", "heal", "quiet"}

// String returns the name of the phase.
func (p Phase) String() string {
	if p < phaseEnd {
		return phaseNames[p]
	}
	return fmt.Sprintf("Phase(%d)", uint8(p))
}
