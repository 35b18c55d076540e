package engine_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
)

// agentFails has every call of a method of the agent fail.
func agentFails(method enginetest.AgentMethod, err error) func(*hostFixture) {
	return func(f *hostFixture) {
		f.agent.Before = func(c *enginetest.AgentCall) error {
			if c.Method == method {
				return err
			}
			return nil
		}
	}
}

// journalFails has every operation of a kind fail.
func journalFails(kind model.JournalOpKind, with fault) func(*hostFixture) {
	return func(f *hostFixture) {
		f.inject = func(_ string, op *model.JournalOp) fault {
			if op.Kind == kind {
				return with
			}
			return none
		}
	}
}

// TestLongWaitsOfHostsAreLogged has somebody not answer for long, one after the other of those that a host waits for. The
// log names what it waits for, and of which attempt.
func TestLongWaitsOfHostsAreLogged(t *testing.T) {
	noAnswer := engine.Errorf(engine.Ambiguous, "agent", "502")
	busy := engine.Throttled("agent", 0, errors.New("busy"))
	for _, test := range []struct {
		op    string
		given func(*hostFixture)
	}{
		{"agent.create", agentFails(enginetest.AgentCreate, noAnswer)},
		{"agent.stream", agentFails(enginetest.AgentStream, noAnswer)},
		{"agent.interrupt", agentFails(enginetest.AgentInterrupt, noAnswer)},
		{"agent", agentFails(enginetest.AgentCreate, busy)},
		{"journal", journalFails(model.JournalRecordIntent, refused)},
		{"journal.finish", journalFails(model.JournalFinish, refusedForGood)},
		{"journal.clear-outbox", journalFails(model.JournalClearOutbox, refusedForGood)},
		{"callback.report", func(f *hostFixture) { f.answer = func(int) error { return noAnswer } }},
	} {
		t.Run(test.op, func(t *testing.T) {
			var log bytes.Buffer
			f := newHostFixture(t, progress(1, 2))
			f.config.Log, f.config.CreateTries = slog.New(slog.NewTextHandler(&log, nil)), 1000
			test.given(f)
			h := f.host("h1")
			f.start(begin, h, "a")
			if test.op == "agent.interrupt" || strings.Contains(test.op, "finish") || strings.Contains(test.op, "outbox") || strings.Contains(test.op, "callback") {
				f.cancel(10*time.Second, h, "a")
			}
			f.run(20 * time.Minute)
			if !logs(&log, test.op) {
				t.Errorf("not logged:\n%s\n%s", &log, f.trace.String())
			}
		})
	}
}

// logs reports whether an entry of a log is about the eighth try of an operation for the first attempt of review a.
func logs(log *bytes.Buffer, op string) bool {
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, " op="+op+" tries=8 ") && strings.Contains(line, " review=a attempt=1") {
			return true
		}
	}
	return false
}

// TestManyTakeoversAreLogged has host after host crash with the attempt. The ninth holder logs that.
func TestManyTakeoversAreLogged(t *testing.T) {
	var log bytes.Buffer
	f := newHostFixture(t)
	f.config.Log = slog.New(slog.NewTextHandler(&log, nil))
	hosts := map[string]*fakeHost{}
	for _, name := range strings.Fields("h1 h2 h3 h4 h5 h6 h7 h8 h9") {
		hosts[name] = f.host(name)
	}
	deaths := 0
	f.inject = func(host string, op *model.JournalOp) fault {
		if op.Kind == model.JournalRecordIntent && deaths < len(hosts)-1 {
			deaths++
			f.at(f.kernel.Now()+500*time.Millisecond, "", hosts[host].process.Crash)
		}
		return none
	}
	f.start(begin, hosts["h1"], "a")
	f.run(time.Hour)
	if !logs(&log, "takeover") {
		t.Errorf("after %d crashes, not logged:\n%s", deaths, &log)
	}
}

// TestManyDispatchesAreLogged has workers that answer no start. The eighth claim logs that.
func TestManyDispatchesAreLogged(t *testing.T) {
	var log bytes.Buffer
	f := newAppFixture(t, engine.AppConfig{Log: slog.New(slog.NewTextHandler(&log, nil))}).given(model.Submit(submission("a"), moment(0)))
	f.start = func(context.Context, engine.StartRequest) (engine.WorkerReport, error) {
		return engine.WorkerReport{}, engine.Errorf(engine.Ambiguous, "worker.start", "502")
	}
	f.dispatcher.Run()
	f.run(3 * time.Hour)
	if !logs(&log, "worker.start") {
		t.Errorf("not logged:\n%s", &log)
	}
}
