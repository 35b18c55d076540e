package checker

import "github.com/onceover/onceover/engine"

// What the cause of something stuck is narrowed down by: how far the journal has it, who is there to go on with it, and
// what its session does.
const (
	journalHasNone     = "not-journaled"
	journalAccepted    = "accepted"
	journalIntended    = "intended"
	journalStopping    = "stopping"
	journalOver        = "over"
	holderNone         = "held-by-nobody"
	holderAlive        = "held-by-the-living"
	holderGone         = "held-by-the-gone"
	sessionNone        = "no-session"
	sessionRuns        = "session-runs"
	sessionEnded       = "session-ended"
	slotsTaken         = "slots-taken"
	slotsFree          = "slots-free"
	fateAlive          = "alive"
	phaseOutOfRange    = "out-of-range"
	sessionInterrupted = "session-interrupted"
)

// stuckAt narrows the cause of something stuck down: two runs get stuck for the same cause if the same has to happen
// next, and the same party would have to do it.
func (f *facts) stuckAt(v *reviewFacts, a *attemptFacts, cause Cause) Cause {
	if cause == causeStuckPending {
		if len(f.slotHolders(v.row.Owner)) >= f.config.limit(v.row.Owner) {
			return cause.Of(slotsTaken)
		}
		return cause.Of(slotsFree)
	}
	cause = cause.Of(a.journalState())
	if a != nil && a.hasRow && a.row.Unfinished() {
		cause = cause.Of(f.holderState(a))
	}
	return cause.Of(a.sessionState())
}

// journalState is how far the journal has an attempt.
func (a *attemptFacts) journalState() string {
	if a == nil || !a.hasRow {
		return journalHasNone
	}
	switch a.row.Phase {
	case engine.PhaseAccepted:
		return journalAccepted
	case engine.PhaseIntended:
		return journalIntended
	case engine.PhaseStopping:
		return journalStopping
	case engine.PhaseOver:
		return journalOver
	default:
		return phaseOutOfRange
	}
}

// holderState is whether anybody is there who works on an attempt that is unfinished.
func (f *facts) holderState(a *attemptFacts) string {
	switch {
	case a.row.Holder == "":
		return holderNone
	case f.fate(a.holder, a.holderLife) == fateAlive:
		return holderAlive
	}
	return holderGone
}

// sessionState is what an attempt's session does.
func (a *attemptFacts) sessionState() string {
	switch {
	case a == nil || a.sessions == 0:
		return sessionNone
	case a.live && a.interrupted:
		return sessionInterrupted
	case a.live:
		return sessionRuns
	}
	return sessionEnded
}
