package world

import (
	"fmt"
	"slices"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/run"
)

// The tracks of a review in a picture.
const (
	trackStatus  = "status"
	trackClaim   = "claim"
	trackLease   = "lease"
	trackSession = "session"
)

// draw reports the states that a record changes: of a review, of its holder, of the agent's sessions, and of processes.
func (w *Deployment) draw(r *checker.Record) {
	switch r.Kind {
	case checker.StoreChanged:
		w.drawStatus(r)
	case checker.JournalExecuted:
		w.drawLeases(r)
	case checker.SessionStarted:
		w.spec.OnState(run.State{
			At: r.At, Track: trackSession, Subject: string(r.Key.Review), Group: string(r.Owner), ID: string(r.Session),
			Lane: partyAgent, Part: partOf(r.Key), Label: fmt.Sprintf("session %s", r.Session), Style: trackSession,
			Text: fmt.Sprintf("attempt %d is executed by the agent as session %s", r.Key.Attempt, r.Session),
		})
	case checker.SessionEnded:
		w.spec.OnState(run.State{
			At: r.At, Track: trackSession, Subject: string(r.Key.Review), Group: string(r.Owner), ID: string(r.Session),
			Part: partOf(r.Key), Text: r.Status.String(),
		})
	case checker.ProcessCrashed, checker.ShutdownEnded:
		w.spec.OnState(run.State{At: r.At, Track: run.TrackLife, Lane: r.Actor, Label: "down", Style: "down"})
	case checker.ProcessPaused:
		w.spec.OnState(run.State{At: r.At, Track: run.TrackLife, Lane: r.Actor, Label: "paused", Style: "paused"})
	case checker.ProcessStarted, checker.ProcessResumed:
		w.spec.OnState(run.State{At: r.At, Track: run.TrackLife, Lane: r.Actor})
	case checker.PhaseBegan:
		w.spec.OnState(run.State{At: r.At, Track: run.TrackPhase, Label: r.Phase.String(), Text: "the " + r.Phase.String() + " phase"})
	default:
	}
}

func (w *Deployment) drawStatus(r *checker.Record) {
	after := r.After
	label := after.Status.String()
	state := run.State{
		At: r.At, Track: trackStatus, Subject: string(r.Key.Review), Group: string(r.Owner), Part: partOf(after.Key()),
		Label: label, Style: label, Text: fmt.Sprintf("attempt %d is %s", after.Attempt, label),
	}
	w.spec.OnState(state)
	w.drawClaim(r, state)
}

// drawClaim reports the claim under which a review waits to be dispatched. It ends when the worker has reported, when it
// is given up, and when another takes its place.
func (w *Deployment) drawClaim(r *checker.Record, state run.State) {
	before, after := r.Before, r.After
	state.Track, state.Label, state.Text, state.Style = trackClaim, "", "", ""
	if after.Status == engine.Queued && after.Claim != 0 {
		if before != nil && before.Status == engine.Queued && before.Claim == after.Claim && before.Attempt == after.Attempt {
			return // the same claim, of whoever took it
		}
		state.Lane, state.Style = r.Actor, trackClaim
		state.Label = fmt.Sprintf("claim %d, %s", after.Claim, r.Actor)
		state.Text = fmt.Sprintf("attempt %d is claimed by %s under claim %d", after.Attempt, r.Actor, after.Claim)
	}
	w.spec.OnState(state)
}

func (w *Deployment) drawLeases(r *checker.Record) {
	if !r.JournalResult.Failed && r.Row != nil {
		w.drawLease(r, r.Row)
	}
}

func (w *Deployment) drawLease(r *checker.Record, o *engine.Orchestration) {
	state := run.State{At: r.At, Track: trackLease, Subject: string(o.Key.Review), Group: string(o.Owner), Part: partOf(o.Key)}
	if o.Unfinished() && o.Holder != "" {
		state.Lane = w.processOf(o.Holder)
		state.Label = fmt.Sprintf("lease %d, %s", o.Epoch, state.Lane)
		state.Text = fmt.Sprintf("attempt %d is leased to %s in epoch %d", o.Key.Attempt, o.Holder, o.Epoch)
		state.Style = trackLease
	}
	w.spec.OnState(state)
}

// processOf returns the name of the process that was a host in one of its lives.
func (w *Deployment) processOf(host engine.HostID) string {
	for _, n := range w.hosts {
		if slices.Contains(n.hostIDs, host) {
			return n.name
		}
	}
	return string(host)
}

// deliver reports an event of a session as the message that brought it.
func (w *Deployment) deliver(r *checker.Record) {
	w.spec.OnMessage(run.Message{
		Step: w.kernel.Steps(), Sent: r.At, Arrives: r.At, From: partyAgent, To: r.Actor, Route: routeAgent,
		Name: fmt.Sprintf("event %d", r.Seq), Subject: string(r.Key.Review), Part: partOf(r.Key),
	})
}
