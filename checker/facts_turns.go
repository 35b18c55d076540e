package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

// turnFacts are about an owner as the sweeps of one life of a process see it.
type turnFacts struct {
	by      lifeEntry
	touched int           // of the owner, at the latest sweep
	sweeps  int           // in a row at which the owner could be helped and nothing had been done about it
	since   time.Duration // the first of them
}

// turn returns the facts of a process, or nil.
func (o *ownerFacts) turn(by lifeEntry) *turnFacts {
	if i := slices.IndexFunc(o.turns, func(t turnFacts) bool { return t.by == by }); i >= 0 {
		return &o.turns[i]
	}
	return nil
}

// turnTaken takes a sweep in the quiet phase.
func (f *facts) turnTaken(r *Record) {
	if f.phase != PhaseQuiet {
		return
	}
	for _, o := range f.owners {
		t := o.turn(sender(r))
		if t == nil {
			t = o.addTurn(turnFacts{by: sender(r)})
		}
		if t.touched != o.touched || t.sweeps == 0 {
			t.sweeps, t.since = 0, r.At
		}
		t.touched = o.touched
		if t.sweeps++; !f.canBeHelped(o, &r.Op.Search) || f.process(r.Actor).mayAskNoWorker(r.At, f.config.App.BackoffMax) {
			t.sweeps = 0
		}
	}
}

// canBeHelped reports whether a cycle of the owner would find something that nobody is preparing: a stale claim, or a
// due pending review for which there is a slot.
func (f *facts) canBeHelped(o *ownerFacts, search *engine.Search) bool {
	for _, v := range f.reviews {
		if v.hasRow && v.row.Owner == o.id && f.preparations.of(v.id) {
			return false
		}
	}
	return f.hasWork(o.id, search)
}

// hasWork is canBeHelped, no matter what is being prepared.
func (f *facts) hasWork(owner engine.OwnerID, search *engine.Search) bool {
	held, stale, waits := 0, false, false
	for _, v := range f.reviews {
		row := &v.row
		if !v.hasRow || row.Owner != owner {
			continue
		}
		if holdsSlot(row) {
			held++
		}
		if candidate(row, search.Now) {
			stale = stale || row.Status == engine.Queued
			waits = waits || row.Status == engine.Pending
		}
	}
	return stale || waits && held < slotsOf(search, owner)
}

// slotsOf returns how many slots a sweep takes an owner to have.
func slotsOf(search *engine.Search, owner engine.OwnerID) int {
	if limit, own := search.OwnerLimits[owner]; own {
		return limit
	}
	return search.Limit
}
