package checker

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// reportFacts are about what has reached the app of an attempt.
type reportFacts struct {
	reported  bool // the app executed a terminal report
	answered  bool // a terminal callback came back with an answer
	stopped   bool // a worker has answered that a cancel is done
	callbacks int  // terminal callbacks sent
	// interruptsSent counts the interrupts that hosts have sent.
	interruptsSent int
	// Sets of replicas, see [processFacts.bit]: those that a report of a status arrived at, and those whose sweep found
	// the attempt silent.
	arrived [engine.Cancelled + 1]uint64
	silent  uint64
}

// heard takes a report that a replica has received, in a callback or as the answer to an operator.
func (f *reportFacts) heard(r *Record, replica uint64) {
	if r.Status <= engine.Cancelled {
		f.arrived[r.Status] |= replica
	}
}

// foundSilent takes that a replica's sweep has found the attempt silent.
func (f *reportFacts) foundSilent(replica uint64) { f.silent |= replica }

// cancelAnswered takes a worker's answer to a cancel.
func (f *reportFacts) cancelAnswered(r *Record) {
	if r.Error == NoFailure && r.Status.Terminal() {
		f.stopped = true
	}
}

func (f *reportFacts) callbackSent(r *Record) {
	if r.Status.Terminal() {
		f.callbacks++
	}
}

func (f *reportFacts) interruptSent() { f.interruptsSent++ }

func (f *reportFacts) callbackAnswered(r *Record) {
	if isAnswer(r.Error) && (r.Status == 0 || r.Status.Terminal()) {
		f.answered = true
	}
}

// reportExecuted takes a report that the app's store has executed. A refusal as stale or not found is an answer too.
func (f *reportFacts) reportExecuted(r *Record) {
	if r.Op.Report.Status.Terminal() && (!r.Result.Failed || isAnswerKind(r.Result.Err)) {
		f.reported = true
	}
}

// isAnswerKind reports whether an error of a callback is an answer: see [engine.Callback].
func isAnswerKind(kind engine.ErrorKind) bool {
	return kind == engine.NotFound || kind == engine.Stale || kind == engine.Permanent
}

// isAnswer is isAnswerKind for the failure of a record; none is an answer.
func isAnswer(f Failure) bool {
	return f == NoFailure || f.Is(engine.NotFound) || f.Is(engine.Stale) || f.Is(engine.Permanent)
}

// clientFacts are about what the user of an attempt has seen of it.
type clientFacts struct {
	shown   []shownFacts   // the last event that each client has seen
	final   engine.Attempt // how it ended for its user; no status: it has not
	finalAt time.Duration
}

// shownFacts are the number of the last event that a client has seen.
type shownFacts struct {
	client string
	number int64
}

func (f *clientFacts) empty() clientFacts { return clientFacts{shown: f.shown[:0]} }

// shownTo takes a page of events that a client has got.
func (f *clientFacts) shownTo(r *Record) {
	last := r.From + r.Events
	for i := range f.shown {
		if f.shown[i].client == r.Actor {
			f.shown[i].number = max(f.shown[i].number, last)
			return
		}
	}
	f.shown = append(f.shown, shownFacts{client: r.Actor, number: last})
}

// concluded takes how the attempt ended for its user.
func (f *clientFacts) concluded(ended engine.Attempt, at time.Duration) {
	f.final, f.finalAt = ended, at
}

// conclusion returns the attempt that a change of a review's row ends, if it ends one.
func conclusion(r *Record) (ended engine.Attempt, ends bool) {
	before, after := r.Before, r.After
	switch {
	case before != nil && before.Status.Terminal():
		return engine.Attempt{}, false
	case before != nil && after.Attempt > before.Attempt: // it is being tried again
		return engine.Attempt{Number: before.Attempt, Status: r.Op.Report.Status, Reason: r.Op.Report.Reason, EndedAt: r.Op.Now}, true
	}
	return engine.Attempt{Number: after.Attempt, Status: after.Status, Reason: after.Reason, EndedAt: r.Op.Now}, after.Status.Terminal()
}
