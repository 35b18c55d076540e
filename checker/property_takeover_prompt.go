package checker

import "time"

// That everything comes to its end is the business of no-stuck, which has to allow for
// sessions that hang, retries and whatever else takes long. Who takes over, and when,
// depends on nothing but leases: a watcher sees the beat of the dead host with its next
// renewal, waits for as long as a lease holds, and looks again; what nobody holds it
// takes with its next look. A look takes up no more than is configured, and may take
// as long as a call. Watchers that were slow, run an older configuration or shut down
// may take longer, and are not counted on.
var takeoverPrompt = Property{
	ID:       "takeover-prompt",
	Class:    Protocol,
	Sentence: "In the quiet phase what is unfinished and has no living holder is taken over as soon as a lease has run out, whatever clocks show.",
	Source:   "design.md 3.4: leases",
	watches:  []watching{on(checkTakeoverPrompt, holdExecuted)},
}

func checkTakeoverPrompt(l *ledger, r *Record) *Violation {
	if l.phase != "quiet" || r.JournalResult.Failed {
		return nil
	}
	p, config := l.process(r.Actor), &l.config.Worker
	if p.slow || p.life != r.Life || p.life <= p.old || p.shutdown.asked {
		return nil
	}
	watching := max(l.phaseBegan, p.started, p.resumed)
	look := config.RenewEvery + config.JournalTimeout
	// Whatever the number of orphans, it takes more than this.
	if r.At-watching <= config.LeaseFor+3*look {
		return nil
	}
	oldest, since, others := l.oldestOrphan(watching)
	if oldest == nil {
		return nil
	}
	allowed := config.LeaseFor + 3*look
	for range others / config.TakeoverBatch {
		allowed += look
	}
	if waited := r.At - since; waited > allowed {
		return &Violation{
			At: r.At, Key: oldest.key, Cause: "nobody took over",
			Message: violated(r, "", "review %s, attempt %d is %s, has had no living holder for %s, and %s looks at it every %s",
				oldest.key.Review, oldest.key.Attempt, describeRow(&oldest.row), waited, r.Actor, config.RenewEvery).Message,
		}
	}
	return nil
}

// oldestOrphan returns the attempt that has had no holder for the longest, at the
// earliest since a given time; and how many others there may have been to be taken
// over from then on.
func (l *ledger) oldestOrphan(earliest time.Duration) (oldest *attemptEntry, since time.Duration, others int) {
	for _, v := range l.reviews {
		for _, a := range v.attempts {
			switch {
			case !a.hasRow:
				continue
			case a.row.Unfinished() || a.journaledAt >= earliest:
				others++
			}
			if orphaned, at := l.orphaned(a); orphaned {
				if at = max(at, earliest); oldest == nil || at < since {
					oldest, since = a, at
				}
			}
		}
	}
	return oldest, since, others
}

// orphaned reports whether nobody works on an unfinished attempt, and since when.
func (l *ledger) orphaned(a *attemptEntry) (orphaned bool, since time.Duration) {
	switch {
	case !a.row.Unfinished():
		return false, 0
	case a.row.Holder == "":
		return true, a.journaledAt
	}
	p := l.process(a.holder)
	if !p.crashed && p.life == a.holderLife && !p.shutdown.ended {
		return false, 0
	}
	return true, max(p.started, p.over)
}
