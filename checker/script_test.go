package checker

import (
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// A script writes a history by hand. Its operations run on the models of store and
// journal, so that a history without tampering is one that could have happened; record
// adds a record that could not.
type script struct {
	now     time.Duration
	store   *model.Reviews
	journal *model.Journal
	records []func(observe func(*Record))
	stage   map[engine.AttemptKey]stage
	tokens  map[engine.ReviewID]engine.Token
	config  Config
	ended   bool
	events  int
	last    engine.Event // how sessions end
	owner   engine.OwnerID
	hasty   bool // hosts journal without having waited for more events
}

// A stage is how far the life of an attempt has come.
type stage int

const (
	_ stage = iota // not known to the app
	pending
	reserved
	prepared
	claimed
	dispatched
	accepted // by the worker
	queued   // and the app knows
	intended
	started
	running // the app knows
	finished
	journaled
	reported
	settled
)

var epoch = time.Date(2026, 3, 17, 12, 0, 0, 0, time.UTC)

func newScript() *script {
	return &script{
		store: model.NewReviews(), journal: model.NewJournal(),
		stage: make(map[engine.AttemptKey]stage), tokens: make(map[engine.ReviewID]engine.Token),
		config: Config{Limit: func(engine.OwnerID) int { return 2 }, Start: epoch}, events: 3,
		last: engine.Event{Kind: engine.EventCompleted}, owner: "acme",
	}
}

func key(review engine.ReviewID, attempt int) engine.AttemptKey {
	return engine.AttemptKey{Review: review, Attempt: attempt}
}

func (s *script) clock() time.Time { return epoch.Add(s.now) }

// after lets time pass.
func (s *script) after(d time.Duration) { s.now += d }

// record adds a record as it is.
func (s *script) record(r Record) {
	if r.At == 0 {
		r.At = s.now
	}
	if r.Life == 0 {
		r.Life = 1
	}
	s.records = append(s.records, func(observe func(*Record)) {
		copied := r
		observe(&copied)
	})
	s.now += time.Second
}

// do executes an operation of the store and reports what it did. tamper may change
// the rows before they are reported.
func (s *script) do(actor string, op model.ReviewsOp, tamper ...func(before, after *engine.Review)) model.ReviewsResult {
	s.announce(actor, &op)
	befores := map[engine.ReviewID]engine.Review{}
	s.store.Each(func(r *engine.Review) { befores[r.Review] = *r })
	var result model.ReviewsResult
	s.store.Apply(&op, &result)
	s.store.Each(func(r *engine.Review) {
		before, known := befores[r.Review]
		if known && before == *r {
			return
		}
		after := *r
		record := Record{Kind: StoreChanged, Actor: actor, Key: after.Key(), Op: &op, After: &after}
		if known {
			record.Before = &before
		}
		for _, t := range tamper {
			t(&before, &after)
		}
		record.Key = after.Key()
		s.record(record)
	})
	s.record(Record{Kind: StoreExecuted, Actor: actor, Key: op.Key, Op: &op, Result: &result})
	if op.Kind == model.ReviewsClaim && !result.Failed {
		s.tokens[op.Key.Review] = result.Token
	}
	return result
}

// announce reports what an operation follows from: a report without a token from a
// callback, a release from a refusal, giving up from a preparation.
func (s *script) announce(actor string, op *model.ReviewsOp) {
	switch {
	case op.Kind == model.ReviewsApply && op.Token == 0:
		s.record(Record{Kind: CallbackArrived, Actor: actor, Key: op.Key, Status: op.Report.Status})
	case op.Kind == model.ReviewsFail:
		s.record(Record{Kind: PrepareStarted, Actor: actor, Key: op.Key, Token: op.Token})
		s.record(Record{Kind: PrepareEnded, Actor: actor, Key: op.Key, Error: FailedAs(engine.Permanent)})
	case op.Kind == model.ReviewsRelease:
		s.record(Record{Kind: DispatchAnswered, Actor: actor, Key: op.Key, Token: op.Token, Error: FailedAs(engine.Rejected)})
	}
}

// change reports a change that no model makes, and of the operation behind it.
func (s *script) change(actor string, op model.ReviewsOp, tamper func(after *engine.Review)) {
	s.announce(actor, &op)
	row, _ := s.store.Review(op.Key.Review)
	before, after := *row, *row
	tamper(&after)
	if op.Kind == model.ReviewsClaim || op.Kind == model.ReviewsRelease {
		after.DueAt = op.DueAt
	}
	*row = after
	s.record(Record{Kind: StoreChanged, Actor: actor, Key: after.Key(), Op: &op, Before: &before, After: &after})
	s.record(Record{Kind: StoreExecuted, Actor: actor, Key: op.Key, Op: &op, Result: &model.ReviewsResult{Review: after, Token: after.Claim}})
}

// write executes an operation of the journal and reports what it did. tamper may
// change the row that is reported, and that stands from then on.
func (s *script) write(actor string, op model.JournalOp, tamper ...func(row *engine.Orchestration, result *model.JournalResult)) model.JournalResult {
	op.Now = s.clock()
	return s.writeSent(actor, op, tamper...)
}

// writeSent is write of what was sent at the time that the operation says.
func (s *script) writeSent(actor string, op model.JournalOp, tamper ...func(row *engine.Orchestration, result *model.JournalResult)) model.JournalResult {
	if op.Kind == model.JournalAppend && !s.hasty {
		s.record(Record{Kind: ReceiveEnded, Actor: actor, Key: op.Key})
	}
	record := Record{Kind: JournalExecuted, Actor: actor, Key: op.Key, JournalOp: &op}
	if row, ok := s.journal.Orchestration(op.Key); ok {
		before := *row
		record.RowBefore, record.Current = &before, row.Epoch
	}
	var result model.JournalResult
	s.journal.Apply(&op, &result)
	if row, ok := s.journal.Orchestration(op.Key); ok {
		for _, t := range tamper {
			t(row, &result)
		}
		after := *row
		record.Row = &after
	}
	record.JournalResult = &result
	s.record(record)
	return result
}

func (s *script) epochOf(k engine.AttemptKey) engine.Epoch {
	row, ok := s.journal.Orchestration(k)
	if !ok {
		return 0
	}
	return row.Epoch
}

// eventsOf is what the agent emits for an attempt, the same for each.
func (s *script) eventsOf(engine.AttemptKey) []engine.Event {
	events := make([]engine.Event, s.events)
	for i := range events {
		events[i] = engine.Event{Seq: int64(i + 1), Kind: engine.EventProgress, Tokens: int64(10 * (i + 1)), Text: string(rune('a' + i))}
	}
	last := s.last
	last.Seq, last.Tokens, last.Text = int64(s.events), 7, last.Text+"the end"
	events[s.events-1] = last
	return events
}

func (s *script) submission(review engine.ReviewID, order int64) engine.Submission {
	return engine.Submission{
		Review: review, Owner: s.owner, Platform: "github", Repository: "acme/app",
		PullRequest: int(review[len(review)-1]), HeadSHA: string(review), HeadOrder: order,
	}
}

func (s *script) claimOp(k engine.AttemptKey) model.ReviewsOp {
	row, _ := s.store.Review(k.Review)
	return model.Claim(engine.Claim{
		Key: k, Owner: row.Owner, Seen: row.Claim, Limit: s.config.Limit(row.Owner),
		Now: s.clock(), DueAt: s.clock().Add(5 * time.Minute),
	})
}

// faultAt has a fault hit a process.
func (s *script) faultAt(actor string) {
	s.record(Record{Kind: FaultFired, Actor: actor, Fault: faults.NetworkRequestLost})
}

// prepares has an app prepare an attempt.
func (s *script) prepares(actor string, k engine.AttemptKey) {
	s.record(Record{Kind: PrepareStarted, Actor: actor, Key: k})
	s.record(Record{Kind: PrepareEnded, Actor: actor, Key: k})
}

// claims has an app prepare an attempt and claim it.
func (s *script) claims(actor string, k engine.AttemptKey) {
	s.prepares(actor, k)
	s.do(actor, s.claimOp(k))
}

func (s *script) reportOp(k engine.AttemptKey, token engine.Token) model.ReviewsOp {
	row, _ := s.journal.Orchestration(k)
	return model.Apply(engine.Report{
		WorkerReport: row.Report(), Token: token, Now: s.clock(), DueAt: s.clock().Add(10 * time.Minute),
		RetryAt: s.clock().Add(5 * time.Second), MaxRetries: 2,
	})
}

func (s *script) session(k engine.AttemptKey, name engine.SessionID) {
	s.record(Record{Kind: SessionStarted, Actor: "agent", Key: k, Owner: "acme", Session: name, Caller: "worker-1", Script: s.eventsOf(k)})
}

func (s *script) sessionEnds(k engine.AttemptKey, status engine.Status, events int64) {
	s.record(Record{Kind: SessionEnded, Actor: "agent", Key: k, Owner: "acme", Session: "s1", Status: status, Events: events})
}

func (s *script) appendOp(k engine.AttemptKey, events ...engine.Event) model.JournalOp {
	return model.JournalOp{Kind: model.JournalAppend, Key: k, Epoch: s.epochOf(k), Events: events}
}

func (s *script) callback(k engine.AttemptKey, tamper ...func(*Record)) {
	row, _ := s.journal.Orchestration(k)
	report := row.Report()
	r := Record{Kind: CallbackSent, Actor: "worker-1", Key: k, Status: report.Status, Tokens: report.Tokens, Events: report.Events}
	for _, t := range tamper {
		t(&r)
	}
	s.record(r)
}

// upTo takes attempts to a stage of their lives, one after the other, as app-1,
// worker-1 and the agent would.
func (s *script) upTo(to stage, keys ...engine.AttemptKey) {
	for _, k := range keys {
		for at := s.stage[k] + 1; at <= to; at++ {
			s.step(at, k)
			s.stage[k] = at
		}
	}
}

func (s *script) step(at stage, k engine.AttemptKey) {
	switch at {
	case pending:
		if _, known := s.store.Review(k.Review); !known {
			s.do("app-1", model.Submit(s.submission(k.Review, 1), s.clock()))
		}
	case reserved:
		// With others it would be a cycle of all of them, which begins all at once.
		op := model.Reserve(s.owner, s.config.Limit(s.owner), s.clock())
		var found model.ReviewsResult
		if s.store.Apply(&op, &found); len(found.Reviews) == 1 {
			s.do("app-1", op)
		}
	case prepared:
		s.record(Record{Kind: PrepareStarted, Actor: "app-1", Key: k})
		s.after(3 * time.Second)
		s.record(Record{Kind: PrepareEnded, Actor: "app-1", Key: k})
	case claimed:
		s.do("app-1", s.claimOp(k))
	case dispatched:
		s.record(Record{Kind: DispatchSent, Actor: "app-1", Key: k, Token: s.tokens[k.Review]})
	case accepted:
		s.arrives("worker-1", k)
	case queued:
		s.do("app-1", s.reportOp(k, s.tokens[k.Review]))
	case intended:
		s.write("worker-1", model.JournalOp{Kind: model.JournalRecordIntent, Key: k, Epoch: s.epochOf(k)})
	case started:
		s.record(Record{Kind: CreateSent, Actor: "worker-1", Key: k})
		s.session(k, "s1")
		s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: k})
	case running:
		s.callback(k)
		s.do("app-1", s.reportOp(k, 0))
		s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: k, Status: engine.Running})
		s.write("worker-1", s.appendOp(k, s.eventsOf(k)[0]))
	case finished:
		s.sessionEnds(k, s.last.Outcome().Status, int64(s.events))
	case journaled:
		row, _ := s.journal.Orchestration(k)
		s.write("worker-1", s.appendOp(k, s.eventsOf(k)[row.Events:]...))
	case reported:
		s.callback(k)
		s.do("app-1", s.reportOp(k, 0))
		s.record(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: k, Status: s.last.Outcome().Status})
	case settled:
		s.write("worker-1", model.JournalOp{Kind: model.JournalClearOutbox, Key: k, Epoch: s.epochOf(k)})
	}
}

