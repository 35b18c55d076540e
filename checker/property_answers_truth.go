package checker

import "github.com/onceover/onceover/engine"

// What a caller is told is one of few things, and it acts on it: it gives up, tries again, asks somebody else. So what it
// is told is held against what became of its call, which only an observer knows. A caller that is told too little asks
// again; one that is told something else believes it.
var _ = answerProperties.add(Property{
	ID:             "told-as-decided",
	Class:          Outcome,
	Sentence:       "A client whose call no fault touched is told what was decided; one that is told that a call was done, was rejected or is refused is told so truly, whatever happened to the call.",
	Source:         "3: ambiguity is a value; 3.2: errors are typed by what the caller may do",
	NotMistakenFor: "A client that is told that the effect is unknown, of a call that a fault touched or that it stopped waiting for.",
	watches:        []watching{on(checkTold, ClientAnswered, ClientRefused, ClientFailed)},
})

var _ = answerProperties.add(Property{
	ID:             "learned-as-decided",
	Class:          Protocol,
	Sentence:       "App, worker and agent learn from each other, and from their stores, what was decided about a call, as clients do.",
	Source:         "3: ambiguity is a value; 3.2: errors are typed by what the caller may do",
	NotMistakenFor: "A caller that learns that the effect is unknown, of a call that a fault touched or that it stopped waiting for.",
	watches:        []watching{on(checkTold, CallEnded)},
})

// causeNone: nothing is wrong.
const causeNone Cause = ""

const (
	causeDoneAndWasNot          Cause = "told-that-it-was-done-and-it-was-not"
	causeRejectedAndWasDone     Cause = "told-that-it-was-rejected-and-it-was-begun"
	causeRefusalThatNobodyMade  Cause = "told-a-refusal-that-nobody-made"
	causeToldSomethingElse      Cause = "told-something-else-than-was-decided"
	causeUnknownAndWasDecided   Cause = "told-that-it-is-unknown-and-it-was-decided"
	causeDecisionWasNotPassedOn Cause = "a-decision-was-not-passed-on"
)

// checkTold compares what the caller was told, with what the callee decided, with what the callee was told by the one
// who decides.
func checkTold(_ *facts, r *Record) *Violation {
	t := r.Truth
	if t == nil {
		return nil
	}
	if t.Executed && t.Inner != 0 && t.Decided != t.InnerError {
		return violated(r, causeDecisionWasNotPassedOn.Of(r.Call.String()), "%s of review %s, attempt %d is decided by %s, which is answered %s; it is passed on as %s",
			r.Call, r.Key.Review, r.Key.Attempt, t.Inner, t.InnerError.describe(), t.Decided.describe())
	}
	if cause := t.contradicts(r.Error); cause != causeNone {
		return violated(r, cause.Of(r.Call.String()), "%s calls %s of review %s, attempt %d and is told %s; %s",
			r.Actor, r.Call, r.Key.Review, r.Key.Attempt, r.Error.describe(), t.describe())
	}
	return nil
}

// contradicts returns what is wrong with what a caller was told, or causeNone.
func (t *Truth) contradicts(told Failure) Cause {
	decided := t.Executed && told == t.Decided
	switch {
	case decided:
		return causeNone
	case !t.Touched && told.Is(engine.Ambiguous):
		return causeUnknownAndWasDecided
	case told == NoFailure:
		return causeDoneAndWasNot
	case told.Is(engine.Rejected):
		if t.Begun {
			return causeRejectedAndWasDone
		}
	case told.Is(engine.Ambiguous): // it need not be known
	case t.Executed && !t.Touched:
		return causeToldSomethingElse
	case t.Begun || !told.Is(engine.Permanent) && told != t.Caused:
		return causeRefusalThatNobodyMade
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
