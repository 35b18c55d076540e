package checker

import "github.com/onceover/onceover/engine"

// What zombie-stops concludes from the journal's side, this sees from the holder's:
// once it has been told that its epoch is not the row's any more, somebody else is
// responsible. A report that the attempt runs is a task of its own, and may cross the
// refusal.
var refusedStops = Property{
	ID:       "refused-stops",
	Class:    Protocol,
	Sentence: "A holder that knows its epoch to be overtaken makes no further call about the attempt under it.",
	Source:   "design.md 3.4: leases",
	watches:  []watching{on(checkRefusedStops, CallBegan)},
}

func checkRefusedStops(l *ledger, r *Record) *Violation {
	if l.attempt == nil {
		return nil
	}
	h := l.attempt.find(r.Actor, r.Life)
	if h == nil || h.calls.overtaken == 0 {
		return nil
	}
	epoch := engine.Epoch(0)
	switch {
	case r.JournalOp != nil && r.JournalOp.Kind.Fenced():
		epoch = r.JournalOp.Epoch
	case !h.again && (r.Text == callCreate || r.Text == callStream || r.Text == callInterrupt || r.Text == callCallback && r.Status.Terminal()):
		epoch = h.epoch
	}
	if epoch == 0 || epoch > h.calls.overtaken {
		return nil
	}
	return violated(r, "went on under an overtaken epoch", "%s calls %s about review %s, attempt %d under epoch %d, though it was told that epoch %d is overtaken",
		r.Actor, r.Text, r.Key.Review, r.Key.Attempt, epoch, h.calls.overtaken)
}
