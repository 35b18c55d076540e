package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// callFacts are what one life of a host knows about an attempt by the calls that it has made.
type callFacts struct {
	// overtaken is the latest epoch that an answer of the journal has shown not to be the row's any more. barred: the
	// journal has refused a write for good.
	overtaken engine.Epoch
	barred    bool
	// readIn is the latest epoch in which the host has read the state of the attempt.
	readIn engine.Epoch
	// Since the orchestrator began: how often it has asked for the session, whether the agent has answered that for
	// good, and whether the app has taken note of the outcome.
	creates           int
	created, reported bool
	// creating counts the starts that wait for the journal. accepted: one has had its answer. read: the host has read
	// that it holds the attempt while none waited, so no later start creates it.
	creating int
	accepted bool
	read     bool
	// startedAt is when it first began to create the attempt, and startFaults how many faults had fired at it by then.
	// begun: it has worked on the attempt since.
	startedAt   time.Duration
	startFaults int
	begun       bool
	// tried is how what an orchestrator tries again and again has ended, since it began.
	tried [triedKinds]triedFacts
	// When the host, as it shut down, has begun to give its lease up; 0: it has not.
	gaveUpAt time.Duration
}

// countsWhenBegun reports whether the beginning of a call is a fact about the host that makes it.
func countsWhenBegun(r *Record) bool {
	if r.JournalOp != nil {
		return r.JournalOp.Kind == model.JournalCreate || r.JournalOp.Kind.Fenced()
	}
	return r.Call == CallAgentCreate || r.Call == CallAgentInterrupt
}

// countsWhenEnded reports whether the end of a call is.
func countsWhenEnded(r *Record) bool {
	if op := r.JournalOp; op != nil && (op.Kind == model.JournalCreate || op.Kind.Fenced() && (overtakes(r.Error) || r.Error.Is(engine.Permanent))) {
		return true
	}
	return triedBy(r) != triedNone
}

// overtakes reports whether an answer of the journal to a holder's write says that the holder's epoch is over: there is a
// later one, or the attempt is not there any more.
func overtakes(f Failure) bool { return f.Is(engine.Stale) || f.Is(engine.NotFound) }

// callBegan takes a call of the host about the attempt.
func (c *callFacts) callBegan(r *Record, p *processFacts) {
	if r.Call == CallAgentCreate {
		c.creates++
	}
	if r.JournalOp == nil || r.JournalOp.Kind != model.JournalCreate {
		c.begun = true
	}
	if r.JournalOp == nil {
		return
	}
	switch r.JournalOp.Kind {
	case model.JournalCreate:
		c.creating++
		if c.startedAt == 0 {
			c.startedAt, c.startFaults = r.At, p.faults
		}
	case model.JournalReleaseLease: // the next holder begins anew
		c.creates, c.created, c.reported, c.tried = 0, false, false, [triedKinds]triedFacts{}
		if p.shutdown.asked {
			c.gaveUpAt = r.At
		}
	default: // is looked at when it has ended
	}
}

// callEnded takes the end of such a call.
func (c *callFacts) callEnded(r *Record) {
	if kind := triedBy(r); kind != triedNone {
		failed := r.Error != NoFailure && (kind != triedReport || !isAnswer(r.Error))
		c.tried[kind] = triedFacts{ended: true, failed: failed, at: r.At}
	}
	switch r.Call {
	case CallAgentCreate:
		if r.Throttled {
			c.creates--
		}
		c.created = c.created || r.Error == NoFailure || r.Error.Is(engine.Permanent)
	case CallAppCallback:
		c.reported = c.reported || r.Status.Terminal() && isAnswer(r.Error)
	default: // leaves no fact
	}
	op := r.JournalOp
	switch {
	case op == nil:
	case op.Kind == model.JournalCreate:
		c.creating--
		c.accepted = c.accepted || r.Error == NoFailure
	case op.Kind.Fenced() && overtakes(r.Error):
		c.overtaken = max(c.overtaken, op.Epoch)
	case op.Kind.Fenced() && r.Error.Is(engine.Permanent):
		c.barred = true
	}
}

// stateRead takes that the host has read the state of the attempt, for whatever reason.
func (c *callFacts) stateRead(state *engine.Orchestration) { c.readIn = max(c.readIn, state.Epoch) }

// heldRead takes that the host has read that it holds the attempt.
func (c *callFacts) heldRead() { c.read = c.read || c.creating == 0 }

// A triedKind is a call that an orchestrator repeats until it has its answer.
type triedKind uint8

const (
	triedNone triedKind = iota
	triedCreate
	triedStream
	triedInterrupt
	triedReport
	triedIntend
	triedDecide
	triedFinish
	triedSettle
	triedKinds
)

// triedFacts are how such a call of an orchestrator has ended the last time.
type triedFacts struct {
	ended  bool
	failed bool
	at     time.Duration
}

// triedBy returns which of them a call is.
func triedBy(r *Record) triedKind {
	if r.JournalOp != nil {
		switch r.JournalOp.Kind {
		case model.JournalRecordIntent:
			return triedIntend
		case model.JournalDecide:
			return triedDecide
		case model.JournalFinish:
			return triedFinish
		case model.JournalClearOutbox:
			return triedSettle
		default:
			return triedNone
		}
	}
	switch r.Call {
	case CallAgentCreate:
		return triedCreate
	case CallAgentStream:
		return triedStream
	case CallAgentInterrupt:
		return triedInterrupt
	case CallAppCallback:
		if r.Status.Terminal() {
			return triedReport
		}
	default: // is made once
	}
	return triedNone
}

// askedFacts are about a call under way that asks a worker how an attempt stands: what the journal knew when it began.
type askedFacts struct {
	actor  string
	call   Call
	key    engine.AttemptKey
	status engine.Status
}

// is reports whether a record may be about the call.
func (c *askedFacts) is(r *Record) bool {
	return c.actor == r.Actor && c.call == r.Call && c.key == r.Key
}

// An askedList has such calls of all processes.
type askedList []askedFacts

func (l *askedList) began(r *Record, status engine.Status) {
	*l = append(*l, askedFacts{r.Actor, r.Call, r.Key, status})
}

// ended forgets the latest call that may be the one which has ended.
func (l *askedList) ended(r *Record) {
	for i := len(*l) - 1; i >= 0; i-- {
		if (*l)[i].is(r) {
			*l = append((*l)[:i], (*l)[i+1:]...)
			return
		}
	}
}

// forget forgets the calls of a process that has begun another life.
func (l *askedList) forget(actor string) {
	kept := (*l)[:0]
	for _, c := range *l {
		if c.actor != actor {
			kept = append(kept, c)
		}
	}
	*l = kept
}

// knew reports whether the attempt was journaled when the ended call began. If it cannot be seen which call has ended,
// the attempt must have been journaled when each of them began.
func (l askedList) knew(r *Record) (knew bool) {
	for i := range l {
		if c := &l[i]; c.is(r) {
			if c.status == 0 {
				return false
			}
			knew = true
		}
	}
	return knew
}

// least returns the least progress that the answer of an ended call has to show. If a replica has asked twice, it
// cannot be seen which of its calls has ended.
func (l askedList) least(r *Record) engine.Status {
	least := engine.Cancelled
	for i := range l {
		if c := &l[i]; c.is(r) {
			least = min(least, c.status)
		}
	}
	return least
}
