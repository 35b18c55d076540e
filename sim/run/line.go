package run

import (
	"time"

	"github.com/onceover/onceover/sim/kernel"
)

// A Line is one entry of a readable trace. Text is for people. Every other field is a fact, and decides whether and how
// the line is shown. A world may set Actor and Text only.
type Line struct {
	At    time.Duration // virtual time since the start of the run
	Step  uint64        // position in the run, from 1
	Actor string        // process, service or client that the line reports on
	Text  string

	// Subject is the subject of the line, such as "R3". Part is the part of the subject, such as "R3/1", and Group the
	// group of the subject, such as an owner. Cause is another subject, if an operation on it caused this. All may be
	// empty.
	Subject, Part, Group, Cause string
	// Event identifies what happened, without numbers. Lines with the same Actor, Part and Event repeat each other, and
	// a story shows them once with a count. A line without an Event repeats no other.
	Event  string
	Class  Class
	Weight Weight
	// Lane is the actor of the lane in which a picture draws the line. Empty stands for Actor, and NoLane for no lane.
	Lane string

	// Fault is the kind of fault that was injected here, and Decision the decision that injected it: overriding it with
	// 0 removes the fault. A line with a Decision and no Fault reports another misfortune, such as a restart.
	Fault    string
	Decision kernel.Key
	// Effect is true if the line shows the effect of the fault of the line before, of the same actor at the same step.
	Effect bool
}

// NoLane is the [Line].Lane of lines that a picture does not draw.
const NoLane = "-"

// Misfortune reports whether the line is about a fault, or another misfortune that was injected.
func (l *Line) Misfortune() bool { return l.Fault != "" || l.Decision != (kernel.Key{}) }

// DrawnIn returns the actor of the lane in which the line is drawn, or "" for none.
func (l *Line) DrawnIn() string {
	switch l.Lane {
	case "":
		return l.Actor
	case NoLane:
		return ""
	}
	return l.Lane
}

// A Class is the kind of a line.
type Class uint8

const (
	// Plain is the class of all other lines.
	Plain Class = iota
	// Mutation lines report a lasting change, such as one of a row.
	Mutation
	// Life lines report that a process has started, stopped, crashed, paused or resumed.
	Life
	// Phase lines report that the run has entered another phase.
	Phase
)

// A Weight is the importance of a line in the story of a failure, the most important first. A story always shows the
// lines with the first weight.
type Weight uint8

const (
	// Turning lines report a change. It is the zero value, so a story shows all lines of a world without weights.
	Turning Weight = iota
	// Acting lines report a decision, or an answer with an unknown outcome.
	Acting
	// Carrying lines report a call, or its successful answer.
	Carrying
	// Looking lines report a read, or the beginning of something with an effect that has its own line.
	Looking
	// Nothing is the weight of lines that stories leave out.
	Nothing
)

// A Message is sent from one party to another: a call, its answer, or an event. [Spec].OnMessage receives it when it is
// sent, and again, with Lost set, when it is lost.
type Message struct {
	Number   uint64        // in the run, from 1; 0 for a message that no call asked for, such as an event
	Of       uint64        // of an answer: the number of the call
	Step     uint64        // at which it was sent
	Sent     time.Duration // virtual time
	Arrives  time.Duration // virtual time, unless it is lost
	From, To string        // parties
	Name     string        // of the call, such as worker.start
	// Route is the group of messages that a picture draws alike, such as "dispatch"; see [Vocabulary].Routes.
	Route         string
	Subject, Part string // as in [Line]; may be empty
	Answer        bool   // to a call
	Copy          bool   // delivered a second time
	Lost          bool
}

// A State is the value of a track from the time At until its next State. A picture draws it as a bar.
type State struct {
	At time.Duration // virtual time
	// Track is the row of the picture: one of [Vocabulary].Tracks for a subject, [TrackLife] for an actor (Lane), or
	// [TrackPhase] for the whole run.
	Track          string
	Subject, Group string
	// ID distinguishes states of one track that may last at the same time. It is empty where one follows the other.
	ID string
	// Lane is the actor of the state; may be empty.
	Lane string
	// Part is the part of the subject, such as an attempt. A State that ends another part than the current one changes
	// nothing.
	Part string
	// Label is the value in a word or two. An empty Label ends the current state. A State with the Part and Label of
	// the current one changes nothing.
	Label string
	// Text describes the state in a sentence, and Style is the name of its colour. The Text of a State that ends
	// another is its outcome in a word or two, such as "completed".
	Text, Style string
}

const (
	// TrackLife is the track of an actor. Its labels are "down", "paused", and "" for up.
	TrackLife = "life"
	// TrackPhase is the track of the run's phases.
	TrackPhase = "phase"
)
