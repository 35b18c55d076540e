package checker

import (
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// An attempt that its host gives up is lost for its user, or costs another attempt.
// As infrastructure it may be given up only when the agent has been asked for a
// session as often as configured and has given none. For good, only for a reason that
// can be seen from outside: the agent refuses it for ever or was told to interrupt it
// before, an event could not be decoded as often as configured, or its time is up. Who
// was refused is not recorded with the fault, so it excuses all that it may have struck.
// Each holder counts tries and time from its own intention on. And it tries no more
// often than that: an event that can't be decoded would keep it until its time is up.
var retriesUsed = Property{
	ID:       "retries-used",
	Class:    Protocol,
	Sentence: "A host gives an attempt up when all tries for a session or an event were used, and no sooner, or for a reason that no other attempt would mend.",
	Source:   "design.md 3.4",
	watches: []watching{
		on(checkRetriesUsed, JournalExecuted),
		on(checkTriesEnd, StreamSent),
	},
}

func checkTriesEnd(l *ledger, r *Record) *Violation {
	h := l.attempt.single(r)
	if h == nil || h.position != h.delivered || h.undecodable < l.config.Worker.DecodeTries {
		return nil
	}
	return violated(r, "tried without end", "%s asked for the events of review %s, attempt %d behind %d again, after the next one could not be decoded %d times; %d are allowed",
		r.Actor, r.Key.Review, r.Key.Attempt, r.From, h.undecodable, l.config.Worker.DecodeTries)
}

func checkRetriesUsed(l *ledger, r *Record) *Violation {
	op, a := r.JournalOp, l.attempt
	if op.Kind != model.JournalDecide || r.JournalResult.Failed || r.Row == nil || r.RowBefore == nil ||
		r.RowBefore.Phase >= engine.PhaseStopping || op.Outcome.Status != engine.Failed {
		return nil
	}
	h := a.single(r)
	if h == nil {
		return nil
	}
	if op.Outcome.Retryable {
		if h.creates < l.config.Worker.CreateTries || h.streams > 0 {
			return violated(r, "given up too early", "%s gave review %s, attempt %d up (%s) after asking for its session %d times and for its events %d times; %d tries for a session are allowed",
				r.Actor, r.Key.Review, r.Key.Attempt, op.Outcome.Reason, h.creates, h.streams, l.config.Worker.CreateTries)
		}
		return nil
	}
	if r.At >= h.intended+l.config.Worker.StreamLimit || a.interrupted || a.hopeless || h.undecodable >= l.config.Worker.DecodeTries {
		return nil
	}
	return violated(r, "given up for good without a reason", "%s gave review %s, attempt %d up for good (%s), %s after it was intended",
		r.Actor, r.Key.Review, r.Key.Attempt, op.Outcome.Reason, r.At-h.intended)
}
