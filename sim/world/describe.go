package world

import (
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// trace adds a record to the readable trace, unless it describes nothing worth reading.
func (w *Deployment) trace(r *checker.Record) {
	d := describe(r)
	if r.Kind == checker.JournalExecuted && r.JournalOp.Kind == model.JournalLoad {
		d = w.describeLoad(r)
	}
	if d.text == "" {
		return
	}
	line := run.Line{
		At: r.At, Step: w.kernel.Steps(), Actor: r.Actor, Text: d.text,
		Event: d.event, Weight: d.weight, Class: d.class,
		Subject: string(r.Key.Review), Part: partOf(r.Key), Group: string(r.Owner),
	}
	switch r.Kind {
	case checker.FaultFired:
		line.Fault, line.Decision = r.Fault.String(), w.faultBy
		line.Text += " (" + w.faultAt + ")"
		line.Event += " " + w.faultAt
	case checker.ShutdownBegan:
		line.Decision = kernel.Key{Actor: r.Actor, Operation: opDeploy.String()}
	case checker.StoreChanged:
		if r.Op.Key.Review != r.Key.Review {
			line.Cause = string(r.Op.Key.Review)
		}
	case checker.ClientAnswered, checker.ClientRefused:
		line.Lane = laneClients
	case checker.PhaseBegan:
		line.Lane = run.NoLane
	case checker.CreateSent:
		if _, known := w.journal.state.Orchestration(r.Key); !known {
			line.Text = fmt.Sprintf("asks the agent for a session under the key %s, which is that of no attempt", r.Key)
		}
	case checker.ProcessCrashed, checker.ProcessPaused:
		line.Effect = true
	default:
	}
	w.spec.Trace(line)
}

// partOf names an attempt; empty for none.
func partOf(key engine.AttemptKey) string {
	if key == (engine.AttemptKey{}) {
		return ""
	}
	return key.String()
}

// A description is what a record reports in a few words, and what matters about it.
type description struct {
	text string
	// event identifies what happened, without the numbers of the text.
	event  string
	weight run.Weight
	class  run.Class
}

// describe returns what happened. Reads that found nothing of interest have no description.
func describe(r *checker.Record) description {
	switch r.Kind {
	case checker.StoreExecuted:
		return describeStatement(r)
	case checker.StoreChanged:
		return describeChange(r)
	case checker.JournalExecuted:
		return describeEntry(r)
	case checker.PrepareStarted, checker.PrepareEnded, checker.DispatchSent, checker.DispatchAnswered, checker.StartArrived,
		checker.CallbackSent, checker.CallbackArrived, checker.CallbackAnswered:
		return describeDispatch(r)
	case checker.CreateSent, checker.StreamSent, checker.InterruptSent, checker.SessionStarted, checker.SessionEnded, checker.Interrupted:
		return describeSession(r)
	case checker.ProcessCrashed, checker.ProcessStarted, checker.ProcessPaused, checker.ProcessResumed,
		checker.ShutdownBegan, checker.ShutdownEnded, checker.ProcessLeft:
		return describeLife(r)
	case checker.ClientAnswered, checker.ClientRefused:
		return describeClient(r)
	case checker.CallerLeft:
		return description{fmt.Sprintf("is left by the caller of %s about %s", r.Call, r.Key), "caller left " + r.Call.String(), run.Acting, run.Plain}
	case checker.FaultFired:
		return description{"fault: " + r.Fault.String(), "fault " + r.Fault.String(), run.Nothing, run.Plain}
	case checker.PhaseBegan:
		d := description{phaseTexts[r.Phase], "phase " + r.Phase.String(), run.Carrying, run.Phase}
		if r.At == 0 {
			d.text, d.weight = "the run begins", run.Nothing // nothing strikes in some
		}
		return d
	default:
		return description{} // the batches in the journal, and what calls do, show enough
	}
}

// phaseTexts says what the phases are for those who have not heard of them.
var phaseTexts = [...]string{
	checker.PhaseStorm: "faults may strike from now on",
	checker.PhaseHeal:  "no more faults strike, and what is broken is mended",
	checker.PhaseQuiet: "all is mended, and everything has to finish now",
}

// describeDispatch describes what app replicas and worker hosts do for each other.
func describeDispatch(r *checker.Record) description {
	event := fmt.Sprintf("%d %s %v", r.Kind, r.Error, r.Abandoned)
	switch r.Kind {
	case checker.PrepareStarted:
		return description{fmt.Sprintf("prepares %s", r.Key), event, run.Carrying, run.Plain}
	case checker.PrepareEnded:
		if r.Error != checker.NoFailure {
			return description{fmt.Sprintf("could not prepare %s: %s", r.Key, r.Error), event, run.Acting, run.Plain}
		}
		return description{fmt.Sprintf("has prepared %s", r.Key), event, run.Looking, run.Plain}
	case checker.DispatchSent:
		text := fmt.Sprintf("dispatches %s under claim %d", r.Key, r.Token)
		if r.Abandoned {
			text += ", as abandoned: " + r.Reason
		}
		return description{text, event, run.Acting, run.Plain}
	case checker.DispatchAnswered:
		if r.Error != checker.NoFailure {
			return description{fmt.Sprintf("has no good answer to its dispatch of %s under claim %d: %s", r.Key, r.Token, r.Error), event, run.Acting, run.Plain}
		}
		return description{fmt.Sprintf("learns that its dispatch of %s under claim %d has arrived", r.Key, r.Token), event, run.Looking, run.Plain}
	case checker.StartArrived:
		return description{fmt.Sprintf("receives the start of %s under claim %d", r.Key, r.Token), event, run.Carrying, run.Plain}
	case checker.CallbackSent:
		event += r.Status.String()
		return description{fmt.Sprintf("reports that %s is %s (%d events, %d tokens)", r.Key, r.Status, r.Events, r.Tokens), event, run.Acting, run.Plain}
	case checker.CallbackArrived:
		event += r.Status.String()
		return description{fmt.Sprintf("receives the report that %s is %s", r.Key, r.Status), event, run.Carrying, run.Plain}
	default: // CallbackAnswered
		if r.Error != checker.NoFailure {
			return description{fmt.Sprintf("has no good answer to its report on %s: %s", r.Key, r.Error), event, run.Acting, run.Plain}
		}
		return description{fmt.Sprintf("learns that its report on %s is recorded", r.Key), event, run.Looking, run.Plain}
	}
}

// describeSession describes what passes between worker hosts and the agent.
func describeSession(r *checker.Record) description {
	event := fmt.Sprintf("%d", r.Kind)
	switch r.Kind {
	case checker.CreateSent:
		return description{fmt.Sprintf("asks the agent for the session of %s", r.Key), event, run.Acting, run.Plain}
	case checker.StreamSent:
		return description{fmt.Sprintf("opens the stream of %s after event %d", r.Key, r.From), event, run.Carrying, run.Plain}
	case checker.InterruptSent:
		return description{fmt.Sprintf("asks the agent to end the session of %s", r.Key), event, run.Acting, run.Plain}
	case checker.SessionStarted:
		return description{fmt.Sprintf("starts session %s: executes %s, %d events", r.Session, r.Key, len(r.Script)), event, run.Turning, run.Mutation}
	case checker.SessionEnded:
		event += " " + r.Status.String()
		return description{fmt.Sprintf("ends session %s of %s: %s after %d events", r.Session, r.Key, r.Status, r.Events), event, run.Turning, run.Mutation}
	default: // Interrupted
		return description{fmt.Sprintf("will not execute %s from now on", r.Key), event, run.Acting, run.Plain}
	}
}

// describeLife describes what becomes of processes.
func describeLife(r *checker.Record) description {
	d := description{event: fmt.Sprintf("%d", r.Kind), weight: run.Turning, class: run.Life}
	switch r.Kind {
	case checker.ProcessCrashed:
		d.text = "crashes: its memory is gone"
	case checker.ProcessStarted:
		d.text, d.weight = fmt.Sprintf("starts, life %d", r.Life), run.Acting
		if r.Life == 1 {
			d.weight = run.Nothing
		}
	case checker.ProcessPaused:
		d.text = "is paused"
	case checker.ProcessResumed:
		d.text = "resumes, as if no time had passed"
	case checker.ShutdownBegan:
		d.text = "is asked to shut down"
	case checker.ShutdownEnded:
		d.text = "has shut down"
		if r.Error != checker.NoFailure {
			d.text, d.event = "has not shut down in time: "+r.Reason, d.event+" late"
		}
	default: // ProcessLeft
		d.text = fmt.Sprintf("is gone, with %d tasks that wait for a wake-up", r.Stranded)
		d.weight, d.class = run.Nothing, run.Plain
	}
	return d
}

// describeClient describes what clients learn.
func describeClient(r *checker.Record) description {
	d := description{event: fmt.Sprintf("%d %s %s %s", r.Kind, r.Call, r.Status, r.Error), weight: run.Looking}
	switch {
	case r.Kind == checker.ClientRefused:
		d.text = fmt.Sprintf("the client's %s of %s is refused: %s", r.Call.Method(), r.Key, r.Error)
	case r.Call == checker.CallAppEvents:
		d.text = fmt.Sprintf("the client reads %d events of %s, those after event %d", r.Events, r.Key, r.From)
	case r.Call == checker.CallAppAttempts:
		d.text = fmt.Sprintf("the client lists the attempts of %s that have ended: %d", r.Key.Review, len(r.Attempts))
	case r.Call == checker.CallAppInspect, r.Call == checker.CallWorkerInspect:
		d.text = fmt.Sprintf("the operator inspects %s", r.Key)
	case r.Call == checker.CallAppAbandon, r.Call == checker.CallWorkerAbandon:
		d.text = fmt.Sprintf("the operator has abandoned %s: %s", r.Key, r.Status)
	default:
		d.text = fmt.Sprintf("the client's %s of %s is answered: %s", r.Call.Method(), r.Key, r.Status)
	}
	return d
}

// describeStatement describes statements that did not change a row: those that did are described by the change.
func describeStatement(r *checker.Record) description {
	op, result := r.Op, r.Result
	switch {
	case op.Kind == model.ReviewsReserve && len(result.Reviews) > 0:
		keys := make([]string, len(result.Reviews))
		for i := range result.Reviews {
			keys[i] = fmt.Sprintf("%s (%s)", result.Reviews[i].Key(), result.Reviews[i].Status)
		}
		of := fmt.Sprintf("%s: %s", op.Owner, strings.Join(keys, ", "))
		return description{"reserves for " + of, "reserve " + of, run.Nothing, run.Plain}
	case op.Kind == model.ReviewsSweep && len(result.Work.Owners)+len(result.Work.Silent)+len(result.Work.Stopping) > 0:
		found := describeWork(&result.Work)
		return description{"sweeps and finds " + found, "sweep " + found, run.Nothing, run.Plain}
	case result.Failed:
		text := fmt.Sprintf("is refused by the store: %s of %s: %s", op.Kind, op.Key, result.Err)
		return description{text, fmt.Sprintf("refused %s %s", op.Kind, result.Err), run.Acting, run.Plain}
	}
	return description{}
}

// describeWork lists what a sweep has found: owners with reviews to take up, reviews that nobody has reported on for a
// while, and attempts to be stopped.
func describeWork(work *engine.Work) string {
	var parts []string
	add := func(n int, one, many string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	for _, owner := range work.Owners {
		parts = append(parts, "work of "+string(owner))
	}
	add(len(work.Silent), "review without a recent report", "reviews without a recent report")
	add(len(work.Stopping), "attempt to be stopped", "attempts to be stopped")
	return strings.Join(parts, ", ")
}

// describeChange describes what an operation did to a row.
func describeChange(r *checker.Record) description {
	after := r.After
	d := description{event: fmt.Sprintf("change %s", r.Op.Kind), class: run.Mutation, weight: run.Turning}
	switch r.Op.Kind {
	case model.ReviewsSetAgentVersion:
		d.weight = run.Looking
	case model.ReviewsDefer:
		d.weight = run.Carrying
	default:
	}
	add := func(event, format string, arguments ...any) {
		d.text += fmt.Sprintf(format, arguments...)
		d.event += " " + event
	}
	add("of", "store: %s of %s", r.Op.Kind, r.Op.Key)
	if r.Op.Key.Review != after.Review {
		add(string(r.Op.Key.Review), " also changes %s", after.Key())
	}
	switch {
	case r.Before == nil:
		add("new "+after.Status.String(), ": %s is %s", after.Key(), after.Status)
	case r.Before.Attempt != after.Attempt:
		add("next "+after.Status.String(), ": attempt %d is over, %s is %s", r.Before.Attempt, after.Key(), after.Status)
	case r.Before.Status != after.Status:
		add(r.Before.Status.String()+" "+after.Status.String(), ": %s becomes %s", r.Before.Status, after.Status)
	}
	if r.Before != nil && r.Before.Claim != after.Claim {
		add("claim", ", claim %d", after.Claim)
	}
	if after.Stopping != 0 && (r.Before == nil || r.Before.Stopping != after.Stopping) {
		add("stopping", ", attempt %d is to be stopped", after.Stopping)
	}
	if r.Before != nil && r.Before.Stopping != 0 && after.Stopping == 0 {
		add("stopped", ", attempt %d is known to be over", r.Before.Stopping)
	}
	if after.Reason != "" && (r.Before == nil || r.Before.Reason != after.Reason) {
		add("reason", " (%s)", after.Reason)
	}
	return d
}

// describeEntry describes journal operations that wrote, or were refused.
func describeEntry(r *checker.Record) description {
	op, result := r.JournalOp, r.JournalResult
	d := description{event: fmt.Sprintf("journal %s", op.Kind), weight: run.Turning}
	switch op.Kind {
	case model.JournalAppend, model.JournalClearOutbox:
		d.weight = run.Carrying
	default:
	}
	switch {
	case result.Failed:
		if op.Kind == model.JournalLoad {
			return description{}
		}
		d.text = fmt.Sprintf("is refused by the journal: %s of %s in epoch %d (now %d): %s", op.Kind, op.Key, op.Epoch, r.Current, result.Err)
		d.event += fmt.Sprintf(" refused %s", result.Err)
		if op.Kind == model.JournalAppend {
			d.weight = run.Turning
		}
	case r.Row == nil && (op.Kind == model.JournalRenewLease || op.Kind == model.JournalPurge):
		return description{} // described row by row
	case op.Kind == model.JournalRenewLease:
		d.text = fmt.Sprintf("takes over %s from %s, in epoch %d", r.Key, r.RowBefore.Holder, r.Row.Epoch)
		if r.RowBefore.Holder == "" {
			d.text = fmt.Sprintf("takes over %s, which nobody holds, in epoch %d", r.Key, r.Row.Epoch)
		}
	case op.Kind == model.JournalPurge:
		d.text = fmt.Sprintf("journal: purge of the %d events of %s", r.Forgotten, r.Key)
		d.weight = run.Nothing
	case op.Kind == model.JournalAppend:
		d.text = fmt.Sprintf("journal: %d events of %s, %d in all", len(op.Events), op.Key, r.Row.Events)
	case op.Kind == model.JournalCreate && !result.Created && r.RowBefore != nil && r.RowBefore.Epoch != r.Row.Epoch:
		d.text, d.event = fmt.Sprintf("journal: a second start of %s: the attempt is there already, and is put back to its beginning", op.Key), "journal create anew"
	case op.Kind == model.JournalCreate && !result.Created:
		d.text, d.event = fmt.Sprintf("journal: a second start of %s: the attempt is there already, and stays as it is", op.Key), "journal create known"
	case op.Kind.Reads():
		return description{}
	default:
		d.text = fmt.Sprintf("journal: %s of %s", op.Kind, op.Key)
		if r.Row != nil && r.Row.Phase == engine.PhaseOver {
			d.text += fmt.Sprintf(" (%s)", r.Row.Outcome.Status)
			d.event += " " + r.Row.Outcome.Status.String()
		}
	}
	return d
}

// describeLoad describes a reading of the journal, and what is not in it yet.
func (w *Deployment) describeLoad(r *checker.Record) description {
	if r.Row == nil {
		return description{}
	}
	received := r.Row.Events
	if s := w.agent.find(r.Key); s != nil {
		received = max(received, s.received)
	}
	text := fmt.Sprintf("loads %s as the journal has it: events received %d, journaled %d", r.Key, received, r.Row.Events)
	return description{text, "journal load", run.Turning, run.Plain}
}

// traceActor adds a line about an actor to the readable trace, one that no record stands for.
func (w *Deployment) traceActor(actor, format string, arguments ...any) {
	w.traceLine(run.Line{Actor: actor, Weight: run.Looking, Effect: true}, format, arguments...)
}

// traceAttempt adds a line about an attempt to the readable trace, one that no record stands for.
func (w *Deployment) traceAttempt(actor string, key engine.AttemptKey, format string, arguments ...any) {
	w.traceLine(run.Line{Actor: actor, Subject: string(key.Review), Part: partOf(key)}, format, arguments...)
}

// traceLine completes a line of the readable trace and adds it. Durations are written as people do.
func (w *Deployment) traceLine(line run.Line, format string, arguments ...any) {
	if w.spec.Trace != nil {
		for i, argument := range arguments {
			if d, is := argument.(time.Duration); is {
				arguments[i] = times.Span(d)
			}
		}
		line.At, line.Step, line.Text = w.kernel.Now(), w.kernel.Steps(), fmt.Sprintf(format, arguments...)
		w.spec.Trace(line)
	}
}
