package counter

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

var (
	opWay     = kernel.NewPoint("network.way")
	opLost    = kernel.NewPoint("network.lost")
	opPause   = kernel.NewPoint("client.pause")
	noteAdded = kernel.NewPoint("server.added")
)

// clients is how many there are, and adds how often each adds one.
const clients, adds = 2, 3

// A World is one deployment: a server, a network that loses a tenth of all messages, and two clients that add three
// times each.
type World struct {
	kernel *kernel.Kernel
	store  Store
	spec   run.Spec
	known  int    // additions that a client knows of
	lost   uint64 // messages
	sent   uint64 // messages
	calm   bool   // no message is lost any more
}

var (
	faultNames = run.NewNames(messageLost)
	sizeNames  = run.NewNames("additions")
)

// messageLost is the one fault that there is.
const messageLost = "message-lost"

// NewWorld returns a world whose server keeps a store like the one given.
func NewWorld(store Store) *World { return &World{kernel: kernel.New(), store: store} }

// Close ends the world's coroutines.
func (w *World) Close() { w.kernel.Close() }

// Run simulates one deployment until all clients are done, and compares what they know with what the server has.
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
			Sentence: "The counter is what clients have added.",
			Message:  fmt.Sprintf("clients have added %d, and the counter says %d", w.known, w.store.Value()),
		}
	}
	return result
}

// play lets the run happen, up to its branch as the seed decides, and from there on as another does.
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

// start lets a client add, a few times.
func (w *World) start(p *kernel.Process) {
	client := Client{Runtime: p, Server: wire{w, p}}
	p.Go("add", func(ctx context.Context) {
		for n := range adds {
			pause := w.kernel.Between(p.Actor(), opPause, 0, 10*time.Second)
			if p.Sleep(ctx, pause) != nil || client.Add(ctx, fmt.Sprintf("%s/%d", p.Name(), n+1)) != nil {
				return
			}
			w.known++
			w.trace(run.Line{Actor: p.Name()}, "knows of %d additions", n+1)
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
		k.Note(noteAdded, uint64(n.world.store.Value()), 0)
		n.world.trace(run.Line{Actor: "server"}, "adds %s: the counter says %d", key, n.world.store.Value())
		n.send(&run.Message{From: "server", To: n.client.Name(), Name: request.Name, Answer: true, Of: request.Number}, "answer to "+key, answer.Complete)
	})
	return answer.Wait(ctx)
}

// send has a message arrive, unless it is lost.
func (n wire) send(m *run.Message, what string, arrives func()) {
	w, k, actor := n.world, n.world.kernel, n.client.Actor()
	way := k.Latency(actor, opWay, kernel.Latency{Min: time.Millisecond, Median: 5 * time.Millisecond, Max: 3 * time.Second})
	m.Lost = k.Chance(actor, opLost, 0.1) && !w.calm
	w.sent++
	m.Number, m.Step, m.Sent, m.Arrives = w.sent, k.Steps(), k.Now(), k.Now()+way
	if w.spec.OnMessage != nil {
		w.spec.OnMessage(*m)
	}
	if m.Lost {
		w.lost++
		w.trace(run.Line{Actor: "network", Fault: messageLost, Decision: k.LastDecision(actor, opLost)}, "loses the %s", what)
		return
	}
	k.After(way, opWay, arrives)
}

// trace adds a line to the readable trace. The decision that a fault follows from is what lets the search for the
// smallest failure leave it out, and the story mark it as necessary.
func (w *World) trace(line run.Line, format string, arguments ...any) {
	if w.spec.Trace != nil {
		line.At, line.Step, line.Text = w.kernel.Now(), w.kernel.Steps(), fmt.Sprintf(format, arguments...)
		w.spec.Trace(line)
	}
}
