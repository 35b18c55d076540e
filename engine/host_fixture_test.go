package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/kernel"
)

// A hostFixture is a number of worker hosts with a fake agent and a fake app.
type hostFixture struct {
	*fixture
	agent *enginetest.Agent
	// answer returns the app's answer to the n-th terminal callback, from 1; nil answers all of them with ok.
	answer    func(n int) error
	callbacks int
	config    engine.WorkerConfig
	hosts     int
}

// begin is when most stories begin: after the hosts.
const begin = 100 * time.Millisecond

// A fakeHost is one life of a worker process.
type fakeHost struct {
	*engine.Host
	process *kernel.Process
}

func newHostFixture(t *testing.T, streams ...[]enginetest.Step) *hostFixture {
	f := newFixture(t)
	return &hostFixture{fixture: f, agent: newAgent(f, streams)}
}

// host starts a worker host.
func (f *hostFixture) host(name string) *fakeHost {
	p := f.kernel.NewProcess(name)
	h, err := engine.NewHost(engine.HostID(name), p, f.config, f.journals(p), f.agent.Through(p), callbackClient{f, p})
	if err != nil {
		f.t.Fatal(err)
	}
	f.hosts++
	f.at(time.Duration(f.hosts)*17*time.Millisecond, "", h.Run) // never two at the same moment
	return &fakeHost{h, p}
}

// callbackClient is the app, as a host reaches it.
type callbackClient struct {
	fixture *hostFixture
	process *kernel.Process
}

// Report implements [engine.Callback].
func (c callbackClient) Report(ctx context.Context, report engine.WorkerReport) error {
	if err := c.process.Sleep(ctx, callbackTakes); err != nil {
		return err
	}
	var err error
	if report.Status.Terminal() {
		if c.fixture.callbacks++; c.fixture.answer != nil {
			err = c.fixture.answer(c.fixture.callbacks)
		}
	}
	c.fixture.log(c.process.Name(), "callback %s -> %s", reportText(report), failureText(err))
	return err
}

// start, cancel and close call a host at a moment of the story.
func (f *hostFixture) start(moment time.Duration, h *fakeHost, review string) {
	f.call(moment, h.process, func(ctx context.Context) {
		f.log(h.process.Name(), "< start %s/1", review)
		report, err := h.Start(ctx, engine.StartRequest{Key: keyOf(review, 1), Owner: "ann", Token: 1, Payload: []byte("diff")})
		f.log(h.process.Name(), "> start %s/1 -> %s", review, answerText(reportText(report), err))
	})
}

func (f *hostFixture) cancel(moment time.Duration, h *fakeHost, review string) {
	f.call(moment, h.process, func(ctx context.Context) {
		f.log(h.process.Name(), "< cancel %s/1", review)
		report, err := h.Cancel(ctx, keyOf(review, 1))
		f.log(h.process.Name(), "> cancel %s/1 -> %s", review, answerText(reportText(report), err))
	})
}

func (f *hostFixture) close(moment time.Duration, h *fakeHost) {
	f.call(moment, h.process, func(ctx context.Context) {
		f.log(h.process.Name(), "< close")
		f.log(h.process.Name(), "> close -> %s", failureText(h.Close(ctx)))
	})
}

// end runs the story until a moment, and adds the rows of the journal to the trace.
func (f *hostFixture) end(until time.Duration) {
	f.t.Helper()
	f.run(until)
	f.log("", "= %s", strings.ReplaceAll(f.journal.String(), "\n", "\n                = "))
}
