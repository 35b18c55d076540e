package checker

import "github.com/onceover/onceover/engine"

// A caller acts on the kind of answer that it gets: it gives up, tries again or asks another party. So each answer is
// compared with what became of the call, which only an observer knows. A caller that does not learn enough asks again; one
// that gets a wrong answer believes it.
var _ = answerProperties.add(Property{
	ID:             "answered-as-decided",
	Class:          Outcome,
	Sentence:       "A client whose call no fault touched gets the answer that was decided. An answer that a call is done, rejected or refused is true, whatever happened to the call.",
	Source:         "3: ambiguity is a value; 3.2: errors are typed by what the caller may do",
	NotMistakenFor: "An answer that the effect is unknown, to a call that a fault touched or that the client stopped waiting for.",
	watches:        []watching{on(checkAnswer, ClientAnswered, ClientRefused, ClientFailed)},
})

var _ = answerProperties.add(Property{
	ID:             "learned-as-decided",
	Class:          Protocol,
	Sentence:       "App, worker and agent learn from each other, and from their stores, what was decided about a call, as clients do.",
	Source:         "3: ambiguity is a value; 3.2: errors are typed by what the caller may do",
	NotMistakenFor: "An answer that the effect is unknown, to a call that a fault touched or that the caller stopped waiting for.",
	watches:        []watching{on(checkAnswer, CallEnded)},
})

// causeNone: nothing is wrong.
const causeNone Cause = ""

const (
	causeDoneButNotCarriedOut   Cause = "done-but-not-carried-out"
	causeRejectedButBegun       Cause = "rejected-but-begun"
	causeRefusedByNobody        Cause = "refused-by-nobody"
	causeAnotherAnswer          Cause = "another-answer-than-decided"
	causeUnknownThoughDecided   Cause = "unknown-though-decided"
	causeDecisionWasNotPassedOn Cause = "a-decision-was-not-passed-on"
)

// checkAnswer compares the caller's answer with what the callee decided, and that with what the callee learned if another
// party decides.
func checkAnswer(_ *facts, r *Record) *Violation {
	t := r.Truth
	if t == nil {
		return nil
	}
	if t.Executed && t.Inner != 0 && t.Decided != t.InnerError {
		return violated(r, causeDecisionWasNotPassedOn.Of(r.Call.String()), "%s was decided one way and answered another: at %s the answer to a request to %s was %s, and is passed on as %s",
			r.Key, moment(r.At), request{t.Inner, r.Key}, t.InnerError.describe(), t.Decided.describe())
	}
	if cause := t.contradicts(r.Error); cause != causeNone {
		return violated(r, cause.Of(r.Call.String()), "%s was answered falsely: at %s %s asked %s to %s and was told %s; %s",
			r.Key, moment(r.At), asker(r), partnerOf(r.Call), toDo(r), r.Error.describe(), t.describe())
	}
	return nil
}

// contradicts returns what is wrong with the answer that a caller got, or causeNone.
func (t *Truth) contradicts(answer Failure) Cause {
	decided := t.Executed && answer == t.Decided
	switch {
	case decided:
		return causeNone
	case !t.Touched && answer.Is(engine.Ambiguous):
		return causeUnknownThoughDecided
	case answer == NoFailure:
		return causeDoneButNotCarriedOut
	case answer.Is(engine.Rejected):
		if t.Begun {
			return causeRejectedButBegun
		}
	case answer.Is(engine.Ambiguous): // it need not be known
	case t.Executed && !t.Touched:
		return causeAnotherAnswer
	case t.Begun || !answer.Is(engine.Permanent) && answer != t.Caused:
		return causeRefusedByNobody
	}
	return causeNone
}

// describe returns what became of a call in words.
func (t *Truth) describe() string {
	switch {
	case t.Executed && t.Touched:
		return "it was carried out with the result " + t.Decided.describe() + ", and a fault touched it"
	case t.Executed:
		return "it was carried out with the result " + t.Decided.describe()
	case t.Begun:
		return "it was begun, and not ended"
	}
	return "nobody began to carry it out"
}

// describe returns a failure, or that there is none, in words.
func (f Failure) describe() string {
	if f == NoFailure {
		return "done"
	}
	return f.String()
}
