package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// Some faults of a run begin at one time and last: a store whose disk is full or fails, a row that somebody else has
// locked, a review with something in it that one call can't carry. Each is counted once, when it begins, and noted for
// each call that it hits.

var (
	opLastingAt     = timingOp(1510, "lasting.at")
	opLastingFor    = timingOp(1511, "lasting.for")
	opLastingReview = timingOp(1512, "lasting.review")
	opContentCall   = timingOp(1513, "content.call")
	opDiskTakes     = timingOp(1514, "disk-failing.takes")
	opDiskFails     = timingOp(1515, "disk-failing.fails")
	opDiskWritten   = timingOp(1516, "disk-failing.written")
	opReadOnlyFor   = timingOp(1310, "read-only.replica")

	labelLasting = kernel.NewPoint("fault.lasting")
)

// A disk is the storage of the database or of the journal.
type disk struct {
	fullUntil, failingUntil time.Duration
}

// troubles are the faults of the run that last.
type troubles struct {
	// Each call of this method about this review fails until then.
	content struct {
		call   checker.Call
		review engine.ReviewID
		until  time.Duration
		failed int // calls so far
	}
	// The row of this review is locked until then.
	lock struct {
		review engine.ReviewID
		until  time.Duration
	}
	// The connections of this replica lead to a database that is read-only until then.
	readOnly struct {
		replica *node
		until   time.Duration
	}
	database, journal disk
	// until is when the last of the above is over.
	until time.Duration
}

// contentCalls are the calls that the content of a review may make fail.
var contentCalls = [...]checker.Call{
	checker.CallWorkerStart, checker.CallAppCallback, checker.CallAgentCreate, checker.CallWorkerCancel, checker.CallWorkerStatus,
	checker.CallAppSubmit, checker.CallAppCancel, checker.CallWorkerEvents,
}

// scheduleTroubles decides which of the lasting faults the run has.
func (w *Deployment) scheduleTroubles() {
	for _, kind := range [...]faults.Kind{
		faults.NetworkContent, faults.DatabaseRowLocked, faults.DatabaseDiskFull, faults.DatabaseDiskFailing,
		faults.JournalDiskFull, faults.JournalDiskFailing, faults.DatabaseReadOnly,
	} {
		if !w.schedule(w.actor, &runPoint, kind) {
			continue
		}
		w.kernel.After(w.kernel.Between(w.actor, opLastingAt, 0, w.stormLeft()), labelLasting, func() {
			if w.stormy {
				w.beginTrouble(kind)
			}
		})
	}
}

func (w *Deployment) beginTrouble(kind faults.Kind) {
	t := &w.troubles
	lasts := func(low, high time.Duration) (until time.Duration) {
		until = w.kernel.Now() + w.kernel.Between(w.actor, opLastingFor, low, high)
		t.until = max(t.until, until)
		return until
	}
	count := func(party string) { w.countFault(kind, party, "run", w.plannedFault(w.actor, kind)) }
	switch kind {
	case faults.NetworkContent:
		t.content.review = w.anyReview()
		t.content.call = contentCalls[w.kernel.Pick(w.actor, opContentCall, len(contentCalls))]
		t.content.failed = 0
		t.content.until = lasts(time.Minute, 10*time.Minute)
		count("network")
		w.traceActor("network", "fails each %s about %s for %s", t.content.call, t.content.review, t.content.until-w.kernel.Now())
	case faults.DatabaseRowLocked:
		t.lock.review = w.anyReview()
		t.lock.until = lasts(20*time.Second, 8*time.Minute)
		count(partyDatabase)
		w.traceActor(partyDatabase, "has the row of %s locked by somebody else for %s", t.lock.review, t.lock.until-w.kernel.Now())
	case faults.DatabaseReadOnly:
		t.readOnly.replica = w.apps[w.kernel.Pick(w.actor, opReadOnlyFor, len(w.apps))]
		t.readOnly.until = lasts(30*time.Second, 10*time.Minute)
		count(partyDatabase)
		w.traceActor(partyDatabase, "is read-only for %s for %s", t.readOnly.replica.name, t.readOnly.until-w.kernel.Now())
	case faults.DatabaseDiskFull, faults.JournalDiskFull:
		disk, party := w.diskOf(kind)
		disk.fullUntil = lasts(30*time.Second, 5*time.Minute)
		count(party)
		w.traceActor(party, "has a full disk for %s", disk.fullUntil-w.kernel.Now())
	default:
		disk, party := w.diskOf(kind)
		disk.failingUntil = lasts(10*time.Second, 2*time.Minute)
		count(party)
		w.traceActor(party, "has a disk that fails for %s", disk.failingUntil-w.kernel.Now())
	}
}

