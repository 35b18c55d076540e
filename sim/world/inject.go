package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A callFaults describes which faults a call meets.
type callFaults struct {
	withoutEffect bool             // it is not carried out
	fails         bool             // the caller gets an error, carried out or not
	kind          engine.ErrorKind // of the error
	cause         error            // of the error; may be nil
	reset         bool             // the connection is reset: the caller sees no other cause
	byHandler     bool             // over HTTP the handler produces the error, not the network
	throttle      throttle         // of the error, if its cause is errThrottled
	requestLost   bool             // the request never arrives
	answerLost    bool             // the answer never arrives
	requestDelay  time.Duration    // on top of the latency
	answerDelay   time.Duration
	hangUp        bool          // the caller leaves while it is carried out
	duplicate     time.Duration // a second delivery so much later; 0: none
}

// fail makes the call fail.
func (f *callFaults) fail(kind engine.ErrorKind, cause error) {
	f.fails, f.kind = true, kind
	if !f.reset {
		f.cause = cause
	}
}

// resetConnection breaks the connection before the answer arrives.
func (f *callFaults) resetConnection() {
	f.fail(engine.Ambiguous, errConnectionReset)
	f.reset = true
}

// refuse makes the call fail without effect.
func (f *callFaults) refuse(kind engine.ErrorKind, cause error) {
	f.withoutEffect = true
	f.fail(kind, cause)
}

// disconnect makes the call fail because there is no connection. This goes before all other faults.
func (f *callFaults) disconnect(kind engine.ErrorKind, cause error) {
	f.fails, f.kind, f.cause, f.byHandler = true, kind, cause, false
}

// A faultOps holds the decisions on all kinds of faults at one operation. So "the third claim of app-1 loses its
// answer" has a key of its own: actor app-1, operation "store.claim/database.lost-after-commit", occurrence 2.
type faultOps struct {
	operation string
	kinds     [faults.Count]kernel.Point
}

func newFaultOps(operation string) faultOps {
	ops := faultOps{operation: operation}
	for _, entry := range faults.Catalogue() {
		ops.kinds[entry.Kind] = kernel.NewPoint(operation + "/" + entry.Kind.String())
	}
	return ops
}

var (
	processPoint  = newFaultOps("process")
	runPoint      = newFaultOps("run")
	preparePoint  = newFaultOps(checker.CallPrepare.String())
	sessionPoint  = newFaultOps("session")
	streamPoint   = newFaultOps("stream.event")
	mixOps        = newFaultOps(mixEnabled)
	mixRateOps    = newFaultOps(mixRate)
	opFaultDelay  = timingOp(360, "fault.delay")
	opFaultDetail = timingOp(370, "fault.detail")

	opFailoverAmbiguous = timingOp(380, "failover.ambiguous")
	opFailoverCommitted = timingOp(390, "failover.committed")
	opLostAmbiguous     = timingOp(400, "lost-before.ambiguous")
)

// inject decides whether a fault of a kind hits an operation of a process. Outside the storm none does.
func (w *Deployment) inject(n *node, at *faultOps, kind faults.Kind) bool {
	return w.injectBy(n.process.Actor(), n.name, at, kind)
}

// injectBy is inject for another actor than a process, or for a fault of another party.
func (w *Deployment) injectBy(actor *kernel.Actor, party string, at *faultOps, kind faults.Kind) bool {
	if !w.schedule(actor, at, kind) {
		return false
	}
	w.countFault(kind, party, at.operation, w.kernel.LastDecision(actor, at.kinds[kind]))
	return true
}

// schedule decides whether a fault of a kind is going to happen later. It is counted when it does.
func (w *Deployment) schedule(actor *kernel.Actor, at *faultOps, kind faults.Kind) bool {
	if !w.stormy || w.mix.Rate(kind) == 0 || !w.mix.Fires(kind, w.kernel.Draw(actor, at.kinds[kind])) {
		return false
	}
	decision := w.kernel.LastDecision(actor, at.kinds[kind])
	for i := range w.planned {
		if p := &w.planned[i]; p.kind == kind && p.decision.Actor == decision.Actor {
			p.decision = decision
			return true
		}
	}
	w.planned = append(w.planned, plannedFault{kind, decision})
	return true
}

// A plannedFault is the latest decision of an actor for a fault of a kind.
type plannedFault struct {
	kind     faults.Kind
	decision kernel.Key
}

// plannedFault returns the decision for a fault that happens now.
func (w *Deployment) plannedFault(actor *kernel.Actor, kind faults.Kind) kernel.Key {
	for i := range w.planned {
		if p := &w.planned[i]; p.kind == kind && p.decision.Actor == actor.Name() {
			return p.decision
		}
	}
	return kernel.Key{}
}

// countFault counts a fault as it happens to an operation, and notes it.
func (w *Deployment) countFault(kind faults.Kind, party, operation string, decision kernel.Key) {
	w.faults[kind]++
	w.noteFault(kind, party, operation, decision)
}

// countFault counts a fault that was planned for the process.
func (n *node) countFault(kind faults.Kind) {
	n.world.countFault(kind, n.name, "process", n.world.plannedFault(n.process.Actor(), kind))
}

// noteFault records that a fault affects an operation. A fault that lasts affects many, and was counted when it began.
func (w *Deployment) noteFault(kind faults.Kind, party, operation string, decision kernel.Key) {
	w.faultAt, w.faultBy = operation, decision
	r := w.record(checker.FaultFired, party, 0)
	r.Fault = kind
	w.observe(r)
}

// delay draws how late a message is.
func (w *Deployment) delay(n *node, low, high time.Duration) time.Duration {
	d := w.kernel.Between(n.process.Actor(), opFaultDelay, low, high)
	w.arrives(d)
	return d
}
