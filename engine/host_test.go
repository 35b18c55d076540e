package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// hostStories are lives of an attempt on one or more hosts, each with a golden trace to be read from top to bottom: "<"
// and ">" are calls of the app and their answers, "*" is what happens to the hosts, "=" is the journal at the end.
var hostStories = []struct {
	name  string
	story func(t *testing.T) *hostFixture
}{
	{"happy path", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 12))
		f.start(begin, f.host("h1"), "a")
		f.end(30 * time.Second)
		return f
	}},
	{"the agent fails the review", func(t *testing.T) *hostFixture {
		steps := progress(1, 2)
		steps[1].Event.Kind, steps[1].Event.Text, steps[1].Event.Retryable = engine.EventFailed, "no such commit", true
		f := newHostFixture(t, steps)
		f.start(begin, f.host("h1"), "a")
		f.end(10 * time.Second)
		return f
	}},
	{"start duplicate touches nothing", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 8))
		h1, h2 := f.host("h1"), f.host("h2")
		f.start(begin, h1, "a")
		f.start(2500*time.Millisecond, h1, "a")
		f.start(3500*time.Millisecond, h2, "a")
		f.start(10*time.Second, h1, "a")
		f.end(12 * time.Second)
		return f
	}},
	{"crash after intend then takeover", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 3))
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.at(begin+8*time.Millisecond, "h1 crashes with the create under way", h1.process.Crash)
		f.end(3 * time.Minute)
		return f
	}},
	{"crash while streaming then takeover", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 8), completed(6, 9))
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.at(7500*time.Millisecond, "h1 crashes with events 6 and 7 in its buffer", h1.process.Crash)
		f.end(3 * time.Minute)
		return f
	}},
	{"crash before the callback then takeover", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 2))
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.at(2125*time.Millisecond, "h1 crashes with its outbox full", h1.process.Crash)
		f.end(3 * time.Minute)
		return f
	}},
	{"stream cut and resume", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, thenFails(progress(1, 3), errCut), completed(4, 6))
		f.start(begin, f.host("h1"), "a")
		f.end(20 * time.Second)
		return f
	}},
	{"stream cut again and again", func(t *testing.T) *hostFixture {
		f := newHostFixture(t,
			thenFails(nil, errCut), thenFails(nil, errCut), thenFails(nil, errCut), thenFails(progress(1, 1), errCut),
			thenFails(progress(2, 2), errCut), thenFails(progress(3, 3), errCut), completed(4, 4))
		f.start(begin, f.host("h1"), "a")
		f.end(30 * time.Second)
		return f
	}},
	{"duplicate events on resume", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, thenFails(progress(1, 3), errCut), completed(2, 5))
		f.start(begin, f.host("h1"), "a")
		f.end(20 * time.Second)
		return f
	}},
	{"gap in the stream", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, append(progress(1, 2), progress(4, 5)...), completed(3, 5))
		f.start(begin, f.host("h1"), "a")
		f.end(20 * time.Second)
		return f
	}},
	{"undecodable event", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, thenFails(progress(1, 2), errMalformed), thenFails(nil, errMalformed))
		f.start(begin, f.host("h1"), "a")
		f.end(20 * time.Second)
		return f
	}},
	{"undecodable event that is decodable after all", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, thenFails(progress(1, 2), errMalformed), thenFails(nil, errMalformed), completed(3, 4))
		f.start(begin, f.host("h1"), "a")
		f.end(20 * time.Second)
		return f
	}},
	{"session never ends", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 3))
		f.agent.Interrupts = 3
		f.start(begin, f.host("h1"), "a")
		f.end(21 * time.Minute)
		return f
	}},
	{"crash while stopping then takeover", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, thenFails(nil, errMalformed))
		f.config.DecodeTries = 1
		f.agent.Interrupts = 2
		h1, h2 := f.host("h1"), f.host("h2")
		f.start(begin, h1, "a")
		f.at(1200*time.Millisecond, "h1 crashes between two interrupts", h1.process.Crash)
		f.cancel(2*time.Second, h2, "a")
		f.end(3 * time.Minute)
		return f
	}},
	{"cancel before start", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 3))
		h1, h2 := f.host("h1"), f.host("h2")
		f.cancel(begin, h1, "a")
		f.start(time.Second, h2, "a")
		f.end(time.Minute)
		return f
	}},
	{"cancel while the agent is being called", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 30))
		h1 := f.host("h1")
		f.start(begin, h1, "a")
		f.cancel(begin+8*time.Millisecond, h1, "a")
		f.end(10 * time.Second)
		return f
	}},
	{"cancel while streaming", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 30))
		h1 := f.host("h1")
		f.start(begin, h1, "a")
		f.cancel(2500*time.Millisecond, h1, "a")
		f.end(10 * time.Second)
		return f
	}},
	{"cancel while streaming on another host", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 100))
		f.config.RenewEvery = 3 * time.Second
		h1, h2 := f.host("h1"), f.host("h2")
		f.start(begin, h1, "a")
		f.cancel(3500*time.Millisecond, h2, "a")
		f.end(12 * time.Second)
		return f
	}},
	{"cancel on another host is noticed with the next write", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 100))
		h1, h2 := f.host("h1"), f.host("h2")
		f.start(begin, h1, "a")
		f.cancel(3500*time.Millisecond, h2, "a")
		f.end(12 * time.Second)
		return f
	}},
	{"cancel of what is over", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		h1 := f.host("h1")
		f.start(begin, h1, "a")
		f.cancel(5*time.Second, h1, "a")
		f.end(10 * time.Second)
		return f
	}},
	{"callback refused five times then answered", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		f.answer = func(n int) error {
			if n <= 5 {
				return engine.Errorf(engine.Ambiguous, "app.report", "status 503")
			}
			return nil
		}
		f.start(begin, f.host("h1"), "a")
		f.end(2 * time.Minute)
		return f
	}},
	{"app knows better than the callback", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		f.answer = func(int) error { return engine.Errorf(engine.Stale, "app.report", "attempt 2 is on") }
		f.start(begin, f.host("h1"), "a")
		f.end(10 * time.Second)
		return f
	}},
	{"lease lost while paused", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 8), completed(6, 9))
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.at(7500*time.Millisecond, "h1 is paused", h1.process.Pause)
		f.at(3*time.Minute, "h1 wakes up as a zombie", h1.process.Resume)
		f.end(4 * time.Minute)
		return f
	}},
	{"append whose answer is lost", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 3))
		lost := 0
		f.inject = func(_ string, op *model.JournalOp) fault {
			if op.Kind == model.JournalAppend && lost < 2 {
				lost++
				return lostAnswer
			}
			return none
		}
		f.start(begin, f.host("h1"), "a")
		f.end(10 * time.Second)
		return f
	}},
	{"journal refuses for a while", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 12))
		f.inject = func(_ string, op *model.JournalOp) fault {
			if now := f.kernel.Now(); now > time.Second && now < 15*time.Second {
				return refused
			}
			return none
		}
		f.start(begin, f.host("h1"), "a")
		f.end(time.Minute)
		return f
	}},
	{"every second write of the journal is lost", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 12))
		writes := 0
		f.inject = func(_ string, op *model.JournalOp) fault {
			if !op.Kind.Fenced() {
				return none
			}
			writes++
			return []fault{lostRequest, none, lostAnswer, none}[writes%4]
		}
		f.start(begin, f.host("h1"), "a")
		f.end(time.Minute)
		return f
	}},
	{"start that the journal refuses", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 3))
		f.inject = func(_ string, op *model.JournalOp) fault {
			if op.Kind == model.JournalCreate && f.kernel.Now() < time.Second {
				return refused
			}
			return none
		}
		h1 := f.host("h1")
		f.start(begin, h1, "a")
		f.start(time.Second, h1, "a")
		f.end(10 * time.Second)
		return f
	}},
	{"start whose answer from the journal is lost", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 3))
		f.inject = func(_ string, op *model.JournalOp) fault {
			if op.Kind == model.JournalCreate {
				return lostAnswer
			}
			return none
		}
		f.start(begin, f.host("h1"), "a")
		f.end(time.Minute)
		return f
	}},
	{"host cut off from the journal", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 300), completed(6, 9))
		f.inject = func(host string, _ *model.JournalOp) fault {
			if now := f.kernel.Now(); host == "h1" && now > 7*time.Second && now < 2*time.Minute {
				return lostRequest
			}
			return none
		}
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.end(4 * time.Minute)
		return f
	}},
	{"lease lost while the app is away", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		f.answer = func(int) error {
			if f.kernel.Now() < 3*time.Minute {
				return engine.Errorf(engine.Ambiguous, "app.report", "no route to host")
			}
			return nil
		}
		f.inject = func(host string, op *model.JournalOp) fault {
			if now := f.kernel.Now(); host == "h1" && op.Kind == model.JournalRenewLease && now > time.Second && now < 2*time.Minute {
				return refused
			}
			return none
		}
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.end(5 * time.Minute)
		return f
	}},
	{"session that the agent has lost", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, thenFails(progress(1, 2), engine.Errorf(engine.NotFound, "agent.stream", "no such session")))
		f.start(begin, f.host("h1"), "a")
		f.end(3 * time.Minute)
		return f
	}},
	{"forgotten after seven days", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		f.config.LeaseFor, f.config.RenewEvery = time.Hour, 30*time.Minute
		h1 := f.host("h1")
		f.start(begin, h1, "a")
		f.end(8 * day)
		return f
	}},
	{"graceful close", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 8), completed(4, 6))
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.close(3500*time.Millisecond, h1)
		f.start(4*time.Second, h1, "b")
		f.end(time.Minute)
		return f
	}},
	{"close while the callback is owed", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		f.answer = func(n int) error {
			if n < 4 {
				return engine.Errorf(engine.Rejected, "app.report", "connection refused")
			}
			return nil
		}
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.close(2*time.Second, h1)
		f.end(time.Minute)
		return f
	}},
	{"close while the session does not end", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, progress(1, 3))
		f.agent.Interrupts = 6
		h1 := f.host("h1")
		f.host("h2")
		f.start(begin, h1, "a")
		f.cancel(18*time.Second, h1, "a")
		f.close(19500*time.Millisecond, h1)
		f.end(2 * time.Minute)
		return f
	}},
	{"create fails to the last try", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, nil)
		f.agent.Before = creating(func(int) error { return engine.Errorf(engine.Rejected, "agent.create", "status 429") })
		f.start(begin, f.host("h1"), "a")
		f.end(3 * time.Minute)
		return f
	}},
	{"create fails twice", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, completed(1, 1))
		f.agent.Before = creating(func(try int) error {
			if try <= 2 {
				return engine.Errorf(engine.Ambiguous, "agent.create", "status 502")
			}
			return nil
		})
		f.start(begin, f.host("h1"), "a")
		f.end(time.Minute)
		return f
	}},
	{"create is refused for good", func(t *testing.T) *hostFixture {
		f := newHostFixture(t, nil)
		f.agent.Before = creating(func(int) error { return engine.Errorf(engine.Permanent, "agent.create", "status 422") })
		f.start(begin, f.host("h1"), "a")
		f.end(time.Minute)
		return f
	}},
}

