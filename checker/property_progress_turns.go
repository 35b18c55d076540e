package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
)

var _ = progressProperties.add(Property{
	ID:    "helped-in-turn",
	Class: Outcome,
	Sentence: "In the quiet phase, an owner with a stale claim, or with a due review and a free slot, waits for at most as many sweeps of a replica " +
		"as there are owners, divided by the batch of a sweep; no sweep leaves it out for one that can't be helped.",
	Source:         "3.3: the sweep",
	NotMistakenFor: "An owner whose slots are all taken: no sweep can help it.",
	watches:        []watching{on(checkHelpedInTurn, StoreExecuted).store(model.ReviewsSweep), on(checkFullPassedOver, StoreExecuted).store(model.ReviewsSweep)},
})

const (
	causeOwnerWaitsForSweeps Cause = "an-owner-waits-for-its-turn"
	causeFullOwnerTookATurn  Cause = "a-full-owner-took-a-turn"
)

// checkFullPassedOver: an owner that can be helped waits for no other that can't.
func checkFullPassedOver(f *facts, r *Record) *Violation {
	if r.Result.Failed {
		return nil
	}
	search, found := &r.Op.Search, r.Result.Work.Owners
	for _, full := range found {
		if f.hasWork(full, search) {
			continue
		}
		for _, o := range f.owners {
			if !slices.Contains(found, o.id) && f.hasWork(o.id, search) {
				v := violated(r, causeFullOwnerTookATurn, "Owner %s was left out: at %s a sweep of replica %s returned owner %s instead, about which there is nothing to be done",
					o.id, moment(r.At), r.Actor, full)
				v.Involve(o.id, full)
				return v
			}
		}
	}
	return nil
}

// turnGrace is the time from a sweep until something is done about an owner.
const turnGrace = 30 * time.Second

func checkHelpedInTurn(f *facts, r *Record) *Violation {
	if f.phase != PhaseQuiet || r.Result.Failed {
		return nil
	}
	if f.process(r.Actor).mayAskNoWorker(r.At, f.config.App.BackoffMax) {
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
		v := violated(r, causeOwnerWaitsForSweeps, "Owner %s waits in vain for its turn: it could be helped since %s, replica %s has swept %s by %s, at most %s of %d each time, and did nothing about it",
			o.id, moment(t.since), r.Actor, count(t.sweeps, "time"), moment(r.At), count(search.Max, "owner"), len(f.owners))
		v.Involve(o.id)
		return v
	}
	return nil
}
