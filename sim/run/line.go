package run

import (
	"time"

	"github.com/onceover/onceover/sim/kernel"
)

// A Line is one entry of a readable trace. Text is for people; every other field is a fact, and decides whether and how
// the line is shown. A world may fill in Actor and Text alone.
type Line struct {
	At    time.Duration // virtual time since the start of the run
	Step  uint64        // position in the run, from 1
	Actor string        // who did it: a process, a service, a client
	Text  string

	// Subject is what the line is about, such as "R3"; Part the part of it, such as "R3/1"; Group what it belongs to,
	// such as its owner. All may be empty. Cause is another subject whose operation did it.
	Subject, Part, Group, Cause string
	// Event identifies what happened, without numbers: lines with the same Actor, Part and Event repeat each other,
	// and a story shows them once with a count. Lines without an Event are never folded.
	Event  string
	Class  Class
	Weight Weight
	// Lane is the actor in whose lane a picture draws the line; empty for Actor's own. NoLane: it is not drawn.
	Lane string

	// Fault is the kind of fault that was injected here, Decision the decision that made it happen: overriding that
	// with 0 takes the fault away. A line with a Decision and no Fault is a misfortune of another kind, such as a
	// restart.
	Fault    string
	Decision kernel.Key
	// Effect: this is what the fault of the line before, of the same actor at the same step, did.
	Effect bool
}

// NoLane is the [Line].Lane of what concerns nobody in particular.
const NoLane = "-"

// Misfortune reports whether the line is about something that was injected.
func (l *Line) Misfortune() bool { return l.Fault != "" || l.Decision != (kernel.Key{}) }

// DrawnIn returns the actor in whose lane the line is drawn; empty for none.
func (l *Line) DrawnIn() string {
	switch l.Lane {
	case "":
		return l.Actor
	case NoLane:
		return ""
	}
	return l.Lane
}

// A Class says what kind of thing a line reports.
type Class uint8

const (
	// Plain is anything that happens.
	Plain Class = iota
	// Mutation: something is different now that lasts, such as a row.
	Mutation
	// Life: a process started, stopped, crashed, was paused or goes on.
	Life
	// Phase: the run entered another phase.
	Phase
)

// A Weight says how much a line adds to the story of a failure. The heaviest are always shown.
type Weight uint8

const (
	// Turning is something that is different now. It is the zero value, so that a world that gives no weights has all
	// its lines shown.
	Turning Weight = iota
	// Acting is a decision, or an answer that leaves the caller in doubt.
	Acting
	// Carrying is a call, or its good answer.
	Carrying
	// Looking is a read, or the beginning of what will show by its effect.
	Looking
	// Nothing is left out of stories.
	Nothing
)

// A Message is something sent from one party to another: a call or its answer. [Spec].OnMessage receives it when it is
// sent, and again, with Lost, when it gets lost on its way.
type Message struct {
	Number   uint64 // of the run, from 1; 0 for what is delivered without having been asked for, such as an event
	Of       uint64 // of an answer, the number of the call
	Step     uint64 // at which it was sent
	Sent     time.Duration
	Arrives  time.Duration // unless it gets lost
	From, To string        // parties
	Name     string        // of the call, such as worker.start
	// Route groups messages that a picture draws alike, such as "dispatch"; see [Vocabulary].Routes.
	Route         string
	Subject, Part string // what it is about; may be empty
	Answer        bool   // to a call
	Copy          bool   // delivered a second time
	Lost          bool
}

// A State is what a picture draws as a bar: from At on, a track has a value, until its next State.
type State struct {
	At time.Duration
	// Track is the row of the picture: one of [Vocabulary].Tracks for a subject, [TrackLife] for an actor (Lane), or
	// [TrackPhase] for the whole run.
	Track          string
	Subject, Group string
	// ID tells states of one track apart that may last at the same time; empty where one follows the other.
	ID string
	// Lane is the actor that the state is about; may be empty.
	Lane string
	// Part is the part of the subject, such as an attempt. Ending a state of another part than the current one changes
	// nothing.
	Part string
	// Label is the state in a word or two; empty ends the one that lasts. A state with the same Part and Label as the
	// one that lasts changes nothing.
	Label string
	// Text describes it in a sentence; Style is the name of its colour. The Text of a state that ends another says in a
	// word or two how it ended, such as "completed".
	Text, Style string
}

const (
	// TrackLife is the track of an actor: "down" and "paused" are its labels, and empty means that it is up.
	TrackLife = "life"
	// TrackPhase is the track of the run's phases.
	TrackPhase = "phase"
)
