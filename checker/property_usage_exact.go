package checker

var usageExact = Property{
	ID:       "usage-exact",
	Class:    Outcome,
	Sentence: "The token usage is the sum over the journaled events, in the journal and in the terminal callback.",
	Source:   "seed.txt (usage lost with the buffer); design.md 3.4",
	watches: []watching{
		on(checkUsageJournaled, JournalExecuted),
		on(checkUsageReported, CallbackSent),
	},
}

func checkUsageJournaled(l *ledger, r *Record) *Violation {
	if r.Row == nil || l.appended > appendFaithful {
		return nil // what is wrong with the events is told as such
	}
	if used := l.attempt.tokens(r.Row.Events); r.Row.Tokens != used {
		return violated(r, "journaled usage is wrong", "the journal has %d tokens for the first %d events of review %s, attempt %d, which used %d",
			r.Row.Tokens, r.Row.Events, r.Key.Review, r.Key.Attempt, used)
	}
	return nil
}

func checkUsageReported(l *ledger, r *Record) *Violation {
	a := l.attempt
	if !r.Status.Terminal() || !a.over() {
		return nil
	}
	if used := a.tokens(a.row.Events); r.Tokens != used || r.Number != a.row.Events {
		return violated(r, "reported usage is wrong", "%s reported %d events and %d tokens of review %s, attempt %d, which has %d events and used %d",
			r.Actor, r.Number, r.Tokens, r.Key.Review, r.Key.Attempt, a.row.Events, used)
	}
	return nil
}
