package checker

import (
	"github.com/onceover/onceover/engine"
)

// eventCases are about events, usage, and who is shown them.
var eventCases = []propertyCase{
	{
		property: "no-lost-events", cause: "an append skipped events",
		good: func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1])) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2]), accept(func(row *engine.Orchestration) { row.Events = 3 }))
		},
		also: []string{"appended-once"},
	},
	{
		property: "no-lost-events", cause: "accepted events were not journaled",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 1, 10 }))
		},
	},
	{
		property: "no-lost-events", cause: "a journaled event was never emitted",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, engine.Event{Seq: 2, Kind: engine.EventProgress, Tokens: 20, Text: "made up"}))
		},
	},
	{
		property: "no-lost-events", cause: "over without all events",
		good: func(s *script) { s.last = failure; s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Completed})
		},
	},
	{
		property: "no-lost-events", cause: "shown events disappeared",
		good: func(s *script) {
			s.upTo(journaled, r1)
			s.shown("c1", 0, 3)
			s.shown("c2", 0, 1)
			s.shown("c1", 3, 0)
			s.upTo(settled, r1)
			s.purge("worker-1", s.clock())
			s.shown("c1", 0, 0)
		},
		bad: func(s *script) { s.upTo(journaled, r1); s.shown("c1", 0, 3); s.shown("c1", 0, 2) },
	},
	{
		property: "no-duplicate-events", cause: "an event was journaled twice",
		good: func(s *script) { s.upTo(journaled, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...)) },
		bad: func(s *script) {
			s.upTo(running, r1)
			twice := s.eventsOf(r1)[0]
			twice.Seq = 2
			s.write("worker-1", s.appendOp(r1, twice))
		},
	},
	{
		property: "no-duplicate-events", cause: "an event was journaled twice",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Events = 3 }))
		},
	},
	{
		property: "events-in-order", cause: "events out of order",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			events := s.eventsOf(r1)
			s.write("worker-1", s.appendOp(r1, events[2], events[1]), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 3, 37 }))
		},
		also: []string{"appended-once"},
	},
	{
		property: "usage-exact", cause: "journaled usage is wrong",
		good: func(s *script) { s.upTo(settled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Tokens = 20 }))
		},
	},
	{
		property: "usage-exact", cause: "reported usage is wrong",
		good: func(s *script) { s.upTo(reported, r1) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.callback(r1, func(r *Record) { r.Tokens = 30 }) },
	},
	{
		property: "journal-before-ack", cause: "acknowledged before it was journaled",
		good: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 2})
		},
	},
	{
		property: "journal-before-ack", cause: "reported before it was journaled",
		good: func(s *script) { s.upTo(running, r1); s.callback(r1) },
		bad:  func(s *script) { s.upTo(running, r1); s.callback(r1, func(r *Record) { r.Number = 2 }) },
	},
	{
		property: "journal-before-ack", cause: "shown before it was journaled",
		good: func(s *script) { s.upTo(running, r1); s.shown("c1", 0, 1) },
		bad:  func(s *script) { s.upTo(running, r1); s.shown("c1", 1, 1) },
	},
}

func (s *script) shown(client string, from, number int64) {
	s.tell(Record{Kind: ClientAnswered, Actor: client, Key: r1, Text: "events", From: from, Number: number, Max: 100})
}
