package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// eventCases are the histories of the properties in property_events.go.
var eventCases = []propertyCase{
	{
		property: "no-lost-events", cause: "an-append-skipped-events",
		good: func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1])) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2]), accept(func(row *engine.Orchestration) { row.Events = 3 }))
		},
		also: []string{"appended-once"},
	},
	{
		property: "no-lost-events", cause: "accepted-events-were-not-journaled",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 1, 10 }))
		},
	},
	{
		property: "no-lost-events", cause: "a-journaled-event-was-never-emitted",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, engine.Event{Seq: 2, Kind: engine.EventProgress, Tokens: 20, Text: "made up"}))
		},
	},
	{
		property: "no-lost-events", cause: "over-without-all-events",
		good: func(s *script) { s.last = failure; s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(finished, r1)
			s.finish("worker-1", r1, engine.Outcome{Status: engine.Completed})
		},
	},
	{
		property: "no-lost-events", cause: "shown-events-disappeared",
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
		property: "no-duplicate-events", cause: "an-event-was-journaled-twice",
		good: func(s *script) { s.upTo(journaled, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1:]...)) },
		bad: func(s *script) {
			s.upTo(running, r1)
			twice := s.eventsOf(r1)[0]
			twice.Seq = 2
			s.write("worker-1", s.appendOp(r1, twice))
		},
	},
	{
		property: "no-duplicate-events", cause: "an-event-was-journaled-twice",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Events = 3 }))
		},
	},
	{
		property: "events-in-order", cause: "events-out-of-order",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			events := s.eventsOf(r1)
			s.write("worker-1", s.appendOp(r1, events[2], events[1]), accept(func(row *engine.Orchestration) { row.Events, row.Tokens = 3, 37 }))
		},
		also: []string{"appended-once"},
	},
	{
		property: "usage-exact", cause: "journaled-usage-is-wrong",
		good: func(s *script) { s.upTo(settled, r1) },
		bad: func(s *script) {
			s.upTo(running, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]), accept(func(row *engine.Orchestration) { row.Tokens = 20 }))
		},
	},
	{
		property: "usage-exact", cause: "reported-usage-is-wrong",
		good: func(s *script) { s.upTo(reported, r1) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.callback(r1, func(r *Record) { r.Tokens = 30 }) },
	},
	{
		property: "journal-before-ack", cause: "acknowledged-before-it-was-journaled",
		good: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: r1, From: 2})
		},
	},
	{
		property: "journal-before-ack", cause: "reported-before-it-was-journaled",
		good: func(s *script) { s.upTo(running, r1); s.callback(r1) },
		bad:  func(s *script) { s.upTo(running, r1); s.callback(r1, func(r *Record) { r.Events = 2 }) },
	},
	{
		property: "journal-before-ack", cause: "shown-before-it-was-journaled",
		good: func(s *script) { s.upTo(running, r1); s.shown("c1", 0, 1) },
		bad:  func(s *script) { s.upTo(running, r1); s.shown("c1", 1, 1) },
	},
	{
		property: "buffer-kept", cause: "asked-again-for-what-it-had-received",
		good: func(s *script) {
			s.upTo(running, r1)
			s.delivered(r1, 1, 1, 2)
			s.takeover("worker-2", "worker-1")
			s.streams("worker-2", r1, 1)
		},
		bad: func(s *script) { s.upTo(running, r1); s.delivered(r1, 1, 1, 2); s.streams("worker-1", r1, 1) },
	},
	{
		property: "buffer-kept", cause: "ended-with-events-in-hand",
		good: func(s *script) {
			s.upTo(running, r1)
			s.delivered(r1, 1)
			s.write("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.delivered(r1, 1, 2)
			s.write("worker-1", model.JournalOp{Kind: model.JournalReleaseLease, Key: r1, Epoch: 1})
		},
	},
	{
		property: "appended-once", cause: "events-were-appended-again",
		good: func(s *script) { // the first of two tries arrives late
			s.upTo(running, r1)
			late := s.appendOp(r1, s.eventsOf(r1)[0])
			late.Now = s.clock()
			s.after(time.Minute)
			s.upTo(finished, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[1]))
			s.writeSent("worker-1", late)
		},
		bad: func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)...)) },
	},
	{
		property: "appended-once", cause: "an-append-left-events-out",
		good: func(s *script) { s.upTo(journaled, r1) },
		bad:  func(s *script) { s.upTo(finished, r1); s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2])) },
	},
	{
		property: "batched", cause: "more-than-a-batch",
		good: func(s *script) {
			s.config.Worker.Batch = 3
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...))
		},
		bad: func(s *script) {
			s.config.Worker.Batch = 1
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...))
		},
	},
	{
		property: "batched", cause: "less-than-a-batch",
		good: func(s *script) {
			s.config.Worker.Batch, s.hasty = 2, true
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[:2]...)) // a full one
			s.sessionEnds(r1, engine.Completed, int64(s.events))
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[2])) // the last
		},
		bad: func(s *script) {
			s.hasty = true
			s.upTo(started, r1)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[0]))
		},
	},
	{
		property: "batched", cause: "kept-in-memory-for-too-long",
		good: func(s *script) {
			s.upTo(started, r1)
			s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 1})
			s.after(5 * time.Second)
			s.write("worker-1", s.appendOp(r1, s.eventsOf(r1)[0]))
			s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 2})
		},
		bad: func(s *script) {
			s.upTo(started, r1)
			s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 1})
			s.after(6 * time.Second)
			s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: r1, Seq: 2})
		},
	},
	{
		property: "one-stream", cause: "a-stream-was-left-open",
		good: func(s *script) {
			s.upTo(started, r1)
			s.record(Record{Kind: StreamOpened, Actor: "worker-1", Key: r1})
			s.record(Record{Kind: StreamClosed, Actor: "worker-1", Key: r1})
			s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: r1})
		},
		bad: func(s *script) {
			s.upTo(started, r1)
			s.record(Record{Kind: StreamOpened, Actor: "worker-1", Key: r1})
			s.record(Record{Kind: StreamSent, Actor: "worker-1", Key: r1})
		},
	},
}

func (s *script) shown(client string, from, number int64) {
	s.record(Record{Kind: ClientAnswered, Actor: client, Key: r1, Call: CallAppEvents, From: from, Events: number, Max: 100})
}

// delivered has worker-1 receive events.
func (s *script) delivered(k engine.AttemptKey, numbers ...int64) {
	for _, number := range numbers {
		s.record(Record{Kind: EventDelivered, Actor: "worker-1", Key: k, Seq: number})
	}
}
