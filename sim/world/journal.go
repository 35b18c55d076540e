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

// journalLatency is that of storage beside the worker: faster than the app
// database, with the same kind of tail.
var journalLatency = kernel.Latency{Min: 100 * time.Microsecond, Median: 600 * time.Microsecond, Max: 500 * time.Millisecond}

var (
	labelEntry       = kernel.NewOp("journal.entry")
	labelEntryAnswer = kernel.NewOp("journal.answer")
	opEntryLatency   = kernel.NewOp("journal.latency")
	opSlowAnswer     = kernel.NewOp("journal.slow-answer")
)

// A journal is the simulated journal of the workers: its model behind latency and
// faults.
type journal struct {
	world  *World
	state  *model.Journal
	free   []*entry
	before engine.Orchestration // scratch: the row before an operation
}

// An entry is one operation on its way to the journal and back.
type entry struct {
	journal    *journal
	node       *node
	life       int
	op         model.JournalOp
	events     []engine.Event // memory of op.Events: the caller may reuse its own
	result     model.JournalResult
	completion kernel.Completion
	fate       fate
	executed   bool
	waiting    bool
	message    uint64 // that is on its way, if somebody listens
}

// execute is what a node's journal adapter does.
func (j *journal) execute(ctx context.Context, n *node, op *model.JournalOp, result *model.JournalResult) {
	w := j.world
	n.faultPoint(pointOfJournal[op.Kind])
	e := j.take()
	e.node, e.life, e.op = n, n.process.Incarnation(), *op
	e.events = append(e.events[:0], op.Events...)
	e.op.Events = e.events
	e.fate = w.journalFate(n, op.Kind)
	e.waiting = true
	e.completion.Reset(w.kernel)
	w.operations++
	e.schedule(e.fate.requestDelay, labelEntry)
	if err := e.completion.Wait(ctx); err != nil {
		e.waiting = false
		*result = model.JournalResult{Failed: true, Err: engine.Ambiguous}
		return
	}
	*result = e.result
	if e.fate.fails {
		*result = model.JournalResult{Failed: true, Err: e.fate.err}
	}
	j.put(e)
	n.faultPoint(pointOfJournal[op.Kind])
}

// Fire executes the operation, and later answers it.
func (e *entry) Fire() {
	w := e.journal.world
	if !e.executed {
		e.executed = true
		if e.node.loses(partyJournal, journalNames[e.op.Kind]) {
			w.loses(e.message)
			return // nothing arrives, so nothing is answered
		}
		if !e.fate.withoutEffect {
			e.journal.run(e)
		}
		e.schedule(e.fate.answerDelay, labelEntryAnswer)
		return
	}
	if !e.waiting || !e.node.lives(e.life) {
		e.journal.put(e)
		return
	}
	if e.node.loses(partyJournal, journalNames[e.op.Kind]) {
		w.loses(e.message)
		return
	}
	e.completion.Complete()
}

// schedule sends the operation, or its answer.
func (e *entry) schedule(delay time.Duration, label kernel.Label) {
	w := e.journal.world
	after := w.kernel.Latency(e.node.process.Actor(), opEntryLatency, journalLatency) + delay
	e.message = w.sends(exchangeWith(e.node.name, partyJournal, journalNames[e.op.Kind], e.op.Key, e.executed, e.message), after)
	w.kernel.Schedule(after, label, e)
}

// run is the moment at which the operation takes effect.
func (j *journal) run(e *entry) {
	op := &e.op
	if op.Kind == model.JournalHold || op.Kind == model.JournalPurge {
		j.runOverRows(e)
		return
	}
	before, found := j.state.Orchestration(op.Key)
	if found {
		j.before = *before
	}
	j.apply(op, &e.result)
	after, exists := j.state.Orchestration(op.Key)
	r := j.executed(e, op.Key)
	if found {
		r.RowBefore, r.Current = &j.before, j.before.Epoch
	}
	if exists {
		r.Row = after
	}
	j.world.observe(r)
	if op.Kind == model.JournalSettle {
		j.world.progress()
	}
}

// runOverRows executes a hold or a purge, which span rows: the checker sees in the
// result what they changed.
func (j *journal) runOverRows(e *entry) {
	w := j.world
	var before []engine.Orchestration
	if w.spec.Trace != nil {
		j.state.Each(func(o *engine.Orchestration) { before = append(before, *o) })
	}
	j.apply(&e.op, &e.result)
	w.observe(j.executed(e, engine.AttemptKey{}))
	if w.spec.Trace != nil {
		w.tellTakeovers(e.node.name, before, e.result.Orchestrations)
	}
}

// apply executes an operation on the model, and on the journal behind it, if there is one: that one's answer counts.
func (j *journal) apply(op *model.JournalOp, result *model.JournalResult) {
	j.state.Apply(op, result)
	if j.world.stores != nil {
		j.world.confrontJournal(op, result)
	}
}

func (j *journal) executed(e *entry, key engine.AttemptKey) *checker.Record {
	r := j.world.record(checker.JournalExecuted, e.node.name, e.life)
	r.Key, r.JournalOp, r.JournalResult = key, &e.op, &e.result
	return r
}

func (j *journal) take() *entry {
	if n := len(j.free); n > 0 {
		e := j.free[n-1]
		j.free = j.free[:n-1]
		return e
	}
	return &entry{journal: j}
}

func (j *journal) put(e *entry) {
	e.result = model.JournalResult{}
	e.executed = false
	j.free = append(j.free, e)
}

// journalFate decides what becomes of an operation.
func (w *World) journalFate(n *node, kind model.JournalOpKind) (f fate) {
	if !w.stormy {
		return f
	}
	at := &journalPoints[kind]
	switch {
	case !kind.Reads() && w.strikes(n, at, faults.JournalRefused):
		f.refuse(engine.Rejected)
	case !kind.Reads() && w.strikes(n, at, faults.JournalReportedFailed):
		f.fails, f.err = true, engine.Ambiguous
	case w.strikes(n, at, faults.JournalSlow):
		if takes := w.delay(n, time.Second, 15*time.Second); w.kernel.Chance(n.process.Actor(), opSlowAnswer, 0.5) {
			f.answerDelay = takes
		} else {
			f.requestDelay = takes
		}
	}
	return f
}
