package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

var _ = progressProperties.add(Property{
	ID:    "helped-in-turn",
	Class: Outcome,
	Sentence: "In the quiet phase, an owner with a stale claim, or with a due review and a free slot, waits for at most as many sweeps of a replica " +
		"as there are owners, divided by the batch of a sweep.",
	Source:         "3.3: the sweep",
	NotMistakenFor: "An owner whose slots are all taken: no sweep can help it.",
	watches:        []watching{on(checkHelpedInTurn, StoreExecuted)},
})

const causeOwnerWaitsForSweeps Cause = "an-owner-waits-for-its-turn"

// turnGrace is the time from a sweep until something is done about an owner.
const turnGrace = 30 * time.Second

func checkHelpedInTurn(f *facts, r *Record) *Violation {
	if f.phase != PhaseQuiet || r.Op.Kind != model.ReviewsSweep || r.Result.Failed {
		return nil
	}
	if f.process(r.Actor).throttle.workers.now {
		return nil // the workers have asked it to make no call, and it claims nothing
	}
	search := &r.Op.Search
	batch := max(search.Max, 1)
	most := (len(f.owners) + batch - 1) / batch
	for _, o := range f.owners {
		t := o.turn(sender(r))
		if t == nil || t.sweeps < most || t.touched != o.touched || r.At-t.since <= turnGrace || !f.canBeHelped(o, search) {
			continue
		}
		v := violated(r, causeOwnerWaitsForSweeps, "%s has swept %d times, %d owners at a time, since owner %s, one of %d, could be helped, and nothing was done about it",
			r.Actor, t.sweeps, search.Max, o.id, len(f.owners))
		v.Involve(o.id)
		return v
	}
	return nil
}
