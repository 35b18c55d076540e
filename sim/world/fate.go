package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A callFaults is what the faults make of one call.
type callFaults struct {
	withoutEffect bool             // it is not carried out
	fails         bool             // the caller gets an error, whether it was carried out or not
	kind          engine.ErrorKind // of the error
	cause         error            // of the error, for what has one
	reset         bool             // the connection is: the caller sees no other cause
	byHandler     bool             // over HTTP the handler answers with the error, and not the network
	requestLost   bool             // it never arrives, and nobody tells the caller
	answerLost    bool             // it is carried out, and nobody tells the caller
	requestDelay  time.Duration    // on top of its latency
	answerDelay   time.Duration
	duplicate     time.Duration // delivered again so much later; 0: not
}

// fail makes the call fail.
func (f *callFaults) fail(kind engine.ErrorKind, cause error) {
	f.fails, f.kind = true, kind
	if !f.reset {
		f.cause = cause
	}
}

// resetConnection makes the connection break before the answer is there.
func (f *callFaults) resetConnection() {
	f.fail(engine.Ambiguous, errConnectionReset)
	f.reset = true
}

// refuse makes the call fail without effect.
func (f *callFaults) refuse(kind engine.ErrorKind, cause error) {
	f.withoutEffect = true
	f.fail(kind, cause)
}

// disconnect makes the call fail for want of a connection, whatever else is wrong with it.
func (f *callFaults) disconnect(kind engine.ErrorKind, cause error) {
	f.fails, f.kind, f.cause, f.byHandler = true, kind, cause, false
}

// A faultOps has the decision on every kind of fault at one operation, so that
// "the third claim of app-1 loses its answer" is a key of its own: actor app-1,
// operation "store.claim/database.lost-after-commit", occurrence 2.
type faultOps struct {
	operation string
	kinds     [faults.Count]kernel.Op
}

func newFaultOps(operation string) faultOps {
	ops := faultOps{operation: operation}
	for _, entry := range faults.Catalogue() {
		ops.kinds[entry.Kind] = kernel.NewOp(operation + "/" + entry.Kind.String())
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

// strikes decides whether a fault of a kind happens here. Outside the storm none
// does.
func (w *World) strikes(n *node, at *faultOps, kind faults.Kind) bool {
	return w.strikesActor(n.process.Actor(), n.name, at, kind)
}

func (w *World) strikesActor(actor *kernel.Actor, name string, at *faultOps, kind faults.Kind) bool {
	if !w.destines(actor, at, kind) {
		return false
	}
	w.struck(kind, name, at.operation, w.kernel.LastDecision(actor, at.kinds[kind]))
	return true
}

// destines decides whether a fault of a kind is going to happen, later than here:
// it has struck when it does.
func (w *World) destines(actor *kernel.Actor, at *faultOps, kind faults.Kind) bool {
	if !w.stormy || w.mix.Rate(kind) == 0 || !w.mix.Fires(kind, w.kernel.Draw(actor, at.kinds[kind])) {
		return false
	}
	decision := w.kernel.LastDecision(actor, at.kinds[kind])
	for i := range w.destinies {
		if d := &w.destinies[i]; d.kind == kind && d.decision.Actor == decision.Actor {
			d.decision = decision
			return true
		}
	}
	w.destinies = append(w.destinies, destiny{kind, decision})
	return true
}

// A destiny is the latest decision of an actor for a fault of a kind.
type destiny struct {
	kind     faults.Kind
	decision kernel.Key
}

// destined returns the decision that made a fault happen that strikes now.
func (w *World) destined(actor *kernel.Actor, kind faults.Kind) kernel.Key {
	for i := range w.destinies {
		if d := &w.destinies[i]; d.kind == kind && d.decision.Actor == actor.Name() {
			return d.decision
		}
	}
	return kernel.Key{}
}

// struck accounts for a fault that happens to an operation, since it was decided so.
func (w *World) struck(kind faults.Kind, actor, operation string, decision kernel.Key) {
	w.faults[kind]++
	w.felt(kind, actor, operation, decision)
}

// felt tells that a fault which lasts, and has been accounted for when it began,
// affects an operation.
func (w *World) felt(kind faults.Kind, actor, operation string, decision kernel.Key) {
	w.struckAt, w.struckBy = operation, decision
	r := w.record(checker.FaultFired, actor, 0)
	r.Fault = kind
	w.observe(r)
}

// delay draws how late something is.
func (w *World) delay(n *node, low, high time.Duration) time.Duration {
	d := w.kernel.Between(n.process.Actor(), opFaultDelay, low, high)
	w.arrives(d)
	return d
}
