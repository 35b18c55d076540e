package checker

import "github.com/onceover/onceover/checker/model"

// A callback may be lost for good, so a dispatcher that is told the outcome when it
// asks must not wait for one. It does nothing else before, since it is the task that
// asked; a crash in between is made up for by the next one that asks.
var answerUsed = Property{
	ID:       "answer-used",
	Class:    Protocol,
	Sentence: "A dispatcher that is told that an attempt is over records it at once.",
	Source:   "design.md 3.3: ambiguous, mirrors the truth",
	watches:  []watching{on(checkAnswerUsed, CallBegan)},
}

func checkAnswerUsed(l *ledger, r *Record) *Violation {
	told := l.process(r.Actor).told
	if told.Review == "" || r.Op != nil && r.Op.Kind == model.OpApply && r.Key == told {
		return nil
	}
	return violated(r, "an outcome was not recorded", "%s was told that review %s, attempt %d is over, and calls %s instead of recording it",
		r.Actor, told.Review, told.Attempt, r.Text)
}
