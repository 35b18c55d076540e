package world

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// tell adds a record to the readable trace.
func (w *World) tell(r *checker.Record) {
	text := describe(r)
	if r.Kind == checker.JournalExecuted && r.JournalOp.Kind == model.JournalLoad {
		text = w.describeLoad(r)
	}
	if text == "" {
		return
	}
	line := Line{
		At: r.At, Step: w.kernel.Steps(), Actor: r.Actor, Text: text, Fault: r.Kind == checker.FaultFired,
		Kind: r.Kind, Key: r.Key, Owner: r.Owner, Number: numberOf(r),
	}
	switch r.Kind {
	case checker.FaultFired:
		line.Text += " (" + w.struckAt + ")"
		line.Decision = w.struckBy
	case checker.ShutdownBegan:
		line.Decision = kernel.Key{Actor: r.Actor, Operation: opDeploy.String()}
	case checker.StoreChanged:
		if r.Op.Key.Review != r.Key.Review {
			line.Cause = r.Op.Key
		}
	case checker.SessionStarted:
		line.Number = int64(len(r.Script))
	default:
	}
	w.spec.Trace(line)
}

// describe says what happened in a few words. Reads that found nothing worth
// telling are left out.
func describe(r *checker.Record) string {
	switch r.Kind {
	case checker.StoreExecuted:
		return describeStatement(r)
	case checker.StoreChanged:
		return describeChange(r)
	case checker.JournalExecuted:
		return describeEntry(r)
	case checker.PrepareStarted:
		return fmt.Sprintf("prepares %s", r.Key)
	case checker.PrepareEnded:
		if r.Error != checker.NoFailure {
			return fmt.Sprintf("could not prepare %s: %s", r.Key, r.Error)
		}
		return fmt.Sprintf("has prepared %s", r.Key)
	case checker.DispatchSent:
		if r.Abandoned {
			return fmt.Sprintf("dispatches %s under claim %d, as abandoned: %s", r.Key, r.Token, r.Reason)
		}
		return fmt.Sprintf("dispatches %s under claim %d", r.Key, r.Token)
	case checker.DispatchAnswered:
		if r.Error != checker.NoFailure {
			return fmt.Sprintf("has no good answer to its dispatch of %s under claim %d: %s", r.Key, r.Token, r.Error)
		}
		return fmt.Sprintf("is told that its dispatch of %s under claim %d has arrived", r.Key, r.Token)
	case checker.StartArrived:
		return fmt.Sprintf("receives the start of %s under claim %d", r.Key, r.Token)
	case checker.CreateSent:
		return fmt.Sprintf("asks the agent for the session of %s", r.Key)
	case checker.StreamSent:
		return fmt.Sprintf("opens the stream of %s after event %d", r.Key, r.From)
	case checker.InterruptSent:
		return fmt.Sprintf("asks the agent to end the session of %s", r.Key)
	case checker.SessionStarted:
		return fmt.Sprintf("starts session %s: executes %s, %d events", r.Session, r.Key, len(r.Script))
	case checker.SessionEnded:
		return fmt.Sprintf("ends session %s of %s: %s after %d events", r.Session, r.Key, r.Status, r.Events)
	case checker.Interrupted:
		return fmt.Sprintf("will not execute %s from now on", r.Key)
	case checker.EventDelivered, checker.StreamOpened, checker.StreamClosed, checker.ReceiveEnded,
		checker.CallBegan, checker.CallEnded:
		return "" // the batches in the journal, and what the calls do, tell enough
	case checker.CallbackSent:
		return fmt.Sprintf("reports that %s is %s (%d events, %d tokens)", r.Key, r.Status, r.Events, r.Tokens)
	case checker.CallbackArrived:
		return fmt.Sprintf("receives the report that %s is %s", r.Key, r.Status)
	case checker.CallbackAnswered:
		if r.Error != checker.NoFailure {
			return fmt.Sprintf("has no good answer to its report on %s: %s", r.Key, r.Error)
		}
		return fmt.Sprintf("is told that its report on %s is taken note of", r.Key)
	case checker.ProcessCrashed:
		return "crashes: its memory is gone"
	case checker.ProcessStarted:
		return fmt.Sprintf("starts, life %d", r.Life)
	case checker.ProcessPaused:
		return "is paused"
	case checker.ProcessResumed:
		return "goes on, as if no time had passed"
	case checker.FaultFired:
		return "fault: " + r.Fault.String()
	case checker.PhaseBegan:
		return "the " + r.Phase.String() + " phase begins"
	case checker.ClientAnswered:
		return describeAnswer(r)
	case checker.ClientRefused:
		return fmt.Sprintf("the client's %s of %s is refused: %s", r.Call.Method(), r.Key, r.Error)
	case checker.ShutdownBegan:
		return "is asked to shut down"
	case checker.ShutdownEnded:
		if r.Error != checker.NoFailure {
			return "has not shut down in time: " + r.Reason
		}
		return "has shut down"
	case checker.ProcessLeft:
		return fmt.Sprintf("is gone, with %d tasks that wait for a wake-up", r.Stranded)
	}
	return r.Kind.String()
}

func describeAnswer(r *checker.Record) string {
	if r.Call == checker.CallAppEvents {
		return fmt.Sprintf("the client of %s reads %d events after event %d of %s", r.Actor, r.Events, r.From, r.Key)
	}
	if r.Call == checker.CallAppAttempts {
		return fmt.Sprintf("the client of %s is told of %d ended attempts of %s", r.Actor, len(r.Attempts), r.Key.Review)
	}
	return fmt.Sprintf("the client's %s of %s is answered: %s", r.Call.Method(), r.Key, r.Status)
}

