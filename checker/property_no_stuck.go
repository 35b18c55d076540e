package checker

import (
	"fmt"
	"strings"

	"github.com/onceover/onceover/engine"
)

var noStuck = Property{
	ID:       "no-stuck",
	Class:    Outcome,
	Sentence: "Once faults have stopped, every review gets over: terminal, no session left, no slot held, no callback owed.",
	Source:   "seed.txt (stuck in queued); design.md 7",
	ending:   checkNoStuck,
}

func checkNoStuck(l *ledger, r *Record) *Violation {
	for _, v := range l.reviews {
		if v.hasRow && (!v.row.Status.Terminal() || v.row.Stopping != 0) {
			return l.stuck(r, v, v.row.Attempt, "review "+stuckStatus(&v.row))
		}
		for _, a := range v.attempts {
			switch {
			case a.live:
				return l.stuck(r, v, a.key.Attempt, "session still running")
			case a.hasRow && a.row.Phase != engine.PhaseOver:
				return l.stuck(r, v, a.key.Attempt, "orchestration unfinished")
			case a.hasRow && a.row.Owed:
				return l.stuck(r, v, a.key.Attempt, "callback still owed")
			}
		}
	}
	return nil
}

func stuckStatus(row *engine.Review) string {
	if row.Status.Terminal() {
		return "never known to have stopped"
	}
	return "stuck " + row.Status.String()
}

// stuck says where a review stands and what would have to move it.
func (l *ledger) stuck(r *Record, v *reviewEntry, attempt int, cause string) *Violation {
	var b strings.Builder
	fmt.Fprintf(&b, "review %s", v.id)
	if v.hasRow {
		row := &v.row
		fmt.Fprintf(&b, " of owner %s is %s at attempt %d", row.Owner, row.Status, row.Attempt)
		if row.Stopping != 0 {
			fmt.Fprintf(&b, ", stopping attempt %d", row.Stopping)
		}
		fmt.Fprintf(&b, ", due %s ago", r.At-row.DueAt.Sub(l.config.Start))
		if n := len(v.claims); n != 0 {
			c := &v.claims[n-1]
			fmt.Fprintf(&b, "; claim %d of %s (%s) is %s old", c.token, c.actor, l.fate(c.actor, c.life), r.At-c.at)
		}
		if row.Status == engine.Pending {
			fmt.Fprintf(&b, "; slots of its owner held by %s", l.slotHolders(row.Owner))
		}
	} else {
		b.WriteString(" is unknown to the app")
	}
	if a := v.known(attempt); a != nil {
		if a.hasRow {
			fmt.Fprintf(&b, "; the worker's journal has attempt %d %s", attempt, describeRow(&a.row))
			if a.row.Unfinished() && a.holder != "" {
				fmt.Fprintf(&b, ", lease given to %s (%s)", a.holder, l.fate(a.holder, a.holderLife))
			}
		} else {
			fmt.Fprintf(&b, "; the worker has never heard of attempt %d", attempt)
		}
		b.WriteString("; " + a.describeSession())
	}
	return &Violation{
		At: r.At, Key: engine.AttemptKey{Review: v.id, Attempt: attempt},
		Cause: cause, Message: b.String(),
	}
}

// fate says whether a life of a process goes on.
func (l *ledger) fate(name string, life int) string {
	for _, p := range l.processes {
		if p.name != name {
			continue
		}
		switch {
		case p.life > life:
			return "restarted since"
		case p.crashed:
			return "crashed"
		case p.paused:
			return "paused"
		}
	}
	return "alive"
}

func (l *ledger) slotHolders(owner engine.OwnerID) string {
	var holders []string
	for _, v := range l.reviews {
		if v.hasRow && v.row.Owner == owner && holdsSlot(&v.row) {
			holders = append(holders, string(v.id))
		}
	}
	if holders == nil {
		return "nobody"
	}
	return strings.Join(holders, ", ")
}

// describeRow gives an orchestration in a few words.
func describeRow(o *engine.Orchestration) string {
	var b strings.Builder
	switch o.Phase {
	case engine.PhaseAccepted:
		b.WriteString("accepted")
	case engine.PhaseIntended:
		b.WriteString("intended")
	case engine.PhaseStopping:
		fmt.Fprintf(&b, "stopping as %s", o.Outcome.Status)
	case engine.PhaseOver:
		fmt.Fprintf(&b, "over as %s", o.Outcome.Status)
	default:
		fmt.Fprintf(&b, "in phase %d", o.Phase)
	}
	if o.Cancel {
		b.WriteString(", to be cancelled")
	}
	if o.Owed {
		b.WriteString(", callback owed")
	}
	fmt.Fprintf(&b, ", %d events, epoch %d", o.Events, o.Epoch)
	return b.String()
}
