package engine_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

// A rig is worker hosts with the agent and the app that they talk to.
type rig struct {
	*stage
	agent *fakeAgent
	// answer is what the app says to the n-th terminal callback, from 1; nil is ok.
	answer    func(n int) error
	callbacks int
	config    engine.WorkerConfig
	hosts     int
}

// begin is when most stories do: after the hosts.
const begin = 100 * time.Millisecond

// A fakeHost is one life of a worker process.
type fakeHost struct {
	*engine.Host
	process *kernel.Process
}

func newRig(t *testing.T, streams ...[]item) *rig {
	s := newStage(t)
	return &rig{stage: s, agent: newFakeAgent(s, streams...)}
}

// host starts a worker host.
func (r *rig) host(name string) *fakeHost {
	p := r.kernel.NewProcess(name)
	h, err := engine.NewHost(engine.HostID(name), p, r.config, r.journals(p), agentClient{r.agent, p}, callbackClient{r, p})
	if err != nil {
		r.t.Fatal(err)
	}
	r.hosts++
	r.at(time.Duration(r.hosts)*17*time.Millisecond, "", h.Run) // never two at the same moment
	return &fakeHost{h, p}
}

// callbackClient is the app as a host reaches it.
type callbackClient struct {
	rig     *rig
	process *kernel.Process
}

// Report implements [engine.Callback].
func (c callbackClient) Report(ctx context.Context, report engine.WorkerReport) error {
	if err := c.process.Sleep(ctx, callbackTakes); err != nil {
		return err
	}
	var err error
	if report.Status.Terminal() {
		if c.rig.callbacks++; c.rig.answer != nil {
			err = c.rig.answer(c.rig.callbacks)
		}
	}
	c.rig.say(c.process.Name(), "callback %s -> %s", said(report), failure(err))
	return err
}

// start, cancel and status are calls that reach a host from the app.
func (r *rig) start(moment time.Duration, h *fakeHost, review string) {
	r.call(moment, h.process, func(ctx context.Context) {
		r.say(h.process.Name(), "< start %s/1", review)
		report, err := h.Start(ctx, engine.StartRequest{Key: keyOf(review, 1), Owner: "ann", Token: 1, Payload: []byte("diff")})
		r.say(h.process.Name(), "> start %s/1 -> %s", review, told(said(report), err))
	})
}

func (r *rig) cancel(moment time.Duration, h *fakeHost, review string) {
	r.call(moment, h.process, func(ctx context.Context) {
		r.say(h.process.Name(), "< cancel %s/1", review)
		report, err := h.Cancel(ctx, keyOf(review, 1))
		r.say(h.process.Name(), "> cancel %s/1 -> %s", review, told(said(report), err))
	})
}

func (r *rig) close(moment time.Duration, h *fakeHost) {
	r.call(moment, h.process, func(ctx context.Context) {
		r.say(h.process.Name(), "< close")
		r.say(h.process.Name(), "> close -> %s", failure(h.Close(ctx)))
	})
}

// end adds what is left behind.
func (r *rig) end(until time.Duration) {
	r.t.Helper()
	r.run(until)
	r.say("", "= %s", strings.ReplaceAll(r.journal.String(), "\n", "\n                = "))
}
