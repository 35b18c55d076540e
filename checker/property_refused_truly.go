package checker

import "github.com/onceover/onceover/engine"

// Clients ask nothing that is malformed, but now and then for what does not exist.
var refusedTruly = Property{
	ID:       "refused-truly",
	Class:    Outcome,
	Sentence: "A client is told that something does not exist when it does not, and only then; a well-formed question about a review is never refused for good.",
	Source:   "design.md 3.1",
	watches: []watching{
		on(checkRefusedTruly, ClientRefused),
		on(checkAnsweredTruly, ClientAnswered),
	},
}

func checkRefusedTruly(l *ledger, r *Record) *Violation {
	switch r.Refusal {
	case engine.NotFound:
		known := l.review != nil && l.review.hasRow && l.review.began < r.Since
		if r.Text == "events" {
			known = l.attempt != nil && l.attempt.hasRow && l.attempt.began < r.Since
		}
		if known {
			return violated(r, "told that something known is unknown", "%s was told that there is no review %s, attempt %d (%s)",
				r.Actor, r.Key.Review, r.Key.Attempt, r.Text)
		}
	case engine.Permanent:
		if r.Text != "submit" && r.Text != "retrigger" {
			return violated(r, "a good question was refused", "the %s of review %s, attempt %d by %s was refused for good",
				r.Text, r.Key.Review, r.Key.Attempt, r.Actor)
		}
	default: // it may be tried again
	}
	return nil
}

func checkAnsweredTruly(l *ledger, r *Record) *Violation {
	known := l.review != nil && l.review.hasRow
	if r.Text == "events" {
		known = l.attempt != nil && l.attempt.hasRow
	}
	if !known {
		return violated(r, "answered about what does not exist", "the %s of review %s, attempt %d by %s was answered, though there is none",
			r.Text, r.Key.Review, r.Key.Attempt, r.Actor)
	}
	return nil
}
