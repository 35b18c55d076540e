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

// databaseLatency is the time of a statement, or of its answer, on the way. A primary key update on Postgres in the
// same zone takes a millisecond or two; checkpoints and lock waits make the tail.
var databaseLatency = kernel.Latency{Min: 200 * time.Microsecond, Median: time.Millisecond, Max: 800 * time.Millisecond}

var (
	labelStatement       = kernel.NewPoint("database.statement")
	labelStatementAnswer = kernel.NewPoint("database.answer")
	opStatementLatency   = latencyOp(20, "database.latency")
)

// A database is the simulated app database: the sequential model of the store behind latency and faults. Every
// statement is one atomic step, at a moment between its being sent and its being answered.
type database struct {
	service
	world *Deployment
	// state executes statements. With [Stores] behind the world it decides what they must answer and which rows have
	// changed.
	state   *model.Reviews
	before  engine.Review   // scratch: the row before a statement
	befores []engine.Review // scratch: all rows before a submission
	refused refusals
	failing bool          // the next statement begins a failover
	down    time.Duration // the failover lasts until then
	// busyUntil is when it has carried out what has arrived, in seeds in which it has a capacity.
	busyUntil time.Duration
}

// A statement is one operation of the database, with its result.
type statement struct {
	op     model.ReviewsOp
	result model.ReviewsResult
}

// executeStore carries out an operation for the store adapter of a process.
func (n *node) executeStore(ctx context.Context, op *model.ReviewsOp, result *model.ReviewsResult) {
	c := n.newCall(checker.StoreCall(op.Kind), op.Key)
	defer c.release()
	c.statement.op = *op
	c.statement.result = model.ReviewsResult{}
	c.observeBegan(ctx)
	if err := c.send(ctx); err != nil {
		*result = model.ReviewsResult{Failure: model.FailureOf(engine.KindOf(err))}
	} else {
		*result = c.statement.result
	}
	c.observeEnded(ctx, failureOf(result.Failed, result.Err))
}

// recordStatement adds the operation to the records of a call of the database, and the answer to the one that it ended.
func recordStatement(c *call, r *checker.Record) {
	r.Op = &c.statement.op
	if r.Kind == checker.CallEnded && r.Error == checker.NoFailure {
		r.Result = &c.statement.result
	}
}

// receive implements [answerer].
func (db *database) receive(c *call) {
	if db.world.refusesContent(faults.DatabaseRefusedForGood) {
		db.refused.refuse(c, db.carries(&c.statement.op), faults.DatabaseRefusedForGood)
	}
	if db.world.kernel.Now() < db.down && !c.faults.withoutEffect {
		c.faults = db.world.overtaken(c.from)
	}
}

// run executes a statement and reports to the checker which rows have changed.
func (db *database) run(c *call) {
	w, s := db.world, &c.statement
	op := &s.op
	if op.Kind == model.ReviewsSubmit {
		db.befores = db.befores[:0]
		db.state.Each(func(r *engine.Review) { db.befores = append(db.befores, *r) })
		db.apply(op, &s.result)
		i := 0
		db.state.Each(func(r *engine.Review) {
			switch {
			case i == len(db.befores):
				db.changed(c, nil, r)
			case db.befores[i] != *r:
				db.changed(c, &db.befores[i], r)
			}
			i++
		})
	} else if op.Kind.Reads() {
		db.apply(op, &s.result)
	} else {
		row, found := db.state.Review(op.Key.Review)
		if found {
			db.before = *row
		}
		db.apply(op, &s.result)
		if found && db.before != *row {
			db.changed(c, &db.before, row)
		}
	}
	if op.Kind == model.ReviewsClaim && !s.result.Failed && op.Limit != w.plan.limits(op.Owner).limit {
		w.monitor.Goals().Add(checker.AnotherLimitInForce)
	}
	c.decidedStore(s.result.Failed, s.result.Err)
	w.history.landed(c.tag, op, &s.result)
	r := w.record(checker.StoreExecuted, c.from.name, c.life)
	r.Key, r.Owner, r.Token, r.Op, r.Result = op.Key, op.Owner, op.Token, op, &s.result
	w.observe(r)
}

// apply executes an operation on the model, and on the store behind it, if there is one; then the store's answer
// counts.
func (db *database) apply(op *model.ReviewsOp, result *model.ReviewsResult) {
	db.state.Apply(op, result)
	if db.world.stores != nil {
		db.world.compareAnswer(op, result)
	}
}

func (db *database) changed(c *call, before, after *engine.Review) {
	w := db.world
	r := w.record(checker.StoreChanged, c.from.name, c.life)
	r.Key, r.Owner, r.Status = after.Key(), after.Owner, after.Status
	r.Op, r.Before, r.After = &c.statement.op, before, after
	w.history.superseded(c.tag, &c.statement.op, after)
	w.observe(r)
	if w.listens && notifies(c.statement.op.Kind, before, after) {
		db.notify(c.from, after.Owner)
	}
	w.progress()
}

// databaseFaults decides which faults a statement meets.
func databaseFaults(w *Deployment, c *call) (f callFaults) {
	n := c.from
	if w.database.failing {
		w.database.failing = false
		lasts := w.kernel.Between(w.actor, opFaultDetail, 5*time.Second, 30*time.Second)
		w.database.down = w.kernel.Now() + lasts
		w.countFault(faults.DatabaseFailover, "database", c.method.name, w.plannedFault(w.actor, faults.DatabaseFailover))
		w.traceActor("database", "fails over for %s", lasts)
		return w.overtaken(n)
	}
	if w.kernel.Now() < w.database.down {
		// The old primary is gone and the new one not there yet. Whether the driver knows that nothing was sent depends
		// on where the connection broke.
		f.refuse(engine.Rejected, nil)
		if w.kernel.Chance(n.process.Actor(), opFailoverAmbiguous, 0.3) {
			f.kind = engine.Ambiguous
		}
		w.noteFault(faults.DatabaseFailover, n.name, c.method.name, w.plannedFault(w.actor, faults.DatabaseFailover))
		return f
	}
	at := &c.method.faults
	switch {
	case w.inject(n, at, faults.DatabaseLostBefore):
		// Whether the driver knows that nothing was sent depends on where the connection broke.
		f.refuse(engine.Rejected, nil)
		if w.kernel.Chance(n.process.Actor(), opLostAmbiguous, 0.5) {
			f.kind = engine.Ambiguous
		}
	case w.inject(n, at, faults.DatabaseLostAfterCommit):
		f.fail(engine.Ambiguous, nil)
	case w.inject(n, at, faults.DatabaseStatementTimeout):
		f.refuse(engine.Rejected, nil)
		f.answerDelay = statementLimit
	case !c.statement.op.Kind.Reads() && w.inject(n, at, faults.DatabaseSerialization):
		f.refuse(engine.Rejected, nil)
	case w.inject(n, at, faults.DatabasePoolExhausted):
		f.refuse(engine.Rejected, nil)
		f.answerDelay = poolWait
	}
	return f
}

// statementLimit is the database's own time limit for a statement. poolWait is how long a client waits for a free
// connection. Both are below the engine's timeout, so that the caller learns that nothing happened.
const (
	statementLimit = 5 * time.Second
	poolWait       = 2 * time.Second
)

// overtaken returns the faults of a statement that is under way when a failover begins. The old primary may have
// committed it; the caller does not learn whether.
func (w *Deployment) overtaken(n *node) callFaults {
	return callFaults{
		fails: true, kind: engine.Ambiguous,
		withoutEffect: !w.kernel.Chance(n.process.Actor(), opFailoverCommitted, 0.5),
	}
}