// arrives has a worker receive and journal a start.
func (s *script) arrives(host string, k engine.AttemptKey) {
	s.record(Record{Kind: StartArrived, Actor: host, Key: k, Token: s.tokens[k.Review]})
	s.write(host, model.JournalOp{
		Kind: model.JournalCreate, Key: k, Owner: s.ownerOf(k), Host: engine.HostID(host),
	})
}

// ownerOf is who has submitted a review.
func (s *script) ownerOf(k engine.AttemptKey) engine.OwnerID {
	if row, known := s.store.Review(k.Review); known {
		return row.Owner
	}
	return s.owner
}

// takeover has a host take over all that nobody holds or a suspect held at its first
// beat, a lease later.
func (s *script) takeover(host string, suspects ...engine.HostID) {
	if len(suspects) != 0 {
		s.after(time.Minute)
	}
	s.hold(host, suspects...)
}

// overtaken has worker-2 take r1 over from worker-1, and returns a write that worker-1 still has under way.
func (s *script) overtaken() model.JournalOp {
	s.upTo(running, r1)
	op := s.appendOp(r1, s.eventsOf(r1)[1])
	s.takeover("worker-2", "worker-1")
	return op
}

// hold renews the lease of a host.
func (s *script) hold(host string, suspects ...engine.HostID) {
	op := model.JournalOp{Kind: model.JournalRenewLease, Host: engine.HostID(host), Max: 100}
	for _, suspect := range suspects {
		op.Suspects = append(op.Suspects, engine.Heartbeat{Host: suspect})
	}
	s.span(host, op)
	s.held(host)
}

