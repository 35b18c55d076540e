// Package timeline watches one run and notes what pictures of it are made of: who was up when, which status a review
// had from when to when, who held its lease, what the agent executed, and every message between them.
//
// The page of a failure ([github.com/onceover/onceover/sim/page]) and the trace for Perfetto
// ([github.com/onceover/onceover/sim/perfetto]) are both drawn from a [Timeline].
package timeline

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/world"
)

// A World carries out runs: a [world.World], or what stands in its place.
type World interface {
	Run(world.Spec) world.Outcome
}

// A Timeline is one run as it is drawn.
type Timeline struct {
	Outcome  world.Outcome
	Actors   []string // those that something happens to, from the clients to the agent
	Reviews  []Review // in the order of their first appearance
	Lines    []world.Line
	Messages []world.Message // in the order in which they were sent
	Outages  []Span          // of processes: Lane is the process, Text is "down" or "paused"
	Phases   []Span          // Text is the phase
	End      time.Duration
}

// A Review is what became of one review.
type Review struct {
	ID       engine.ReviewID
	Owner    engine.OwnerID
	Statuses []Span // Text is the status
	Leases   []Span // Lane is the host that held its orchestration, Number the epoch, Text both
	Sessions []Span // Text is the session and what became of it
}

// A Span is something that lasted.
type Span struct {
	Lane     string
	From, To time.Duration
	Open     bool // it lasted at the end of the run
	Attempt  int
	Number   int64
	Text     string
}

// The parties that are no processes, as [world.Message] names them.
const (
	Clients  = "clients"
	Database = "database"
	Journal  = "journal"
	Agent    = "agent"
)

