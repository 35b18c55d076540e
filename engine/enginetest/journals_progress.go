package enginetest

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

var (
	tooSlow    = engine.Outcome{Status: engine.Failed, Cause: engine.CauseStreamLimit, Reason: "not over in time"}
	lost       = engine.Outcome{Status: engine.Failed, Cause: engine.CauseSessionLost, Reason: "lost", Retryable: true}
	byOperator = engine.Outcome{Status: engine.Failed, Cause: engine.CauseForced, Reason: "ended by an operator"}
	wanted     = engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled, Reason: "cancelled"}
)

var phaseCases = []journalCase{
	{"RecordIntent records that the agent is about to be called", func(f *journalFixture) {
		f.create("a", "h1")
		f.recordIntent("a").changes(f.news("a", func(e *entry) { e.Phase = engine.PhaseIntended }))
	}},
	{"RecordIntent keeps a later phase", func(f *journalFixture) {
		f.create("a", "h1")
		f.decide("a", tooSlow)
		f.recordIntent("a").changes()
		f.finish("a", tooSlow)
		f.recordIntent("a").changes()
		f.clearOutbox("a")
		f.recordIntent("a").changes()
	}},
	{"Decide records that the attempt is stopping, with every detail of the outcome", func(f *journalFixture) {
		for i, outcome := range outcomes() {
			id := fmt.Sprint("a", i)
			f.create(id, "h1")
			f.recordIntent(id)
			f.decide(id, outcome).changes(f.news(id, func(e *entry) { e.Phase, e.Outcome = engine.PhaseStopping, outcome }))
		}
	}},
	{"Decide gives up an attempt that was not intended", func(f *journalFixture) {
		f.create("a", "h1")
		f.decide("a", lost).changes(f.news("a", func(e *entry) { e.Phase, e.Outcome = engine.PhaseStopping, lost }))
	}},
	{"Decide keeps the first decision", func(f *journalFixture) {
		f.create("a", "h1")
		f.decide("a", tooSlow)
		f.decide("a", lost).changes()
		f.finish("b", lost, underEpoch(1)).refused(engine.NotFound)
	}},
	{"Decide keeps the outcome of an attempt that is over", func(f *journalFixture) {
		f.create("a", "h1")
		f.finish("a", wanted)
		f.decide("a", tooSlow).changes()
		f.clearOutbox("a")
		f.decide("a", tooSlow).changes()
	}},
	{"Finish ends the attempt, and puts its callback into the outbox", func(f *journalFixture) {
		for i, outcome := range outcomes() {
			id := fmt.Sprint("a", i)
			f.create(id, "h1")
			f.finish(id, outcome).changes(f.news(id, func(e *entry) { e.over(outcome) }))
		}
		f.create("intended", "h1")
		f.recordIntent("intended")
		f.finish("intended", wanted).changes(f.news("intended", func(e *entry) { e.over(wanted) }))
	}},
	{"Finish keeps what was decided before", func(f *journalFixture) {
		f.create("a", "h1")
		f.decide("a", tooSlow)
		f.finish("a", wanted).changes(f.news("a", func(e *entry) { e.over(wanted) }))
	}},
	{"Finish keeps the outcome of an attempt that is over", func(f *journalFixture) {
		f.create("a", "h1")
		f.finish("a", wanted)
		f.finish("a", lost).changes()
		f.clearOutbox("a")
		f.finish("a", lost).changes()
	}},
	{"ClearOutbox empties the outbox, and lets the attempt go", func(f *journalFixture) {
		f.create("a", "h1")
		f.finish("a", wanted)
		f.clearOutbox("a").changes(f.news("a", func(e *entry) { e.CallbackPending, e.Holder = false, "" }))
	}},
	{"ClearOutbox changes nothing about an attempt that is not over", func(f *journalFixture) {
		f.create("a", "h1")
		f.clearOutbox("a").changes()
		f.recordIntent("a")
		f.clearOutbox("a").changes()
		f.decide("a", lost)
		f.clearOutbox("a").changes()
	}},
	{"Spend records the time that was spent, and keeps the greatest values", func(f *journalFixture) {
		spent := func(spent, throttled time.Duration) entryEdit {
			return f.news("a", func(e *entry) { e.Spent, e.Throttled = spent, throttled })
		}
		f.create("a", "h1")
		f.spend("a", time.Minute, 0).changes(spent(time.Minute, 0))
		f.spend("a", time.Second, time.Hour).changes(spent(time.Minute, time.Hour))
		f.spend("a", 2*time.Minute, time.Second).changes(spent(2*time.Minute, time.Hour))
		f.spend("a", time.Minute, time.Minute).changes()
		f.create("b", "h1")
		f.spend("b", time.Second, 0).changes(f.news("b", func(e *entry) { e.Spent = time.Second }))
	}},
	{"Abandon ends an attempt that is not over, in any phase, and takes it from its holder", func(f *journalFixture) {
		ended := func(id string, outcome engine.Outcome) entryEdit {
			return f.news(id, func(e *entry) {
				e.over(outcome)
				e.Holder = ""
				e.Epoch++
			})
		}
		f.create("a", "h1")
		f.abandon("a", byOperator).changes(ended("a", byOperator))
		f.recordIntent("a", underEpoch(1)).refused(engine.Stale)
		f.create("b", "h1")
		f.recordIntent("b")
		f.abandon("b", byOperator).changes(ended("b", byOperator))
		f.create("c", "h1")
		f.decide("c", lost)
		f.abandon("c", byOperator).changes(ended("c", lost))
	}},
	{"Abandon gives up the callback of an attempt that is over", func(f *journalFixture) {
		f.create("a", "h1")
		f.finish("a", lost)
		f.abandon("a", byOperator).changes(f.news("a", func(e *entry) { e.CallbackPending, e.Holder = false, "" }))
		f.abandon("a", byOperator).changes()
	}},
	{"Abandon leaves a tombstone that refuses the start of an attempt that has not arrived", func(f *journalFixture) {
		f.abandon("a", byOperator).changes(f.news("a", func(e *entry) {
			e.Key, e.Phase, e.Cancel, e.Outcome = attemptOf("a", 1), engine.PhaseOver, true, byOperator
		}))
		f.create("a", "h1").creates(false)
	}},
	{"RequestCancel marks an attempt that is not over, in any phase", func(f *journalFixture) {
		marked := func(id string) entryEdit { return f.news(id, func(e *entry) { e.Cancel = true }) }
		f.create("a", "h1")
		f.requestCancel("a").changes(marked("a"))
		f.create("b", "h1")
		f.recordIntent("b")
		f.requestCancel("b").changes(marked("b"))
		f.create("c", "h1")
		f.decide("c", lost)
		f.requestCancel("c").changes(marked("c"))
	}},
	{"RequestCancel changes nothing about an attempt that is over", func(f *journalFixture) {
		f.create("a", "h1")
		f.finish("a", lost)
		f.requestCancel("a").changes()
		f.clearOutbox("a")
		f.requestCancel("a").changes()
		f.create("b", "h1", abandon("no"))
		f.requestCancel("b").changes()
	}},
	{"RequestCancel leaves a tombstone that refuses the start of an attempt that has not arrived", func(f *journalFixture) {
		c := f.requestCancel("a")
		c.changes(f.news("a", func(e *entry) {
			e.Key, e.Phase, e.Cancel = attemptOf("a", 1), engine.PhaseOver, true
			e.Outcome = engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled, Reason: c.o.Outcome.Reason}
		}))
		if c.o.Outcome.Reason == "" {
			f.Fatalf("%s: the tombstone has no reason", c.op)
		}
		f.create("a", "h1").creates(false)
	}},
}

