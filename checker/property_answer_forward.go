package checker

import "github.com/onceover/onceover/engine"

// Workers answer such questions from the journal, whichever host is asked. (A start is
// answered by who runs the attempt, from memory, which follows the journal.)
var answerForward = Property{
	ID:       "answer-forward",
	Class:    Protocol,
	Sentence: "Who asks a worker about an attempt is told no less than was journaled before.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkAnswerForward, CallEnded)},
}

func checkAnswerForward(l *ledger, r *Record) *Violation {
	if r.Text != callStatus && r.Text != callCancel || r.Error != "" {
		return nil
	}
	least := l.askedWhen(r)
	if r.Status >= least || least == engine.Cancelled && r.Status.Terminal() {
		return nil
	}
	return violated(r, "an answer went back", "%s is told that review %s, attempt %d is %s, though it was %s before %s was called",
		r.Actor, r.Key.Review, r.Key.Attempt, r.Status, least, r.Text)
}
