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

// databaseLatency is how long a statement takes to arrive, and its answer to come
// back. A primary key update on Postgres in the same zone takes a millisecond or
// two; the tail is checkpoints and lock waits.
var databaseLatency = kernel.Latency{Min: 200 * time.Microsecond, Median: time.Millisecond, Max: 800 * time.Millisecond}

var (
	labelStatement       = kernel.NewOp("database.statement")
	labelStatementAnswer = kernel.NewOp("database.answer")
	opStatementLatency   = kernel.NewOp("database.latency")
)

// A database is the simulated app database: the sequential model of the store
// behind latency and faults. Every statement is one atomic step at a moment of its
// own, between the caller's asking and its being answered.
type database struct {
	world *World
	// state executes statements. With [Stores] behind the world it says what they have to
	// answer, and what the rows are that they changed.
	state   *model.Store
	free    []*statement
	before  engine.Review   // scratch: the row before a statement
	befores []engine.Review // scratch: all rows before a submission
	failing bool            // the next statement finds the primary gone
	down    time.Duration   // failover until then
}

// A statement is one operation on its way to the database and back. It outlives
// its caller: what was sent is executed whether or not anybody still waits.
type statement struct {
	db         *database
	node       *node
	life       int
	op         model.Op
	result     model.Result
	completion kernel.Completion
	tag        uint64 // operation of the history that it carries out, plus 1
	fate       fate
	executed   bool
	waiting    bool
	message    uint64 // that is on its way, if somebody listens
}

// execute is what a node's store adapter does.
func (db *database) execute(ctx context.Context, n *node, op *model.Op, result *model.Result) {
	w := db.world
	n.faultPoint(pointOfStore[op.Kind])
	s := db.take()
	s.node, s.life, s.op = n, n.process.Incarnation(), *op
	s.tag = w.history.begin(n, op, w.kernel.Tag())
	s.fate = w.databaseFate(n, op.Kind)
	s.waiting = true
	s.completion.Reset(w.kernel)
	w.operations++
	s.schedule(s.fate.requestDelay, labelStatement)
	err := s.completion.Wait(ctx)
	if err != nil {
		// The statement is still under way; the event that ends it frees it.
		s.waiting = false
		*result = model.Result{Failed: true, Err: engine.Ambiguous}
		w.history.end(s.tag, op, result)
		return
	}
	*result = s.result
	if s.fate.fails {
		*result = model.Result{Failed: true, Err: s.fate.err}
	}
	w.history.end(s.tag, op, result)
	db.put(s)
	n.faultPoint(pointOfStore[op.Kind])
}

// Fire executes the statement, and later answers it.
func (s *statement) Fire() {
	w := s.db.world
	if !s.executed {
		s.executed = true
		if s.node.loses(partyDatabase, storeNames[s.op.Kind]) {
			w.loses(s.message)
			return // nothing arrives, so nothing is answered
		}
		if w.kernel.Now() < s.db.down && !s.fate.withoutEffect {
			s.fate = w.overtaken(s.node)
		}
		if !s.fate.withoutEffect {
			s.db.run(s)
		}
		s.schedule(s.fate.answerDelay, labelStatementAnswer)
		return
	}
	if !s.waiting || !s.node.lives(s.life) {
		s.db.put(s)
		return
	}
	if s.node.loses(partyDatabase, storeNames[s.op.Kind]) {
		w.loses(s.message)
		return
	}
	s.completion.Complete()
}

// schedule sends the statement, or its answer.
func (s *statement) schedule(delay time.Duration, label kernel.Label) {
	w := s.db.world
	after := w.kernel.Latency(s.node.process.Actor(), opStatementLatency, databaseLatency) + delay
	s.message = w.sends(exchangeWith(s.node.name, partyDatabase, storeNames[s.op.Kind], s.op.Key, s.executed, s.message), after)
	w.kernel.Schedule(after, label, s)
}

