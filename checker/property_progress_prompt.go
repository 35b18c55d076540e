package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A wake-up is a hint, and what loses one is found by the sweep or by a renewal: that is the guarantee. So a program whose
// wake-ups never arrive does everything right, a minute late. Where nothing is wrong, there is no reason to wait.
//
// What waits is looked at when a sweep or a renewal is about to find it. How long it may have waited follows from the
// limits of the calls that lie between: nothing else takes time. One call without an answer, or a process that comes or
// goes, excuses what had begun by then.
var _ = progressProperties.add(Property{
	ID:             "nothing-late",
	Class:          Outcome,
	Sentence:       "Where no fault has happened, what is to happen happens as soon as calls allow, and not when a sweep or a renewal finds it: a review that has a slot is prepared, a cancel reaches the worker and its host, a session shows as running, an outcome is reported.",
	Source:         "3: wake-ups are hints; 3.3: cycles run on submit and on every terminal status",
	NotMistakenFor: "A review that waits for a slot or for the pause before its retry, a cancel that another host took, the callback of an abandoned attempt, whose user knows already, and whatever was under way when a process began or ended.",
	watches: []watching{
		on(checkPreparedAtOnce, StoreExecuted).store(model.ReviewsSweep),
		on(checkHeldAtOnce, holdExecuted),
	},
})

const (
	causePreparedLate  Cause = "nobody-prepared-it"
	causeCancelledLate Cause = "the-worker-was-not-asked"
	causeShownLate     Cause = "nobody-showed-it-as-running"
	causeStoppedLate   Cause = "nobody-interrupted-it"
	causeReportedLate  Cause = "nobody-reported-it"
)

// checkPreparedAtOnce looks at the reviews that a sweep would find.
func checkPreparedAtOnce(f *facts, r *Record) *Violation {
	if r.Result.Failed || f.faults > 0 {
		return nil
	}
	config := &f.config
	learn := 2 * config.App.StoreTimeout // the answer to the write that it follows from, and one call of the store more
	for _, v := range f.reviews {
		row, a := &v.row, v.known(v.row.Attempt)
		switch {
		case !v.hasRow || a == nil || config.foreign(row.Owner):
		case row.Stopping != 0:
			since := v.changedAt
			s := v.known(row.Stopping)
			told := s != nil && s.hasRow && (s.row.Cancel || s.over())
			if waited := f.late(r, since, config.App.StoreTimeout+config.App.DispatchTimeout); waited > 0 && !told {
				return f.lateAbout(r, row.Key(), causeCancelledLate, waited, "has had attempt %d to stop", row.Stopping)
			}
		case row.Status == engine.Pending && f.fits(row):
			due, freed := row.DueAt.Sub(config.Start), f.owner(row.Owner).changedAt
			since := max(due, freed)
			if due > freed && v.changedAt <= f.disturbedAt {
				continue // who was going to wake somebody then may be gone
			}
			if waited := f.late(r, since, learn); waited > 0 && a.preparing < since {
				return f.lateAbout(r, row.Key(), causePreparedLate, waited, "was due and had a slot")
			}
		case row.Status == engine.Queued && a.live:
			within := config.Worker.AgentTimeout + config.Worker.CallbackTimeout + config.App.StoreTimeout
			if waited := f.late(r, a.executing, within); waited > 0 {
				return f.lateAbout(r, row.Key(), causeShownLate, waited, "was queued for its user although session %s ran", a.session)
			}
		}
	}
	return nil
}

// fits reports whether there are slots for a pending review and for all older ones that wait.
func (f *facts) fits(row *engine.Review) bool {
	before := 0
	for _, other := range f.reviews {
		o := &other.row
		if !other.hasRow || o.Owner != row.Owner || o.Review == row.Review {
			continue
		}
		if holdsSlot(o) || o.Status == engine.Pending && olderThan(o, row) {
			before++
		}
	}
	return before < f.config.leastLimit(row.Owner)
}

// checkHeldAtOnce looks at the attempts that a renewal would show to its host.
func checkHeldAtOnce(f *facts, r *Record) *Violation {
	if r.JournalResult.Failed || f.faults > 0 {
		return nil
	}
	config := &f.config.Worker
	for _, v := range f.reviews {
		for _, a := range v.attempts {
			if !a.hasRow || a.row.Holder == "" || a.holder != r.Actor || a.holderLife != r.Life {
				continue
			}
			switch {
			case a.over() && a.row.CallbackPending:
				if a.forced {
					continue // it was taken from its holder, and its user knows already
				}
				if waited := f.late(r, a.journaledAt, config.JournalTimeout); waited > 0 && a.reporting < a.journaledAt {
					return f.lateAbout(r, a.key, causeReportedLate, waited, "was over and nobody reported it")
				}
			case a.row.Cancel && a.live && a.cancelledBy == sender(r) && a.cancelledIn == a.row.Epoch:
				h := a.find(r.Actor, r.Life)
				if waited := f.late(r, a.toCancel, config.JournalTimeout); waited > 0 && h != nil && !h.interrupts {
					return f.lateAbout(r, a.key, causeStoppedLate, waited, "was to be cancelled and session %s ran on", a.session)
				}
			}
		}
	}
	return nil
}

// late returns how much longer than allowed something has waited; 0 if it has not, or if something excuses it.
func (f *facts) late(r *Record, since, within time.Duration) time.Duration {
	if since <= f.disturbedAt || f.leaving > 0 {
		return 0
	}
	return max(r.At-since-within, 0)
}

func (f *facts) lateAbout(r *Record, key engine.AttemptKey, cause Cause, waited time.Duration, what string, args ...any) *Violation {
	args = append(append([]any{key}, args...), waited, moment(r.At), r.Actor)
	return violatedAbout(r, key, cause, "%s was late: it "+what+", and for %s longer than calls take nothing happened, until at %s a regular look of %s could find it", args...)
}
