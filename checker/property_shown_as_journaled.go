package checker

import (
	"slices"

	"github.com/onceover/onceover/engine"
)

var shownAsJournaled = Property{
	ID:       "shown-as-journaled",
	Class:    Outcome,
	Sentence: "A page of events that a client is shown is the attempt's journaled events from where it asked on, without a gap, at most as many as asked.",
	Source:   "design.md 3.4: only journaled events are shown",
	watches:  []watching{on(checkShownAsJournaled, ClientAnswered)},
}

func checkShownAsJournaled(l *ledger, r *Record) *Violation {
	a := l.attempt
	if r.Text != "events" || a == nil || len(r.Script) == 0 {
		return nil
	}
	first := r.Script[0].Seq
	last := r.Script[len(r.Script)-1].Seq
	switch {
	case len(r.Script) > r.Max:
		return violated(r, "shown more than was asked for", "%s asked for %d events of review %s, attempt %d and was shown %d",
			r.Actor, r.Max, r.Key.Review, r.Key.Attempt, len(r.Script))
	case first != r.From+1 || last != first+int64(len(r.Script))-1:
		return violated(r, "shown events with a gap", "%s asked for events of review %s, attempt %d after %d and was shown %d, from %d to %d",
			r.Actor, r.Key.Review, r.Key.Attempt, r.From, len(r.Script), first, last)
	case last > a.row.Events || last > int64(len(a.script)) || !slices.Equal(r.Script, a.script[first-1:last]):
		return violated(r, "shown what is not journaled", "%s was shown events %d to %d of review %s, attempt %d, which are not those of the journal: it has %d",
			r.Actor, first, last, r.Key.Review, r.Key.Attempt, a.row.Events)
	}
	return nil
}

var attemptsRemembered = Property{
	ID:       "attempts-remembered",
	Class:    Outcome,
	Sentence: "A client that asks for a review's attempts is told all that had ended when it asked, in order, each as it ended.",
	Source:   "design.md 3.1",
	watches:  []watching{on(checkAttemptsRemembered, ClientAnswered)},
}

func checkAttemptsRemembered(l *ledger, r *Record) *Violation {
	v := l.review
	if r.Text != "attempts" {
		return nil
	}
	for i, told := range r.Attempts {
		a := v.known(i + 1)
		if a == nil || a.final.Status == 0 || told.Number != i+1 || told.Status != a.final.Status || told.Reason != a.final.Reason ||
			!told.EndedAt.Equal(a.final.EndedAt) {
			return violated(r, "an attempt was told wrongly", "%s was told that attempt %d of review %s is %d, %s (%s), over since %s",
				r.Actor, i+1, r.Key.Review, told.Number, told.Status, told.Reason, told.EndedAt)
		}
	}
	if a := v.known(len(r.Attempts) + 1); a != nil && a.final.Status != 0 && a.finalAt < r.Since {
		return violated(r, "an ended attempt was left out", "%s was told of %d attempts of review %s, when attempt %d had been %s",
			r.Actor, len(r.Attempts), r.Key.Review, a.key.Attempt, a.final.Status)
	}
	return nil
}

// concludes notes how an attempt ended for its user.
func (l *ledger) concludes(r *Record) {
	before, after := r.Before, r.After
	ended := engine.Attempt{Number: after.Attempt, Status: after.Status, Reason: after.Reason, EndedAt: r.Op.Now}
	switch {
	case before != nil && before.Status.Terminal():
		return
	case before != nil && after.Attempt > before.Attempt: // it is being tried again
		ended = engine.Attempt{Number: before.Attempt, Status: r.Op.Report.Status, Reason: r.Op.Report.Reason, EndedAt: r.Op.Now}
	case !after.Status.Terminal():
		return
	}
	if a := l.review.open(ended.Number); a != nil {
		a.final, a.finalAt = ended, r.At
	}
}
