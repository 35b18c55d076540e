package checker

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Steps of scripts that are single calls of ports.

// began records a call as it begins.
func (s *script) began(r Record) {
	r.Kind = CallBegan
	if r.Clock.IsZero() {
		r.Clock = s.clock()
	}
	if r.Within == 0 {
		r.Within = 10 * time.Second
	}
	s.record(r)
}

// stores has an app call the store.
func (s *script) stores(actor string, op model.ReviewsOp) {
	s.began(Record{Actor: actor, Key: op.Key, Op: &op, Call: StoreCall(op.Kind)})
}

// stored is stores with what comes of it: a failure.
func (s *script) stored(actor string, op model.ReviewsOp, failure Failure) {
	s.stores(actor, op)
	s.record(Record{Kind: CallEnded, Actor: actor, Key: op.Key, Op: &op, Call: StoreCall(op.Kind), Error: failure})
}

// journals has a host call the journal, now.
func (s *script) journals(actor string, op model.JournalOp) {
	op.Now = s.clock()
	s.began(Record{Actor: actor, Key: op.Key, JournalOp: &op, Call: JournalCall(op.Kind)})
}

// journaled has a host call the journal, which fails.
func (s *script) journaled(actor string, op model.JournalOp, failure Failure) {
	s.journals(actor, op)
	s.record(Record{Kind: CallEnded, Actor: actor, Key: op.Key, JournalOp: &op, Call: JournalCall(op.Kind), Error: failure})
}

// loads has a host read the state of an attempt, which is in an epoch.
func (s *script) loads(actor string, k engine.AttemptKey, in engine.Epoch) {
	op := model.JournalOp{Kind: model.JournalLoad, Key: k}
	s.record(Record{
		Kind: CallEnded, Actor: actor, Key: k, JournalOp: &op, Call: JournalCall(op.Kind),
		JournalResult: &model.JournalResult{Orchestration: engine.Orchestration{Key: k, Epoch: in}},
	})
}

// givesUp has a host stop waiting for the journal.
func (s *script) givesUp(actor string, op model.JournalOp) {
	s.journals(actor, op)
	s.record(Record{
		Kind: CallEnded, Actor: actor, Key: op.Key, JournalOp: &op, Call: JournalCall(op.Kind), Canceled: true, Error: FailedAs(engine.Ambiguous),
	})
}

// asks has a process call another.
func (s *script) asks(actor string, call Call, k engine.AttemptKey) {
	s.began(Record{Actor: actor, Key: k, Call: call})
}

// asked is asks with what comes of it.
func (s *script) asked(actor string, call Call, k engine.AttemptKey, failure Failure) {
	s.asks(actor, call, k)
	s.record(Record{Kind: CallEnded, Actor: actor, Key: k, Call: call, Error: failure})
}

// reports has a host report an outcome.
func (s *script) reports(actor string, k engine.AttemptKey, failure Failure) {
	report := engine.WorkerReport{Key: k, Status: engine.Completed}
	s.began(Record{Actor: actor, Key: k, Call: CallAppCallback, Status: report.Status, Report: &report})
	s.record(Record{Kind: CallEnded, Actor: actor, Key: k, Call: CallAppCallback, Status: report.Status, Report: &report, Error: failure})
}

func (s *script) streams(host string, k engine.AttemptKey, from int64) {
	s.record(Record{Kind: StreamSent, Actor: host, Key: k, From: from})
}

// throttles has a partner throttle a call.
func (s *script) throttles(actor string, call Call, k engine.AttemptKey, after time.Duration) {
	s.asks(actor, call, k)
	s.record(Record{
		Kind: CallEnded, Actor: actor, Key: k, Call: call, Error: FailedAs(engine.Rejected), Throttled: true, RetryAfter: after,
	})
}

// failsAs has the holder decide that an attempt has failed.
func (s *script) failsAs(k engine.AttemptKey, cause engine.Cause) {
	s.write("worker-1", model.JournalOp{
		Kind: model.JournalDecide, Key: k, Epoch: s.epochOf(k),
		Outcome: engine.Outcome{Status: engine.Failed, Cause: cause, Reason: "given up", Retryable: cause != engine.CauseStreamLimit},
	})
}

// loses has the agent lose a session, and answer for a while that it does not know it.
func (s *script) loses(k engine.AttemptKey, while time.Duration) {
	s.upTo(running, k)
	s.sessionEnds(k, engine.Failed, 1)
	s.record(Record{Kind: SessionLost, Actor: "agent", Key: k, Session: "s1"})
	s.isUnknown(k, while)
}

// isUnknown has the agent answer for a while that it does not know a session, until the holder gives up.
func (s *script) isUnknown(k engine.AttemptKey, while time.Duration) {
	s.asked("worker-1", CallAgentStream, k, FailedAs(engine.NotFound))
	s.after(while)
	s.asked("worker-1", CallAgentStream, k, FailedAs(engine.NotFound))
	s.failsAs(k, engine.CauseSessionLost)
}

// losesHosts has one host after the other lose an attempt until no further one is allowed to, and the last one fail it.
func (s *script) losesHosts(k engine.AttemptKey) {
	s.upTo(running, k)
	last := engine.Heartbeat{Host: "worker-1"}
	config := engine.WorkerConfig{}.WithDefaults()
	for i := range config.MaxTakeovers + 1 {
		s.after(5 * time.Minute)
		next := engine.HostID(fmt.Sprintf("worker-%d", i+2))
		s.span(string(next), model.JournalOp{Kind: model.JournalRenewLease, Host: next, Suspects: []engine.Heartbeat{last}, Max: 100})
		s.held(string(next))
		last = engine.Heartbeat{Host: next, Count: 1}
	}
	s.write(string(last.Host), model.JournalOp{
		Kind: model.JournalDecide, Key: k, Epoch: s.epochOf(k),
		Outcome: engine.Outcome{Status: engine.Failed, Cause: engine.CauseTakeovers, Reason: "given up"},
	})
}