// held has a host read what it holds.
func (s *script) held(host string) {
	op := model.Held(engine.HostID(host))
	var result model.JournalResult
	s.journal.Apply(&op, &result)
	s.record(Record{Kind: JournalExecuted, Actor: host, JournalOp: &op, JournalResult: &result})
}

// purge has a host forget what was finished before a time.
func (s *script) purge(host string, before time.Time) {
	s.span(host, model.JournalOp{Kind: model.JournalPurge, Before: before, Max: 100})
}

// span executes an operation of the journal that spans rows, and reports which of them it changed, and then the whole.
// tamper may change a row that is reported, or leave it out.
func (s *script) span(host string, op model.JournalOp, tamper ...func(r *Record) (reported bool)) {
	var result model.JournalResult
	s.journal.Apply(&op, &result)
	for _, change := range s.journal.Changes() {
		s.spanned(host, op, change, &result, tamper...)
	}
	s.record(Record{Kind: JournalExecuted, Actor: host, JournalOp: &op, JournalResult: &result})
}

func (s *script) spanned(
	host string, op model.JournalOp, change model.JournalChange, result *model.JournalResult, tamper ...func(r *Record) bool,
) {
	before := change.Before
	row, _ := s.journal.Orchestration(before.Key)
	after := *row
	r := Record{
		Kind: JournalExecuted, Actor: host, Key: before.Key, JournalOp: &op, JournalResult: result,
		RowBefore: &before, Row: &after, Current: before.Epoch,
	}
	if op.Kind == model.JournalPurge {
		r.Forgotten = change.Events
	}
	for _, t := range tamper {
		if !t(&r) {
			return
		}
	}
	at := s.now
	s.record(r)
	s.now = at // one operation
}

