package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// answerCases are about what callers are told.
var answerCases = []propertyCase{
	{
		property: "callback-taken", cause: "a valid report was refused for good",
		good: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: again, Status: engine.Running, Text: "permanent"})
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.tell(Record{Kind: CallbackAnswered, Actor: "worker-1", Key: r1, Status: engine.Running, Text: "permanent"})
		},
	},
	{
		property: "durable-start", cause: "an answer about something else",
		good: func(s *script) { s.upTo(accepted, r1); s.startAnswered(r1, r1, engine.Queued) },
		bad:  func(s *script) { s.upTo(accepted, r1); s.startAnswered(r1, engine.AttemptKey{}, 0) },
	},
	{
		property: "shown-as-journaled", cause: "shown more than was asked for",
		good: func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1)[:2], 0, 2) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1), 0, 2) },
	},
	{
		property: "shown-as-journaled", cause: "shown events with a gap",
		good: func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1)[1:], 1, 100) },
		bad:  func(s *script) { s.upTo(journaled, r1); s.page(s.eventsOf(r1)[1:], 0, 100) },
	},
	{
		property: "shown-as-journaled", cause: "shown what is not journaled",
		good: func(s *script) { s.upTo(running, r1); s.page(s.eventsOf(r1)[:1], 0, 100) },
		bad: func(s *script) {
			s.upTo(running, r1)
			events := s.eventsOf(r1)[:1]
			events[0].Text = "another"
			s.page(events, 0, 100)
		},
	},
	{
		property: "attempts-remembered", cause: "an attempt was told wrongly",
		good: func(s *script) { s.failRetryably(r1); s.attemptsTold(s.remembered("R1")...) },
		bad: func(s *script) {
			s.failRetryably(r1)
			told := s.remembered("R1")
			told[0].Status = engine.Completed
			s.attemptsTold(told...)
		},
	},
	{
		property: "attempts-remembered", cause: "an ended attempt was left out",
		good: func(s *script) { s.upTo(running, r1); s.attemptsTold() },
		bad:  func(s *script) { s.upTo(settled, r1); s.attemptsTold() },
	},
	{
		property: "refused-truly", cause: "told that something known is unknown",
		good: func(s *script) { s.upTo(pending, r1); s.refused(r2, "get", engine.NotFound) },
		bad:  func(s *script) { s.upTo(pending, r1); s.refused(r1, "get", engine.NotFound) },
	},
	{
		property: "refused-truly", cause: "a good question was refused",
		good: func(s *script) { s.upTo(accepted, r1); s.refused(r2, "events", engine.NotFound) },
		bad:  func(s *script) { s.upTo(accepted, r1); s.refused(r1, "events", engine.Permanent) },
	},
	{
		property: "refused-truly", cause: "answered about what does not exist",
		good: func(s *script) {
			s.upTo(pending, r1)
			s.tell(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Text: "get", Status: engine.Pending})
		},
		bad: func(s *script) {
			s.tell(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Text: "get", Status: engine.Pending})
		},
	},
	{
		property: "reason-told", cause: "another reason is told",
		good: func(s *script) { s.upTo(pending, r1); s.cancel(r1) },
		bad: func(s *script) {
			s.upTo(pending, r1)
			s.do("app-1", model.Cancel(r1, "not needed", s.clock()), func(_, after *engine.Review) { after.Reason = "" })
		},
	},
}

// startAnswered has app-1 told what came of the start of an attempt.
func (s *script) startAnswered(k, about engine.AttemptKey, status engine.Status) {
	s.tell(Record{Kind: DispatchAnswered, Actor: "app-1", Key: k, Token: s.tokens[k.Review], Report: &engine.WorkerReport{Key: about, Status: status}})
}

// page shows the client of R1 events.
func (s *script) page(events []engine.Event, after int64, most int) {
	s.tell(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Text: "events", From: after, Number: int64(len(events)), Max: most, Script: events})
}

// attemptsTold tells the client of R1 of ended attempts.
func (s *script) attemptsTold(attempts ...engine.Attempt) {
	s.tell(Record{Kind: ClientAnswered, Actor: "R1", Key: r1, Text: "attempts", Since: s.now, Attempts: attempts})
}

// remembered is what the store has of the ended attempts of a review.
func (s *script) remembered(review engine.ReviewID) []engine.Attempt {
	op := model.Attempts(review)
	var result model.Result
	s.store.Apply(&op, &result)
	return result.Attempts
}

// refused has a client of R1 refused.
func (s *script) refused(k engine.AttemptKey, what string, why engine.ErrorKind) {
	s.after(time.Second)
	s.tell(Record{Kind: ClientRefused, Actor: "R1", Key: k, Text: what, Since: s.now, Refusal: why})
}
