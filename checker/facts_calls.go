package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// hostCalls is what one life of a host knows about an attempt by the calls that it
// has made.
type hostCalls struct {
	// overtaken is the latest epoch that the journal has told it is not the row's any
	// more. barred: the journal has refused a write for good.
	overtaken engine.Epoch
	barred    bool
	// Since the orchestrator began: how often it has asked for the session, whether
	// the agent has answered that for good, and whether the app has taken note of the
	// outcome.
	creates           int
	created, reported bool
	// creating counts the starts that wait for the journal. accepted: one has had its
	// answer.
	creating int
	accepted bool
	// tried is how what an orchestrator tries again and again has ended, since it began.
	tried [triedKinds]triedFacts
	// When the host, as it shut down, has begun to give its lease up; 0: it has not.
	gaveUpAt time.Duration
}

// shutdownFacts is what is known of the graceful end of one life of a process.
type shutdownFacts struct {
	asked, ended     bool
	askedAt, endedAt time.Duration
	struck           int // faults that had fired at it when it was asked
	// troubled is until when what struck the process may keep it busy for longer than
	// a call takes.
	troubled time.Duration
}

// troubleMax is how long such a fault may be felt: a partition lasts 2 min, and what
// could not be written meanwhile is tried again after BackoffMax, 1 min, at the
// latest.
const troubleMax = 3 * time.Minute

// fault notes what strikes a process.
func (s *shutdownFacts) fault(r *Record) {
	lasts := r.Fault == faults.NetworkPartition || r.Fault == faults.PreparationSlow
	switch r.Fault.Category() {
	case faults.CategoryJournal, faults.CategoryDatabase, faults.CategoryProcess:
		lasts = true
	default: // it is over with what it strikes
	}
	if lasts {
		s.troubled = r.At + troubleMax
	}
}

func (f *facts) shutdown(p *processFacts, r *Record) {
	s := &p.shutdown
	if r.Kind == ShutdownBegan {
		s.asked, s.askedAt, s.struck = true, r.At, f.struck(r.Actor)
		return
	}
	s.ended, s.endedAt = r.Error == NoFailure, r.At
	p.over = r.At
}

// callsForgotten notes that a process has begun another life.
func (f *facts) callsForgotten(p *processFacts) {
	p.shutdown, p.told = shutdownFacts{troubled: p.shutdown.troubled}, engine.AttemptKey{}
	kept := f.asked[:0]
	for _, c := range f.asked {
		if c.actor != p.name {
			kept = append(kept, c)
		}
	}
	f.asked = kept
}

// An askedFacts is a call under way that asks a worker how an attempt stands: what
// the journal knew when it began.
type askedFacts struct {
	actor  string
	call   Call
	key    engine.AttemptKey
	status engine.Status
}

// journaledStatus is what anybody who asks about an attempt has to be told.
func (a *attemptFacts) journaledStatus() engine.Status {
	switch {
	case !a.hasRow:
		return 0
	case a.row.Phase == engine.PhaseOver:
		return a.row.Outcome.Status
	case a.row.Phase == engine.PhaseAccepted:
		return engine.Queued
	}
	return engine.Running
}

// askedWhen returns the least that a call which has ended has to be told. Where one
// replica has asked twice, it can't be seen which of the calls it is.
func (f *facts) askedWhen(r *Record) (least engine.Status) {
	least = engine.Cancelled
	for i := range f.asked {
		if c := &f.asked[i]; c.actor == r.Actor && c.call == r.Call && c.key == r.Key {
			least = min(least, c.status)
		}
	}
	return least
}

// isHold reports whether a call of the journal renews a lease.
func isHold(r *Record) bool { return r.JournalOp != nil && r.JournalOp.Kind == model.JournalHold }

func (f *facts) callBegan(r *Record) {
	p := f.process(r.Actor)
	p.told = engine.AttemptKey{}
	if round := p.rounds.of(r); round != nil {
		round.underWay = true
	}
	a := f.attempt
	if a == nil {
		return
	}
	switch r.Call {
	case CallWorkerStatus, CallWorkerCancel:
		f.asked = append(f.asked, askedFacts{r.Actor, r.Call, r.Key, a.journaledStatus()})
	case CallAgentCreate:
		a.host(r).calls.creates++
	}
	if r.Op != nil {
		a.followedUp(r)
	}
	if r.JournalOp == nil {
		return
	}
	if r.JournalOp.Kind == model.JournalCreate {
		a.host(r).calls.creating++
	}
	if r.JournalOp.Kind == model.JournalYield { // whoever goes on begins anew
		c := &a.host(r).calls
		c.creates, c.created, c.reported, c.tried = 0, false, false, [triedKinds]triedFacts{}
		if p.shutdown.asked {
			c.gaveUpAt = r.At
		}
	}
}

func (f *facts) callEnded(r *Record) {
	if round := f.process(r.Actor).rounds.of(r); round != nil {
		*round = roundFacts{at: r.At}
	}
	if isHold(r) && r.Error == NoFailure {
		f.process(r.Actor).sees(r.JournalResult.Others, r.At)
	}
	a := f.attempt
	if a == nil {
		return
	}
	if r.JournalOp != nil && r.JournalOp.Kind == model.JournalCreate {
		c := &a.host(r).calls
		c.creating--
		c.accepted = c.accepted || r.Error == NoFailure
	}
	if kind := triedBy(r); kind != triedNone {
		failed := r.Error != NoFailure && (kind != triedReport || !isAnswer(r.Error))
		a.host(r).calls.tried[kind] = triedFacts{ended: true, failed: failed, at: r.At}
	}
	switch r.Call {
	case CallWorkerStatus, CallWorkerCancel:
		f.askedEnded(r)
		if r.Call == CallWorkerStatus && r.Error == NoFailure && r.Status.Terminal() {
			f.process(r.Actor).told = r.Key
		}
	case CallAgentCreate:
		if r.Error == NoFailure || r.Error.Is(engine.Permanent) {
			a.host(r).calls.created = true
		}
	case CallAppCallback:
		if r.Status.Terminal() && isAnswer(r.Error) {
			a.host(r).calls.reported = true
		}
	}
	if r.Op != nil && r.Op.Kind == model.OpClaim && r.Error == NoFailure {
		f.claimAnswered(r)
	}
	if op := r.JournalOp; op != nil && op.Kind.Fenced() {
		switch r.Error {
		case FailedAs(engine.Stale):
			c := &a.host(r).calls
			c.overtaken = max(c.overtaken, op.Epoch)
		case FailedAs(engine.Permanent):
			a.host(r).calls.barred = true
		}
	}
}

// askedEnded forgets the latest call that may be the one which has ended.
func (f *facts) askedEnded(r *Record) {
	for i := len(f.asked) - 1; i >= 0; i-- {
		if c := &f.asked[i]; c.actor == r.Actor && c.call == r.Call && c.key == r.Key {
			f.asked = append(f.asked[:i], f.asked[i+1:]...)
			return
		}
	}
}