// describeStatement tells of statements that did not change a row: those that did
// have told so already.
func describeStatement(r *checker.Record) string {
	op, result := r.Op, r.Result
	switch {
	case op.Kind == model.OpReserve && len(result.Reviews) > 0:
		keys := make([]string, len(result.Reviews))
		for i := range result.Reviews {
			keys[i] = fmt.Sprintf("%s (%s)", result.Reviews[i].Key(), result.Reviews[i].Status)
		}
		return fmt.Sprintf("reserves for %s: %s", op.Owner, strings.Join(keys, ", "))
	case op.Kind == model.OpSweep && len(result.Work.Owners)+len(result.Work.Silent)+len(result.Work.Stopping) > 0:
		return fmt.Sprintf("sweeps: owners %v, %d silent, %d stopping", result.Work.Owners, len(result.Work.Silent), len(result.Work.Stopping))
	case result.Failed:
		return fmt.Sprintf("is refused by the store: %s of %s: %s", op.Kind, op.Key, result.Err)
	}
	return ""
}

func describeChange(r *checker.Record) string {
	after := r.After
	text := fmt.Sprintf("store: %s of %s", r.Op.Kind, r.Op.Key)
	if r.Op.Key.Review != after.Review {
		text += fmt.Sprintf(" also changes %s", after.Key())
	}
	switch {
	case r.Before == nil:
		text += fmt.Sprintf(": %s is %s", after.Key(), after.Status)
	case r.Before.Attempt != after.Attempt:
		text += fmt.Sprintf(": attempt %d is over, %s is %s", r.Before.Attempt, after.Key(), after.Status)
	case r.Before.Status != after.Status:
		text += fmt.Sprintf(": %s becomes %s", r.Before.Status, after.Status)
	}
	if r.Before != nil && r.Before.Claim != after.Claim {
		text += fmt.Sprintf(", claim %d", after.Claim)
	}
	if after.Stopping != 0 && (r.Before == nil || r.Before.Stopping != after.Stopping) {
		text += fmt.Sprintf(", attempt %d is to be stopped", after.Stopping)
	}
	if r.Before != nil && r.Before.Stopping != 0 && after.Stopping == 0 {
		text += fmt.Sprintf(", attempt %d is known to be over", r.Before.Stopping)
	}
	if after.Reason != "" && (r.Before == nil || r.Before.Reason != after.Reason) {
		text += fmt.Sprintf(" (%s)", after.Reason)
	}
	return text
}

// describeEntry tells of journal operations that wrote, or were refused.
func describeEntry(r *checker.Record) string {
	op, result := r.JournalOp, r.JournalResult
	switch {
	case result.Failed:
		if op.Kind == model.JournalLoad {
			return ""
		}
		return fmt.Sprintf("is refused by the journal: %s of %s in epoch %d (now %d): %s", op.Kind, op.Key, op.Epoch, r.Current, result.Err)
	case op.Kind == model.JournalHold:
		return "" // told row by row: see tellTakeovers
	case op.Kind == model.JournalPurge && result.Purged == 0:
		return ""
	case op.Kind == model.JournalPurge:
		return fmt.Sprintf("journal: purge of the events of %d attempts", result.Purged)
	case op.Kind == model.JournalAppend:
		return fmt.Sprintf("journal: %d events of %s, %d in all", len(op.Events), op.Key, r.Row.Events)
	case op.Kind == model.JournalCreate && !result.Created && r.RowBefore != nil && r.RowBefore.Epoch != r.Row.Epoch:
		return fmt.Sprintf("journal: %s is known, and begins anew", op.Key)
	case op.Kind == model.JournalCreate && !result.Created:
		return fmt.Sprintf("journal: %s is known, and stays as it is", op.Key)
	case op.Kind.Reads():
		return ""
	}
	text := fmt.Sprintf("journal: %s of %s", op.Kind, op.Key)
	if r.Row != nil && r.Row.Phase == engine.PhaseOver {
		text += fmt.Sprintf(" (%s)", r.Row.Outcome.Status)
	}
	return text
}

// describeLoad tells of a reading of the journal, and of what is not in it yet.
func (w *World) describeLoad(r *checker.Record) string {
	if r.Row == nil {
		return ""
	}
	received := r.Row.Events
	if s := w.agent.find(r.Key); s != nil {
		received = max(received, s.received)
	}
	return fmt.Sprintf("loads %s as the journal has it: events received %d, journaled %d", r.Key, received, r.Row.Events)
}

// tellTakeovers tells which orchestrations a hold gave to another host.
func (w *World) tellTakeovers(actor string, before, held []engine.Orchestration) {
	for i := range before {
		for j := range held {
			if held[j].Key == before[i].Key && held[j].Epoch != before[i].Epoch {
				w.remark(Line{Actor: actor, Key: held[j].Key}, "takes over %s from %q, in epoch %d", held[j].Key, before[i].Holder, held[j].Epoch)
			}
		}
	}
}

// say adds a line about an actor to the readable trace.
func (w *World) say(actor, format string, arguments ...any) {
	w.remark(Line{Actor: actor}, format, arguments...)
}

// remark adds a line to the readable trace that tells of no record.
func (w *World) remark(line Line, format string, arguments ...any) {
	if w.spec.Trace != nil {
		line.At, line.Step, line.Text = w.kernel.Now(), w.kernel.Steps(), fmt.Sprintf(format, arguments...)
		w.spec.Trace(line)
	}
}
