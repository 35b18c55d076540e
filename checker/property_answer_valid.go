package checker

import "github.com/onceover/onceover/engine"

// Identity is (review, attempt), in every message. An answer that names nothing, or
// says nothing, is taken for a success by whoever looks at its error alone.
var answerValid = Property{
	ID:       "answer-valid",
	Class:    Protocol,
	Sentence: "Every message between app, worker and agent names an attempt, and a worker's answer is about that attempt and says how it stands.",
	Source:   "design.md 3: identity is (review, attempt)",
	watches:  []watching{on(checkNamesAttempt, CallBegan), on(checkAnswerValid, CallEnded)},
}

func checkNamesAttempt(_ *ledger, r *Record) *Violation {
	if r.Op != nil || r.JournalOp != nil || r.Key.Review != "" && r.Key.Attempt >= 1 {
		return nil
	}
	return violated(r, "a message names no attempt", "%s calls %s about review %q, attempt %d; attempts count from 1",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt)
}

func checkAnswerValid(_ *ledger, r *Record) *Violation {
	if r.Error != "" || r.Report == nil || r.Text == callCallback {
		return nil
	}
	answer := r.Report
	if answer.Key == r.Key && answer.Status >= engine.Queued && answer.Status <= engine.Cancelled {
		return nil
	}
	return violated(r, "an answer that says nothing", "%s is answered its %s about review %s, attempt %d: review %q, attempt %d, %s; allowed: that attempt, queued to cancelled",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt, answer.Key.Review, answer.Key.Attempt, answer.Status)
}