// run is the moment at which the statement takes effect. It tells the checker
// which rows are different now.
func (db *database) run(s *statement) {
	w := db.world
	op := &s.op
	if op.Kind == model.OpSubmit {
		db.befores = db.befores[:0]
		db.state.Each(func(r *engine.Review) { db.befores = append(db.befores, *r) })
		db.apply(op, &s.result)
		i := 0
		db.state.Each(func(r *engine.Review) {
			switch {
			case i == len(db.befores):
				db.changed(s, nil, r)
			case db.befores[i] != *r:
				db.changed(s, &db.befores[i], r)
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
			db.changed(s, &db.before, row)
		}
	}
	w.history.landed(s.tag, op, &s.result)
	r := w.record(checker.StoreExecuted, s.node.name, s.life)
	r.Key, r.Owner, r.Token, r.Op, r.Result = op.Key, op.Owner, op.Token, op, &s.result
	w.observe(r)
}

// apply executes an operation on the model, and on the store behind it, if there is one: that one's answer counts.
func (db *database) apply(op *model.Op, result *model.Result) {
	db.state.Apply(op, result)
	if db.world.stores != nil {
		db.world.confront(op, result)
	}
}

func (db *database) changed(s *statement, before, after *engine.Review) {
	w := db.world
	r := w.record(checker.StoreChanged, s.node.name, s.life)
	r.Key, r.Owner, r.Status = after.Key(), after.Owner, after.Status
	r.Op, r.Before, r.After = &s.op, before, after
	w.history.superseded(s.tag, &s.op, after)
	w.observe(r)
	w.progress()
}

func (db *database) take() *statement {
	if n := len(db.free); n > 0 {
		s := db.free[n-1]
		db.free = db.free[:n-1]
		return s
	}
	return &statement{db: db}
}

func (db *database) put(s *statement) {
	s.result = model.Result{}
	s.executed = false
	db.free = append(db.free, s)
}

// databaseFate decides what becomes of a statement.
func (w *World) databaseFate(n *node, kind model.OpKind) (f fate) {
	if !w.stormy {
		return f
	}
	if w.database.failing {
		w.database.failing = false
		lasts := w.kernel.Between(w.actor, opFaultDetail, 5*time.Second, 30*time.Second)
		w.database.down = w.kernel.Now() + lasts
		w.struck(faults.DatabaseFailover, "database", storeNames[kind], w.destined(w.actor, faults.DatabaseFailover))
		w.traceActor("database", "fails over for %s", lasts)
		return w.overtaken(n)
	}
	if w.kernel.Now() < w.database.down {
		// A failover: the old primary is gone, the new one not there yet. Whether the
		// driver can tell that nothing was sent depends on where the connection broke.
		f.refuse(engine.Rejected)
		if w.kernel.Chance(n.process.Actor(), opFailoverAmbiguous, 0.3) {
			f.err = engine.Ambiguous
		}
		w.felt(faults.DatabaseFailover, n.name, storeNames[kind], w.destined(w.actor, faults.DatabaseFailover))
		return f
	}
	at := &storePoints[kind]
	switch {
	case w.strikes(n, at, faults.DatabaseLostBefore):
		// Whether the driver can know that nothing was sent depends on where it broke.
		f.refuse(engine.Rejected)
		if w.kernel.Chance(n.process.Actor(), opLostAmbiguous, 0.5) {
			f.err = engine.Ambiguous
		}
	case w.strikes(n, at, faults.DatabaseLostAfterCommit):
		f.fails, f.err = true, engine.Ambiguous
	case w.strikes(n, at, faults.DatabaseStatementTimeout):
		f.refuse(engine.Rejected)
		f.answerDelay = statementLimit
	case !kind.Reads() && w.strikes(n, at, faults.DatabaseSerialization):
		f.refuse(engine.Rejected)
	case w.strikes(n, at, faults.DatabasePoolExhausted):
		f.refuse(engine.Rejected)
		f.answerDelay = poolWait
	}
	return f
}

// statementLimit is the database's own time limit for a statement, poolWait how
// long a client waits for a free connection. Both are within the engine's timeout,
// so that the caller learns that nothing happened.
const (
	statementLimit = 5 * time.Second
	poolWait       = 2 * time.Second
)

// overtaken is the fate of a statement that is under way when a failover begins:
// the old primary had committed it, or not, and nobody says which.
func (w *World) overtaken(n *node) fate {
	return fate{
		fails: true, err: engine.Ambiguous,
		withoutEffect: !w.kernel.Chance(n.process.Actor(), opFailoverCommitted, 0.5),
	}
}