// Watch carries out a run and returns its timeline. The specification's Trace, OnDecision, OnRecord and OnMessage are
// not used.
func Watch(on World, spec world.Spec) *Timeline {
	w := watcher{timeline: &Timeline{}, messages: map[uint64]int{}, outages: map[string]int{}, actors: map[string]bool{}}
	spec.OnDecision = nil
	spec.Trace, spec.OnMessage = w.line, w.message
	spec.OnRecord = func(_ uint64, r *checker.Record) { w.record(r) }
	t := w.timeline
	t.Outcome = on.Run(spec)
	t.End = t.Outcome.Virtual
	w.close()
	for actor := range w.actors {
		t.Actors = append(t.Actors, actor)
	}
	slices.SortFunc(t.Actors, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return t
}

// rank puts the actors in the order in which a review passes through them.
func rank(actor string) int {
	for i, prefix := range [...]string{Clients, "app-", Database, "worker-", Journal, Agent} {
		if strings.HasPrefix(actor, prefix) {
			return i
		}
	}
	return 6
}

// Lane returns the actor in whose lane a line of the trace is drawn; empty for what concerns nobody in particular.
func Lane(line *world.Line) string {
	switch {
	case line.Kind == checker.ClientAnswered:
		return Clients
	case line.Actor == "world":
		return ""
	}
	return line.Actor
}

// watcher notes what happens in one run.
type watcher struct {
	timeline *Timeline
	messages map[uint64]int // by number
	outages  map[string]int // by process: the one that lasts, as index plus 1
	actors   map[string]bool
}

func (w *watcher) line(line world.Line) {
	w.timeline.Lines = append(w.timeline.Lines, line)
	if lane := Lane(&line); lane != "" {
		w.actors[lane] = true
	}
}

func (w *watcher) message(m world.Message) {
	if at, known := w.messages[m.Number]; known {
		w.timeline.Messages[at].Lost = true
		w.timeline.Messages[at].Arrives = m.Arrives
		return
	}
	w.messages[m.Number] = len(w.timeline.Messages)
	w.timeline.Messages = append(w.timeline.Messages, m)
	w.actors[m.From], w.actors[m.To] = true, true
}

func (w *watcher) record(r *checker.Record) {
	switch r.Kind {
	case checker.StoreChanged:
		w.status(r)
	case checker.JournalExecuted:
		w.journal(r)
	case checker.SessionStarted:
		review := w.review(r.Key.Review, r.Owner)
		review.Sessions = append(review.Sessions, Span{Lane: Agent, From: r.At, Open: true, Attempt: r.Key.Attempt, Text: string(r.Session)})
	case checker.SessionEnded:
		w.sessionEnds(r)
	case checker.EventDelivered:
		w.timeline.Messages = append(w.timeline.Messages, world.Message{
			Number: 1<<63 + uint64(len(w.timeline.Messages)), // beside those of the world
			Sent:   r.At, Arrives: r.At, From: Agent, To: r.Actor, Name: fmt.Sprintf("event %d", r.Seq), Key: r.Key,
		})
	case checker.ProcessCrashed, checker.ShutdownEnded:
		w.outage(r, "down")
	case checker.ProcessPaused:
		w.outage(r, "paused")
	case checker.ProcessStarted, checker.ProcessResumed:
		w.up(r.Actor, r.At)
	case checker.PhaseBegan:
		w.phase(r)
	default:
	}
}

func (w *watcher) review(id engine.ReviewID, owner engine.OwnerID) *Review {
	for i := range w.timeline.Reviews {
		if review := &w.timeline.Reviews[i]; review.ID == id {
			if review.Owner == "" {
				review.Owner = owner
			}
			return review
		}
	}
	w.timeline.Reviews = append(w.timeline.Reviews, Review{ID: id, Owner: owner})
	return &w.timeline.Reviews[len(w.timeline.Reviews)-1]
}

func (w *watcher) status(r *checker.Record) {
	review := w.review(r.Key.Review, r.Owner)
	next := Span{Lane: string(r.Key.Review), From: r.At, Open: true, Attempt: r.After.Attempt, Number: int64(r.After.Claim), Text: r.After.Status.String()}
	review.Statuses = follow(review.Statuses, next)
}

// follow ends the last span, if it lasts, and begins the next, unless it is the same.
func follow(spans []Span, next Span) []Span {
	if n := len(spans); n > 0 && spans[n-1].Open {
		last := &spans[n-1]
		if last.Text == next.Text && last.Attempt == next.Attempt && last.Number == next.Number {
			return spans
		}
		last.Open, last.To = false, next.From
	}
	return append(spans, next)
}

// journal notes who holds what.
func (w *watcher) journal(r *checker.Record) {
	if r.JournalResult.Failed {
		return
	}
	if r.JournalOp.Kind == model.JournalHold {
		for i := range r.JournalResult.Orchestrations {
			w.lease(&r.JournalResult.Orchestrations[i], r.At)
		}
		return
	}
	if r.Row != nil {
		w.lease(r.Row, r.At)
	}
}

func (w *watcher) lease(o *engine.Orchestration, at time.Duration) {
	review := w.review(o.Key.Review, o.Owner)
	if !o.Unfinished() || o.Holder == "" {
		if n := len(review.Leases); n > 0 && review.Leases[n-1].Open && review.Leases[n-1].Attempt == o.Key.Attempt {
			review.Leases[n-1].Open, review.Leases[n-1].To = false, at
		}
		return
	}
	host, _, _ := strings.Cut(string(o.Holder), ".")
	review.Leases = follow(review.Leases, Span{
		Lane: host, From: at, Open: true, Attempt: o.Key.Attempt, Number: int64(o.Epoch), Text: string(o.Holder),
	})
}

func (w *watcher) sessionEnds(r *checker.Record) {
	review := w.review(r.Key.Review, r.Owner)
	for i := range review.Sessions {
		if s := &review.Sessions[i]; s.Open && s.Text == string(r.Session) {
			s.Open, s.To = false, r.At
			s.Text += ", " + r.Status.String()
		}
	}
}

func (w *watcher) outage(r *checker.Record, what string) {
	w.up(r.Actor, r.At)
	w.timeline.Outages = append(w.timeline.Outages, Span{Lane: r.Actor, From: r.At, Open: true, Text: what})
	w.outages[r.Actor] = len(w.timeline.Outages)
}

func (w *watcher) up(process string, at time.Duration) {
	if i := w.outages[process]; i > 0 {
		w.timeline.Outages[i-1].Open, w.timeline.Outages[i-1].To = false, at
		w.outages[process] = 0
	}
	w.actors[process] = true
}

func (w *watcher) phase(r *checker.Record) {
	w.timeline.Phases = follow(w.timeline.Phases, Span{From: r.At, Open: true, Text: r.Phase.String()})
}

// close ends at the end of the run what still lasts.
func (w *watcher) close() {
	t := w.timeline
	end := func(spans []Span) {
		for i := range spans {
			if spans[i].Open {
				spans[i].To = t.End
			}
		}
	}
	end(t.Outages)
	end(t.Phases)
	for i := range t.Reviews {
		end(t.Reviews[i].Statuses)
		end(t.Reviews[i].Leases)
		end(t.Reviews[i].Sessions)
	}
}
