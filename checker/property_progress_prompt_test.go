package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
)

// promptCases are the histories of the property in property_progress_prompt.go.
var promptCases = []propertyCase{
	{
		property: "nothing-late", cause: "nobody-prepared-it",
		good: func(s *script) { // somebody prepares it
			s.upTo(pending, r1)
			s.after(15 * time.Second)
			s.prepares("app-1", r1)
			s.after(15 * time.Second)
			s.sweeps()
		},
		bad: func(s *script) { s.after(time.Second); s.upTo(pending, r1); s.after(30 * time.Second); s.sweeps() },
	},
	{
		property: "nothing-late", cause: "nobody-prepared-it",
		good: func(s *script) { // a fault has happened
			s.upTo(pending, r1)
			s.record(Record{Kind: FaultFired, Actor: "app-1", Fault: faults.NetworkRequestLost})
			s.after(30 * time.Second)
			s.sweeps()
		},
		bad: func(s *script) { // its slot is free again
			s.config.Limit = func(engine.OwnerID) int { return 1 }
			s.upTo(pending, r1)
			s.cancel(r1)
			s.upTo(pending, r2)
			s.after(30 * time.Second)
			s.sweeps()
		},
	},
	{
		property: "nothing-late", cause: "nobody-prepared-it",
		good: func(s *script) { // who was going to wake somebody when it is due was taken down
			s.upTo(pending, r1)
			s.unprepared(r1, 0, FailedAs(engine.Rejected))
			s.do("app-1", model.Defer(r1, 0, s.clock().Add(time.Minute), s.clock()))
			s.after(time.Second)
			s.record(Record{Kind: ProcessCrashed, Actor: "app-1"})
			s.after(2 * time.Minute)
			s.do("app-2", model.Sweep(engine.Search{Now: s.clock(), Max: 100}))
		},
		bad: func(s *script) { // one that waited behind it failed
			s.config.Limit = func(engine.OwnerID) int { return 1 }
			s.after(time.Second)
			s.upTo(pending, r1)
			s.upTo(pending, r2)
			s.do("app-1", model.Fail(r1, 0, "preparation: gone", s.clock()))
			s.after(30 * time.Second)
			s.sweeps()
		},
	},
	{
		property: "nothing-late", cause: "the-worker-was-not-asked",
		good: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.requestCancel("worker-2", r1)
			s.after(30 * time.Second)
			s.sweeps()
		},
		bad: func(s *script) { s.upTo(running, r1); s.cancel(r1); s.after(30 * time.Second); s.sweeps() },
	},
	{
		property: "nothing-late", cause: "nobody-showed-it-as-running",
		good: func(s *script) { s.upTo(running, r1); s.after(time.Minute); s.sweeps() },
		bad:  func(s *script) { s.upTo(started, r1); s.after(time.Minute); s.sweeps() },
	},
	{
		property: "nothing-late", cause: "nobody-interrupted-it",
		good: func(s *script) { // another host took the cancel
			s.upTo(running, r1)
			s.cancel(r1)
			s.requestCancel("worker-2", r1)
			s.after(15 * time.Second)
			s.hold("worker-1")
		},
		bad: func(s *script) {
			s.upTo(running, r1)
			s.cancel(r1)
			s.requestCancel("worker-1", r1)
			s.after(15 * time.Second)
			s.hold("worker-1")
		},
	},
	{
		property: "nothing-late", cause: "nobody-reported-it",
		good: func(s *script) { s.upTo(reported, r1); s.after(15 * time.Second); s.hold("worker-1") },
		bad:  func(s *script) { s.upTo(journaled, r1); s.after(15 * time.Second); s.hold("worker-1") },
	},
}

// sweeps has an app sweep.
func (s *script) sweeps() { s.do("app-1", model.Sweep(engine.Search{Now: s.clock(), Max: 100})) }
