package checker

import "github.com/onceover/onceover/checker/model"

// Limits on what one call may bring keep a store that has fallen behind from being asked
// for everything at once.
var noMoreAtOnce = Property{
	ID:       "no-more-at-once",
	Class:    Protocol,
	Sentence: "A sweep, a takeover and a clean-up ask for as much at once as is configured, no more and no less.",
	Source:   "engine.AppConfig.SweepBatch, engine.WorkerConfig.TakeoverBatch and PurgeBatch",
	watches:  []watching{on(checkNoMoreAtOnce, CallBegan)},
}

func checkNoMoreAtOnce(l *ledger, r *Record) *Violation {
	asked, allowed := 0, 0
	switch {
	case r.Op != nil && r.Op.Kind == model.OpSweep:
		asked, allowed = r.Op.Limit, l.config.App.SweepBatch
	case r.JournalOp != nil && r.JournalOp.Kind == model.JournalHold:
		asked, allowed = r.JournalOp.Max, l.config.Worker.TakeoverBatch
		if asked == 0 {
			return nil // a host that leaves takes nothing over
		}
	case r.JournalOp != nil && r.JournalOp.Kind == model.JournalPurge:
		asked, allowed = r.JournalOp.Max, l.config.Worker.PurgeBatch
	}
	if asked == allowed {
		return nil
	}
	return violated(r, "another batch than configured", "%s calls %s for %d at once; configured are %d", r.Actor, r.Text, asked, allowed)
}
