package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// A Spec decides one run completely: the same Spec gives the same Outcome, trace
// hash included, in any process on any machine.
type Spec struct {
	Seed      uint64
	Profile   faults.Profile
	Overrides []kernel.Override // decisions that differ from what the seed says
	// Tape, when not nil, is asked for each decision that is not overridden, and leaves
	// it to the seed by answering false. What it answers is part of the run, so the
	// same run takes a tape that answers the same.
	Tape func(key kernel.Key) (value uint64, ok bool)
	// Properties are the identifiers of those that are watched; empty for all. A panic
	// always counts. A run that watches fewer is the same run, but may go on for longer:
	// it ends at its first violation. Of [checker.Select].
	Properties []string
	// Branch, when it names a step, gives the run another future from there on.
	Branch Branch
	// Trace receives the run step by step, as a person would tell it. Nil runs
	// faster; the hash is the same.
	Trace func(Line)
	// OnDecision, when not nil, is told of every decision with its final value.
	OnDecision func(key kernel.Key, value uint64)
	// OnRecord and OnMessage, when not nil, receive what the checker sees, with the step at which it does, and
	// whatever is sent between two parties. The record is valid during the call.
	OnRecord  func(step uint64, record *checker.Record)
	OnMessage func(Message)
}

// A Branch is another future of a run: up to a step the run is as the rest of its Spec says, overrides included; then
// everything is decided by another seed, and no override applies any more. What was decided before and is still to
// come, such as who submits when, or a message on its way, stays.
type Branch struct {
	After uint64 // the last step that stays; 0: no branch
	Seed  uint64
	// Calm lets the storm end there: no fault begins any more and all processes come up.
	Calm bool
}

// A Line is one entry of a readable trace.
type Line struct {
	At    time.Duration // virtual time since the start of the run
	Step  uint64        // position in the run, from 1
	Actor string        // process, agent, database or client
	Text  string
	Fault bool // an injected misfortune, or what it did

	// What the line is about, for those that choose among lines. Kind is that of the
	// record that it tells; 0 for a remark of the world's.
	Kind checker.Kind
	// Key is the attempt that it concerns, empty when none. Cause, when not empty, is
	// another one whose operation did it: a newer head that supersedes an older.
	Key, Cause engine.AttemptKey
	Owner      engine.OwnerID // of Key, or the one that a cycle is about; may be empty
	Number     int64          // as in the record; the events of a session that starts
	// Decision made the misfortune happen: a fault, a deployment, or that a process does
	// not come back. Overriding it with 0 undoes that.
	Decision kernel.Key
}

// An Outcome is what one run came to.
type Outcome struct {
	Seed      uint64
	Verdict   checker.Verdict
	Violation *checker.Violation // of a Violated run
	Unknown   string             // of an Unknown run: which check gave up, and why
	Hash      uint64             // trace hash: over every step and every decision that mattered
	Steps     uint64             // events that the kernel carried out
	// Operations counts store and journal operations and remote calls carried out.
	Operations uint64
	Virtual    time.Duration // virtual time simulated
	Faults     faults.Counts // that struck
	Goals      checker.GoalCounts
	Overrides  int // how many of the Spec's overrides met a decision
}
