package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// Steps of scripts that are single calls of ports.

// began tells of a call as it begins.
func (s *script) began(r Record) {
	r.Kind = CallBegan
	if r.Clock.IsZero() {
		r.Clock = s.clock()
	}
	if r.Within == 0 {
		r.Within = 10 * time.Second
	}
	s.tell(r)
}

// stores has an app call the store.
func (s *script) stores(actor string, op model.Op) {
	s.began(Record{Actor: actor, Key: op.Key, Op: &op, Text: "store." + op.Kind.String()})
}

// journals has a host call the journal, now.
func (s *script) journals(actor string, op model.JournalOp) {
	op.Now = s.clock()
	s.began(Record{Actor: actor, Key: op.Key, JournalOp: &op, Text: "journal." + op.Kind.String()})
}

// journaled has a host call the journal, which fails.
func (s *script) journaled(actor string, op model.JournalOp, problem string) {
	s.journals(actor, op)
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: op.Key, JournalOp: &op, Text: "journal." + op.Kind.String(), Error: problem})
}

// asks has a process call another.
func (s *script) asks(actor, operation string, k engine.AttemptKey) {
	s.began(Record{Actor: actor, Key: k, Text: operation})
}

// asked is asks with what comes of it.
func (s *script) asked(actor, operation string, k engine.AttemptKey, problem string) {
	s.asks(actor, operation, k)
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: k, Text: operation, Error: problem})
}

// reports has a host report an outcome.
func (s *script) reports(actor string, k engine.AttemptKey, problem string) {
	report := engine.WorkerReport{Key: k, Status: engine.Completed}
	s.began(Record{Actor: actor, Key: k, Text: "app.callback", Status: report.Status, Report: &report})
	s.tell(Record{Kind: CallEnded, Actor: actor, Key: k, Text: "app.callback", Status: report.Status, Report: &report, Error: problem})
}

func (s *script) streams(host string, k engine.AttemptKey, from int64) {
	s.tell(Record{Kind: StreamSent, Actor: host, Key: k, From: from})
}
