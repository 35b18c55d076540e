package checker

import (
	"slices"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// attemptFacts are about one execution of a review. They consist of the facts of several subjects.
type attemptFacts struct {
	key engine.AttemptKey
	// barred: a store has refused for good to record something about it. What follows from that is no mistake: less is
	// recorded, or the attempt ends.
	barred bool

	preparedFacts // what dispatchers have prepared
	rowFacts      // the journal's row
	sessionFacts  // the session, as the agent knows it
	reportFacts   // what the app has heard of it
	clientFacts   // what its user has seen of it
	promptFacts   // when its steps began
	hosts         hostList
	followed      time.Duration // for how long hosts that nothing disturbed have had a stream
}

// begin makes the facts those of another attempt, and keeps their memory.
func (a *attemptFacts) begin(key engine.AttemptKey) {
	*a = attemptFacts{
		key:           key,
		preparedFacts: a.preparedFacts.empty(),
		sessionFacts:  a.sessionFacts.empty(),
		clientFacts:   a.clientFacts.empty(),
		hosts:         a.hosts[:0],
	}
}

// followedBy takes that a host has no stream any more.
func (a *attemptFacts) followedBy(h *hostFacts, p *processFacts, at time.Duration) {
	a.followed += h.undisturbed(p, at)
}

// callRefused takes that a store has refused something for good that a process would have recorded by itself.
func (a *attemptFacts) callRefused(r *Record) {
	switch {
	case !r.Error.Is(engine.Permanent):
	case r.JournalOp != nil:
		a.barred = true
	case r.Op != nil:
		switch r.Op.Kind {
		case model.ReviewsClaim, model.ReviewsDefer, model.ReviewsFail, model.ReviewsApply, model.ReviewsStopped:
			a.barred = true
		default: // the caller learns of it
		}
	}
}

// maybeRefused takes that the agent has refused a session for good, of an attempt that it was asked for.
func (a *attemptFacts) maybeRefused() {
	if (a.sessions == 0 || a.lost) && slices.ContainsFunc(a.hosts, func(h hostFacts) bool { return h.creates > 0 }) {
		a.sessionRefused()
	}
}

// sessionFacts are about the sessions of an attempt, as the agent knows them.
type sessionFacts struct {
	sessions    int // started
	session     engine.SessionID
	startedBy   string // the host that asked for it, if that is known
	owner       engine.OwnerID
	live        bool
	lost        bool          // the agent does not know the latest session any more
	gone        bool          // a host that interrupted it has heard that the agent does not know it
	endedAt     time.Duration // when the latest session ended
	ended       engine.Status // how the last session ended; 0: it has not
	emitted     int64         // events, when it ended
	interrupted bool          // the agent has taken note of an interrupt
	hopeless    bool          // the agent may have refused a session for good
	script      []engine.Event
	usage       []int64 // usage[n]: tokens of the first n events of the script
}

func (s *sessionFacts) empty() sessionFacts {
	return sessionFacts{script: s.script[:0], usage: s.usage[:0]}
}

func (s *sessionFacts) sessionStarted(r *Record) {
	s.sessions++
	s.session, s.owner, s.startedBy = r.Session, r.Owner, r.Caller
	s.live, s.lost, s.ended = true, false, 0
	s.script = append(s.script[:0], r.Script...)
	s.usage = append(s.usage[:0], 0)
	sum := int64(0)
	for i := range s.script {
		sum += s.script[i].Tokens
		s.usage = append(s.usage, sum)
	}
}

func (s *sessionFacts) sessionEnded(r *Record) {
	s.live, s.ended, s.emitted, s.endedAt = false, r.Status, r.Events, r.At
}

func (s *sessionFacts) sessionLost() { s.lost = true }

func (s *sessionFacts) sessionGone() { s.gone = true }

func (s *sessionFacts) sessionInterrupted() { s.interrupted = true }

func (s *sessionFacts) sessionRefused() { s.hopeless = true }

// tokens is what the first events of the script used.
func (s *sessionFacts) tokens(events int64) int64 {
	if len(s.usage) == 0 {
		return 0
	}
	return s.usage[min(max(events, 0), int64(len(s.usage)-1))]
}