// outcomes differ in every field.
func outcomes() []engine.Outcome {
	list := []engine.Outcome{tooSlow, lost, wanted, {Status: engine.Completed}}
	for cause := engine.CauseNone; cause <= engine.CauseForced; cause++ {
		list = append(list, engine.Outcome{Status: engine.Failed, Cause: cause, Reason: cause.String()})
	}
	for _, reason := range oddTexts {
		list = append(list, engine.Outcome{Status: engine.Failed, Cause: engine.CauseRefused, Reason: reason})
	}
	return list
}

var appendCases = []journalCase{
	{"Append journals new events in order, and adds up their tokens", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", progress(1, 3)).changes(f.news("a", func(e *entry) { journaled(e, progress(1, 3)) }))
		f.recordIntent("a")
		f.append("a", progress(4, 4)).changes(f.news("a", func(e *entry) { journaled(e, progress(4, 4)) }))
	}},
	{"Append keeps every detail of an event, and any text", func(f *journalFixture) {
		f.create("a", "h1")
		for _, text := range append(oddTexts, "") {
			f.adopt()
			event := engine.Event{Seq: f.entry("a").Events + 1, Kind: engine.EventProgress, Tokens: engine.EventTokensMax, Text: text, Retryable: text == ""}
			f.append("a", []engine.Event{event}).changes(f.news("a", func(e *entry) { journaled(e, []engine.Event{event}) }))
		}
	}},
	{"Append is Permanent for an event that is out of bounds, and journals none of its batch", func(f *journalFixture) {
		f.create("a", "h1")
		for _, change := range []func(e *engine.Event){
			func(e *engine.Event) { e.Tokens = -1 },
			func(e *engine.Event) { e.Tokens = engine.EventTokensMax + 1 },
			func(e *engine.Event) { e.Tokens = math.MaxInt64 },
			func(e *engine.Event) { e.Kind = 0 },
			func(e *engine.Event) { e.Kind = engine.EventFailed + 1 },
			func(e *engine.Event) { e.Text = strings.Repeat("x", engine.EventTextBytesMax+1) },
			func(e *engine.Event) { e.Seq = engine.EventsMax + 1 },
		} {
			f.append("a", lastly(progress(1, 2), change)).refused(engine.Permanent)
		}
		f.append("a", progress(1, 1)).changes(f.news("a", func(e *entry) { journaled(e, progress(1, 1)) }))
	}},
	{"Append cuts the text of the last event where it becomes the reason, and keeps it in the event", func(f *journalFixture) {
		for i, text := range []string{strings.Repeat("é", engine.TextBytesMax), "\xff" + strings.Repeat("x", engine.TextBytesMax)} {
			id := fmt.Sprint("a", i)
			f.create(id, "h1")
			event := engine.Event{Seq: 1, Kind: engine.EventFailed, Text: text}
			f.append(id, []engine.Event{event}).changes(f.news(id, func(e *entry) {
				journaled(e, []engine.Event{event})
				e.over(engine.Outcome{Status: engine.Failed, Cause: engine.CauseSession, Reason: engine.CleanText(text)})
			}))
		}
	}},
	{"Append changes nothing without events", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", nil).changes()
	}},
	{"Append skips events that are journaled already", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", progress(1, 3))
		other := progress(1, 4)
		other[1].Text, other[1].Tokens = "another step", 7
		f.append("a", other).changes(f.news("a", func(e *entry) { journaled(e, progress(4, 4)) }))
		f.append("a", other[:2]).changes()
	}},
	{"Append journals an event once that comes twice in a batch", func(f *journalFixture) {
		f.create("a", "h1")
		batch := append(append(progress(1, 2), progress(1, 3)...), progress(2, 2)...)
		f.append("a", batch).changes(f.news("a", func(e *entry) { journaled(e, progress(1, 3)) }))
	}},
	{"Append is Permanent for a batch with a gap, and journals none of it", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", progress(2, 2)).refused(engine.Permanent)
		f.append("a", progress(1, 2))
		f.append("a", progress(4, 5)).refused(engine.Permanent)
		f.append("a", append(progress(3, 3), progress(5, 5)...)).refused(engine.Permanent)
		f.append("a", append(progress(4, 4), progress(3, 3)...)).refused(engine.Permanent)
		f.append("a", append(progress(1, 2), progress(4, 4)...)).refused(engine.Permanent)
	}},
	{"Append ends the attempt with the outcome of the session's last event", func(f *journalFixture) {
		f.create("a", "h1")
		f.recordIntent("a")
		f.append("a", lastly(progress(1, 2), completes)).changes(f.news("a", func(e *entry) {
			journaled(e, lastly(progress(1, 2), completes))
			e.over(engine.Outcome{Status: engine.Completed, Cause: engine.CauseSession})
		}))
		f.create("b", "h1")
		f.append("b", lastly(progress(1, 1), fails)).changes(f.news("b", func(e *entry) {
			journaled(e, lastly(progress(1, 1), fails))
			e.over(engine.Outcome{Status: engine.Failed, Cause: engine.CauseSession, Reason: "no such file", Retryable: true})
		}))
	}},
	{"Append ends a stopping attempt with what was decided", func(f *journalFixture) {
		f.create("a", "h1")
		f.decide("a", tooSlow)
		f.append("a", progress(1, 1)).changes(f.news("a", func(e *entry) { journaled(e, progress(1, 1)) }))
		f.append("a", lastly(progress(2, 2), completes)).changes(f.news("a", func(e *entry) {
			journaled(e, lastly(progress(2, 2), completes))
			e.over(wanted)
		}))
	}},
	{"Append journals events of an attempt that is to be cancelled", func(f *journalFixture) {
		f.create("a", "h1")
		f.requestCancel("a")
		f.append("a", progress(1, 1)).changes(f.news("a", func(e *entry) { journaled(e, progress(1, 1)) }))
	}},
	{"Append is Stale for new events of an attempt that is over", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", lastly(progress(1, 2), completes))
		f.append("a", progress(1, 2)).changes()
		f.append("a", progress(1, 3)).refused(engine.Stale)
		f.append("a", progress(3, 3)).refused(engine.Stale)
		f.append("a", progress(9, 9)).refused(engine.Stale)
		f.create("b", "h1")
		f.append("b", progress(1, 1))
		f.finish("b", wanted)
		f.append("b", progress(2, 2)).refused(engine.Stale)
	}},
	{"Append is Stale for events behind the session's last one, and journals none of the batch", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", append(lastly(progress(1, 2), completes), progress(3, 3)...)).refused(engine.Stale)
		f.append("a", append(lastly(progress(1, 2), completes), progress(9, 9)...)).refused(engine.Stale)
		f.append("a", append(lastly(progress(1, 2), completes), progress(1, 2)...)).changes(f.news("a", func(e *entry) {
			journaled(e, lastly(progress(1, 2), completes))
			e.over(engine.Outcome{Status: engine.Completed, Cause: engine.CauseSession})
		}))
	}},
}