func (s *script) cancel(k engine.AttemptKey) {
	s.do("app-1", model.Cancel(k, "not needed", s.clock()))
}

func (s *script) requestCancel(host string, k engine.AttemptKey) {
	s.write(host, model.JournalOp{Kind: model.JournalRequestCancel, Key: k})
}

func (s *script) interrupt(k engine.AttemptKey) {
	if row, known := s.journal.Orchestration(k); known && !row.Cancel && row.Phase < engine.PhaseStopping {
		s.requestCancel("worker-1", k)
	}
	s.record(Record{Kind: InterruptSent, Actor: "worker-1", Key: k})
	s.record(Record{Kind: Interrupted, Actor: "agent", Key: k})
}

func (s *script) finish(host string, k engine.AttemptKey, outcome engine.Outcome) {
	s.write(host, model.JournalOp{Kind: model.JournalFinish, Key: k, Epoch: s.epochOf(k), Outcome: outcome})
}

// end ends the run.
// forces has an operator end an attempt in the journal, by way of a host.
func (s *script) forces(host string, k engine.AttemptKey) {
	s.write(host, model.Abandon(k, engine.Outcome{Status: engine.Failed, Cause: engine.CauseForced}, s.clock()))
}

// abandoned answers an operator's call.
func (s *script) abandoned(call Call, k engine.AttemptKey) {
	s.record(Record{Kind: ClientAnswered, Actor: "operator", Key: k, Call: call, Status: engine.Failed})
}

// inspected answers an operator's question.
func (s *script) inspected(call Call, k engine.AttemptKey, seen engine.Inspection) {
	s.record(Record{Kind: ClientAnswered, Actor: "operator", Key: k, Call: call, Since: s.now, Inspection: &seen})
}

func (s *script) end() { s.ended = true }

// play has a monitor observe the history.
func (s *script) play(m *Monitor, only ...string) *Violation {
	config := s.config
	config.Only = only
	m.Reset(config)
	for _, record := range s.records {
		record(m.Observe)
	}
	if s.ended {
		m.Finish(s.now)
	}
	return m.Violation()
}

func played(t *testing.T, write func(s *script), only ...string) (*Violation, *GoalCounts) {
	t.Helper()
	s := newScript()
	write(s)
	m := NewMonitor()
	v := s.play(m, only...)
	return v, m.Goals()
}