func (w *Deployment) anyReview() engine.ReviewID {
	return w.plan.reviews[w.kernel.Pick(w.actor, opLastingReview, len(w.plan.reviews))].submission.Review
}

func (w *Deployment) diskOf(kind faults.Kind) (*disk, string) {
	if kind.Category() == faults.CategoryDatabase {
		return &w.troubles.database, partyDatabase
	}
	return &w.troubles.journal, partyJournal
}

// hit notes that a fault that lasts affects a call.
func (c *call) hit(kind faults.Kind) {
	c.world.noteFault(kind, c.from.name, c.method.name, c.world.plannedFault(c.world.actor, kind))
}

// trouble returns what the lasting faults of the run do to a call. hit is false if they do nothing to it.
func (c *call) trouble() (f callFaults, hit bool) {
	w := c.world
	t, now := &w.troubles, w.kernel.Now()
	switch c.method.link {
	case &toDatabase:
		op := &c.statement.op
		if now < t.lock.until && !op.Kind.Reads() && op.Key.Review == t.lock.review {
			c.hit(faults.DatabaseRowLocked)
			f.refuse(engine.Rejected, nil)
			f.answerDelay = statementLimit
			return f, true
		}
		if now < t.readOnly.until && !op.Kind.Reads() && c.from == t.readOnly.replica {
			c.hit(faults.DatabaseReadOnly)
			f.refuse(engine.Rejected, nil)
			return f, true
		}
		return c.diskTrouble(&t.database, op.Kind.Reads(), faults.DatabaseDiskFull, faults.DatabaseDiskFailing)
	case &toJournal:
		reads := c.entry.op.Kind.Reads()
		return c.diskTrouble(&t.journal, reads, faults.JournalDiskFull, faults.JournalDiskFailing)
	default:
		if now < t.content.until && c.method.call == t.content.call && c.key.Review == t.content.review {
			c.hit(faults.NetworkContent)
			if t.content.failed++; t.content.failed == 3 {
				w.monitor.Goals().Add(checker.FailedForItsContent)
			}
			f.refuse(engine.Ambiguous, errConnectionReset)
			return f, true
		}
	}
	return f, false
}

func (c *call) diskTrouble(d *disk, reads bool, full, failing faults.Kind) (f callFaults, hit bool) {
	w := c.world
	now := w.kernel.Now()
	actor := c.from.process.Actor()
	switch {
	case now < d.fullUntil && !reads:
		c.hit(full)
		if c.method.call == checker.JournalCall(model.JournalAppend) {
			w.monitor.Goals().Add(checker.RefusedByAFullDisk)
		}
		f.refuse(engine.Rejected, nil)
	case now < d.failingUntil:
		c.hit(failing)
		f.requestDelay = w.kernel.Between(actor, opDiskTakes, 500*time.Millisecond, 8*time.Second)
		w.arrives(f.requestDelay)
		if !reads && w.kernel.Chance(actor, opDiskFails, 0.25) {
			f.fail(engine.Ambiguous, nil)
			f.withoutEffect = !w.kernel.Chance(actor, opDiskWritten, 0.5)
		}
	default:
		return f, false
	}
	return f, true
}
