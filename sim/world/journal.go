package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// journalLatency is that of storage beside the worker: faster than the app database, with a tail of the same kind.
var journalLatency = kernel.Latency{Min: 100 * time.Microsecond, Median: 600 * time.Microsecond, Max: 500 * time.Millisecond}

var (
	labelEntry       = kernel.NewPoint("journal.entry")
	labelEntryAnswer = kernel.NewPoint("journal.answer")
	opEntryLatency   = latencyOp(30, "journal.latency")
	opSlowAnswer     = timingOp(150, "journal.slow-answer")
)

// A journal is the simulated journal of the workers: its model behind latency and faults.
type journal struct {
	service
	world   *Deployment
	state   *model.Journal
	refused refusals
	before  engine.Orchestration // scratch: the row before an operation
	// busyUntil is when it has carried out what has arrived, in seeds in which it has a capacity.
	busyUntil time.Duration
}

// An entry is one operation of the journal, with its result.
type entry struct {
	op     model.JournalOp
	events []engine.Event       // memory of op.Events; the caller may reuse its own
	result model.JournalResult  // of the journal
	answer *model.JournalResult // for the caller
}

// executeJournal carries out an operation for the journal adapter of a process.
func (n *node) executeJournal(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
	c := n.newCall(checker.JournalCall(op.Kind), op.Key)
	defer c.release()
	e := &c.entry
	e.op = *op
	e.result = model.JournalResult{}
	e.answer = result
	e.events = append(e.events[:0], op.Events...)
	e.op.Events = e.events
	c.observeBegan(ctx)
	if err := c.send(ctx); err != nil {
		*result = model.JournalResult{Failure: model.FailureOf(engine.KindOf(err))}
	} else {
		*result = e.result
	}
	c.observeEnded(ctx, failureOf(result.Failed, result.Err))
}

// recordEntry adds the operation, and finally its result, to the records of a call of the journal.
func recordEntry(c *call, r *checker.Record) {
	r.JournalOp = &c.entry.op
	if r.Kind == checker.CallEnded {
		r.JournalResult = c.entry.answer
	}
}

// run executes an operation and reports to the checker what has changed.
func (j *journal) run(c *call) {
	e := &c.entry
	op := &e.op
	defer func() { c.decidedStore(e.result.Failed, e.result.Err) }()
	switch op.Kind {
	case model.JournalRenewLease, model.JournalPurge:
		j.runOverRows(c)
		return
	case model.JournalHeld:
		j.apply(op, &e.result)
		j.world.observe(j.executed(c, engine.AttemptKey{}))
		return
	default: // about one row
	}
	before, found := j.state.Orchestration(op.Key)
	if found {
		j.before = *before
	}
	j.apply(op, &e.result)
	after, exists := j.state.Orchestration(op.Key)
	r := j.executed(c, op.Key)
	if found {
		r.RowBefore, r.Current = &j.before, j.before.Epoch
	}
	if exists {
		r.Row = after
	}
	j.world.observe(r)
	if op.Kind == model.JournalClearOutbox {
		j.world.progress()
	}
}

// runOverRows executes a renewal or a purge. These span rows: the checker sees a record for each row that has changed,
// and then one for the operation as a whole.
func (j *journal) runOverRows(c *call) {
	e := &c.entry
	j.apply(&e.op, &e.result)
	changes := j.state.Changes()
	for i := range changes {
		before := &changes[i].Before
		r := j.executed(c, before.Key)
		r.RowBefore, r.Current, r.Forgotten = before, before.Epoch, changes[i].Events
		if e.op.Kind != model.JournalPurge {
			r.Forgotten = 0
		}
		r.Row, _ = j.state.Orchestration(before.Key)
		j.world.observe(r)
	}
	j.world.observe(j.executed(c, engine.AttemptKey{}))
}

// apply executes an operation on the model, and on the journal behind it, if there is one; then the latter's answer
// counts.
func (j *journal) apply(op *model.JournalOp, result *model.JournalResult) {
	j.state.Apply(op, result)
	if j.world.stores != nil {
		j.world.compareJournalAnswer(op, result)
	}
}

func (j *journal) executed(c *call, key engine.AttemptKey) *checker.Record {
	r := j.world.record(checker.JournalExecuted, c.from.name, c.life)
	r.Key, r.JournalOp, r.JournalResult = key, &c.entry.op, &c.entry.result
	return r
}

// journalFaults decides which faults an operation meets.
func journalFaults(w *Deployment, c *call) (f callFaults) {
	n, at, reads := c.from, &c.method.faults, c.entry.op.Kind.Reads()
	switch {
	case !reads && w.inject(n, at, faults.JournalRefused):
		f.refuse(engine.Rejected, nil)
	case !reads && w.inject(n, at, faults.JournalReportedFailed):
		f.fail(engine.Ambiguous, nil)
	case w.inject(n, at, faults.JournalSlow):
		if takes := w.delay(n, time.Second, 15*time.Second); w.kernel.Chance(n.process.Actor(), opSlowAnswer, 0.5) {
			f.answerDelay = takes
		} else {
			f.requestDelay = takes
		}
	}
	return f
}
