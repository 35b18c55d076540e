package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A seenEntry is a preparation: what its dispatcher had been told of the review, and
// what came of it.
type seenEntry struct {
	by        lifeEntry
	claim     engine.Token
	deferrals int64
	ended     bool
	cause     string // of its failure
	followed  bool   // its sender has begun to write what follows from that
}

// seenBy returns the latest preparation of an attempt by the record's sender, or nil.
func (a *attemptEntry) seenBy(r *Record) *seenEntry {
	for i := len(a.seen) - 1; i >= 0; i-- {
		if s := &a.seen[i]; s.by == (lifeEntry{r.Actor, r.Life}) {
			return s
		}
	}
	return nil
}

var deferralsUsed = Property{
	ID:       "deferrals-used",
	Class:    Outcome,
	Sentence: "A review that could not be prepared fails when that can never succeed or has been tried as often as allowed, and is put off otherwise.",
	Source:   "design.md 3.3",
	watches: []watching{
		on(checkFailedForAReason, StoreExecuted),
		on(checkDeferredOrFailed, StoreChanged),
		on(checkFollowedUp, PrepareStarted),
	},
}

// hopeless reports whether a failed preparation was the last one.
func (s *seenEntry) hopeless(l *ledger) bool {
	return s.cause == engine.Permanent.String() || s.deferrals+1 >= int64(l.config.MaxDeferrals)
}

// followedUp notes what a process does about an attempt that it could not prepare: put
// it off, call it failed, or claim it to have it abandoned.
func (a *attemptEntry) followedUp(r *Record) {
	switch r.Op.Kind {
	case model.OpDefer, model.OpFail, model.OpClaim:
		if s := a.seenBy(r); s != nil && s.ended {
			s.followed = true
		}
	default: // about something else
	}
}

// checkFollowedUp: a process that prepares an attempt again has done something about
// the last time. What became of that it may not know.
func checkFollowedUp(l *ledger, r *Record) *Violation {
	s := l.attempt.seenBy(r)
	if s == nil || !s.ended || s.cause == "" || s.followed {
		return nil
	}
	return violated(r, "nothing was done about a failure", "%s prepares review %s, attempt %d again without having put it off, called it failed or claimed it after it could not be prepared: %s",
		r.Actor, r.Key.Review, r.Key.Attempt, s.cause)
}

func checkFailedForAReason(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpFail || l.attempt == nil {
		return nil
	}
	s := l.attempt.seenBy(r)
	if s != nil && s.ended && s.cause != "" && s.hopeless(l) {
		return nil
	}
	return violated(r, "failed too early", "%s called review %s, attempt %d failed, though it could still be prepared", r.Actor, r.Key.Review, r.Key.Attempt)
}

func checkDeferredOrFailed(l *ledger, r *Record) *Violation {
	if r.Op.Kind != model.OpDefer || r.Before == nil || r.After.Deferrals <= r.Before.Deferrals {
		return nil
	}
	s := l.attempt.seenBy(r)
	if s == nil || !s.ended || s.cause == "" || !s.hopeless(l) {
		return nil
	}
	return violated(r, "put off too often", "%s put review %s, attempt %d off after %d failed preparations, the last one for: %s; allowed: %d",
		r.Actor, r.Key.Review, r.Key.Attempt, s.deferrals+1, s.cause, l.config.MaxDeferrals)
}