func TestHostStories(t *testing.T) {
	for _, test := range hostStories {
		t.Run(test.name, func(t *testing.T) {
			test.story(t).golden("host/" + strings.ReplaceAll(test.name, " ", "-"))
		})
	}
}

// TestHostAnswersForEveryAttempt checks that a host answers from the journal for what it does not run.
func TestHostAnswersForEveryAttempt(t *testing.T) {
	f := newHostFixture(t, completed(1, 3))
	f.config.AgentVersion = "v7"
	h1, h2 := f.host("h1"), f.host("h2")
	f.start(begin, h1, "a")
	asked := 0
	ask := func(moment time.Duration, h *fakeHost, key engine.AttemptKey, want string, events int) {
		f.call(moment, h.process, func(ctx context.Context) {
			asked++
			report, err := h.Status(ctx, key)
			if got := answerText(reportText(report), err); got != want || err == nil && report.AgentVersion != "v7" {
				t.Errorf("status of %s at %v: %s by agent %q, want %s by v7", key, moment, got, report.AgentVersion, want)
			}
			list, err := h.Events(ctx, key, 1, 10)
			if len(list) != events || (err != nil) != (want == "not found") {
				t.Errorf("events of %s at %v: %v, %v; want %d", key, moment, list, err, events)
			}
		})
	}
	ask(2*time.Second, h1, keyOf("a", 1), "a/1 running", 0)
	ask(2500*time.Millisecond, h2, keyOf("a", 1), "a/1 running", 0)
	ask(4*time.Second, h1, keyOf("a", 1), "a/1 completed, 3 events, 30 tokens", 2)
	ask(4*time.Second, h2, keyOf("a", 1), "a/1 completed, 3 events, 30 tokens", 2)
	ask(4*time.Second, h2, keyOf("b", 1), "not found", 0)
	f.run(10 * time.Second)
	if asked != 5 {
		t.Errorf("%d of 5 questions were answered", asked)
	}
}

// TestHostWithoutJournal checks that a host that can't reach the journal answers with that error and no state.
func TestHostWithoutJournal(t *testing.T) {
	f := newHostFixture(t, completed(1, 3))
	f.inject = func(string, *model.JournalOp) fault { return lostRequest }
	h := f.host("h1")
	f.call(begin, h.process, func(ctx context.Context) {
		for name, call := range map[string]func(context.Context, engine.AttemptKey) (engine.WorkerReport, error){
			"status": h.Status, "cancel": h.Cancel,
			"start": func(ctx context.Context, key engine.AttemptKey) (engine.WorkerReport, error) {
				return h.Start(ctx, engine.StartRequest{Key: key, Owner: "ann"})
			},
		} {
			if report, err := call(ctx, keyOf("a", 1)); !engine.IsKind(err, engine.Ambiguous) || report.Status != 0 {
				t.Errorf("%s: %v, %v; want ambiguous", name, report, err)
			}
		}
	})
	f.run(time.Second)
}
