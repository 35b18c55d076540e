package counter

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker/times"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

var (
	pointWay   = kernel.NewPoint("network.way")
	pointLost  = kernel.NewPoint("network.lost")
	pointPause = kernel.NewPoint("client.pause")
	pointAdded = kernel.NewPoint("server.added")
)

// clients is the number of clients, and adds how often each of them adds one.
const clients, adds = 2, 3

// A World simulates a server, a network that loses a tenth of all messages, and two clients that add one three times
// each.
type World struct {
	kernel *kernel.Kernel
	store  Store
	spec   run.Spec
	known  int    // additions that the server has confirmed to a client
	lost   uint64 // number of lost messages
	sent   uint64 // number of messages, lost or not
	calm   bool   // messages are no longer lost
}

var (
	faultNames = run.NewNames(messageLost)
	sizeNames  = run.NewNames("additions")
)

// messageLost is the only kind of fault.
const messageLost = "message-lost"

// NewWorld returns a world with a server of this type of store. Each run has an empty one.
func NewWorld(store Store) *World { return &World{kernel: kernel.New(), store: store} }

// Close ends the coroutines of the world.
func (w *World) Close() { w.kernel.Close() }

// Run simulates the system until all clients have finished. It compares the number of confirmed additions with the
// counter.
func (w *World) Run(spec run.Spec) run.Result {
	w.kernel.Reset(kernel.Config{Seed: spec.Seed, Overrides: spec.Overrides, Tape: spec.Tape})
	w.kernel.OnDecision = spec.OnDecision
	w.store, w.spec, w.known, w.lost, w.sent, w.calm = w.store.Empty(), spec, 0, 0, 0, false
	for i := range clients {
		w.start(w.kernel.NewProcess(fmt.Sprintf("client-%d", i+1)))
	}
	err := w.play(time.Hour)
	result := run.Result{
		Seed: spec.Seed, Hash: w.kernel.Hash(), Steps: w.kernel.Steps(), Virtual: w.kernel.Now(),
		Overrides: w.kernel.OverridesApplied(),
		Faults:    run.NewCounts(faultNames, w.lost), Size: run.NewCounts(sizeNames, clients*adds),
	}
	switch {
	case err != nil:
		result.Verdict, result.Unknown = run.Unknown, err.Error()
	case w.store.Value() != w.known:
		result.Verdict = run.Violated
		result.Violation = &run.Violation{
			Property: "counts-once", At: w.kernel.Now(), Cause: "value-differs", Subject: "counter",
			Sentence: "The counter is the number of additions by clients.",
			Message:  fmt.Sprintf("The counter is %d at %s, and clients have added %d to it.", w.store.Value(), times.Moment(w.kernel.Now()), w.known),
		}
	}
	return result
}

// play runs the kernel. At the branch of the run, if it has one, another seed takes over.
func (w *World) play(horizon time.Duration) error {
	if w.spec.Branch.After > 0 {
		paused, err := w.kernel.RunTo(horizon, w.spec.Branch.After)
		if !paused || err != nil {
			return err
		}
		w.kernel.Branch(w.spec.Branch.Seed)
		w.calm = w.spec.Branch.Calm
	}
	return w.kernel.Run(horizon)
}

// start starts a client, which adds one a few times.
func (w *World) start(p *kernel.Process) {
	client := Client{Runtime: p, Server: wire{w, p}}
	p.Go("add", func(ctx context.Context) {
		for n := range adds {
			pause := w.kernel.Between(p.Actor(), pointPause, 0, 10*time.Second)
			if p.Sleep(ctx, pause) != nil || client.Add(ctx, fmt.Sprintf("%s/%d", p.Name(), n+1)) != nil {
				return
			}
			w.known++
			w.trace(run.Line{Actor: p.Name()}, "has added %d", n+1)
		}
	})
}

// wire is the network between a client and the server.
type wire struct {
	world  *World
	client *kernel.Process
}

// Add implements [Server].
func (n wire) Add(ctx context.Context, key string) error {
	k := n.world.kernel
	var answer kernel.Completion
	answer.Reset(k)
	request := run.Message{From: n.client.Name(), To: "server", Name: "add " + key}
	n.send(&request, "request "+key, func() {
		n.world.store.Add(key)
		k.Note(pointAdded, uint64(n.world.store.Value()), 0)
		n.world.trace(run.Line{Actor: "server"}, "adds %s: the counter is %d", key, n.world.store.Value())
		n.send(&run.Message{From: "server", To: n.client.Name(), Name: request.Name, Answer: true, Of: request.Number}, "answer to "+key, answer.Complete)
	})
	return answer.Wait(ctx)
}

// send sends a message, which arrives unless it is lost.
func (n wire) send(m *run.Message, what string, arrives func()) {
	w, k, actor := n.world, n.world.kernel, n.client.Actor()
	way := k.Latency(actor, pointWay, kernel.Latency{Min: time.Millisecond, Median: 5 * time.Millisecond, Max: 3 * time.Second})
	m.Lost = k.Chance(actor, pointLost, 0.1) && !w.calm
	w.sent++
	m.Number, m.Step, m.Sent, m.Arrives = w.sent, k.Steps(), k.Now(), k.Now()+way
	if w.spec.OnMessage != nil {
		w.spec.OnMessage(*m)
	}
	if m.Lost {
		w.lost++
		w.trace(run.Line{Actor: "network", Fault: messageLost, Decision: k.LastDecision(actor, pointLost)}, "loses the %s", what)
		return
	}
	k.After(way, pointWay, arrives)
}

// trace adds a line to the readable trace. A line about a fault has the decision that injected it. With that, the
// minimiser can remove the fault, and the story marks it as necessary.
func (w *World) trace(line run.Line, format string, arguments ...any) {
	if w.spec.Trace != nil {
		line.At, line.Step, line.Text = w.kernel.Now(), w.kernel.Steps(), fmt.Sprintf(format, arguments...)
		w.spec.Trace(line)
	}
}
