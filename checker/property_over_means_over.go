package checker

import "github.com/onceover/onceover/engine"

// The app frees a slot on the worker's word, so the word is watched by itself.
var overMeansOver = Property{
	ID:       "over-means-over",
	Class:    Protocol,
	Sentence: "An attempt is over in the journal only when no session of it runs, and none begins after.",
	Source:   "design.md 3.4: a slot is free only when the session is known to be over",
	watches: []watching{
		on(checkOverWhenOver, JournalExecuted),
		on(checkOverStaysOver, SessionStarted),
	},
}

func checkOverWhenOver(l *ledger, r *Record) *Violation {
	if a := l.attempt; a.live && r.Row != nil && r.Row.Phase == engine.PhaseOver && (r.RowBefore == nil || r.RowBefore.Phase != engine.PhaseOver) {
		return violated(r, "over while it runs", "%s ended review %s, attempt %d in the journal while session %s was running",
			r.JournalOp.Kind, r.Key.Review, r.Key.Attempt, a.session)
	}
	return nil
}

func checkOverStaysOver(l *ledger, r *Record) *Violation {
	if a := l.attempt; a.over() && !a.buried { // a tombstone is the business of cancel-wins
		return violated(r, "begun after it was over", "session %s of review %s, attempt %d began after the attempt was over in the journal as %s",
			r.Session, r.Key.Review, r.Key.Attempt, a.row.Outcome.Status)
	}
	return nil
}
