package checker

var journalBeforeAck = Property{
	ID:       "journal-before-ack",
	Class:    Protocol,
	Sentence: "An event is acknowledged to the agent, reported or shown only once it is journaled.",
	Source:   "design.md 3.4",
	watches:  []watching{on(checkJournalBeforeAck, StreamSent, CallbackSent, ClientAnswered)},
}

func checkJournalBeforeAck(l *ledger, r *Record) *Violation {
	a := l.attempt
	if a == nil {
		return nil
	}
	journaled := int64(0)
	if a.hasRow {
		journaled = a.row.Events
	}
	switch {
	case r.Kind == StreamSent && r.From > journaled:
		return violated(r, "acknowledged before it was journaled", "%s acknowledged events up to %d of review %s, attempt %d, of which %d were journaled",
			r.Actor, r.From, r.Key.Review, r.Key.Attempt, journaled)
	case r.Kind == CallbackSent && r.Number > journaled:
		return violated(r, "reported before it was journaled", "%s reported %d events of review %s, attempt %d, of which %d were journaled",
			r.Actor, r.Number, r.Key.Review, r.Key.Attempt, journaled)
	case r.Kind == ClientAnswered && r.Text == "events" && r.Number > 0 && r.From+r.Number > journaled:
		return violated(r, "shown before it was journaled", "%s was shown events up to %d of review %s, attempt %d, of which %d were journaled",
			r.Actor, r.From+r.Number, r.Key.Review, r.Key.Attempt, journaled)
	}
	return nil
}
