package counter

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/world"
)

var (
	opWay     = kernel.NewOp("network.way")
	opLost    = kernel.NewOp("network.lost")
	opPause   = kernel.NewOp("client.pause")
	noteAdded = kernel.NewOp("server.added")
)

// clients is how many there are, and adds how often each adds one.
const clients, adds = 2, 3

// A World is one deployment: a server, a network that loses a tenth of all messages, and two clients that add three
// times each.
type World struct {
	kernel *kernel.Kernel
	store  Store
	spec   world.Spec
	known  int // additions that a client was told of
}

// NewWorld returns a world whose server keeps a store like the one given.
func NewWorld(store Store) *World { return &World{kernel: kernel.New(), store: store} }

// Close ends the world's coroutines.
func (w *World) Close() { w.kernel.Close() }

// Run simulates one deployment until all clients are done, and compares what they know with what the server has.
func (w *World) Run(spec world.Spec) world.Outcome {
	w.kernel.Reset(kernel.Config{Seed: spec.Seed, Overrides: spec.Overrides, Tape: spec.Tape})
	w.kernel.OnDecision = spec.OnDecision
	w.store, w.spec, w.known = w.store.Empty(), spec, 0
	for i := range clients {
		w.start(w.kernel.NewProcess(fmt.Sprintf("client-%d", i+1)))
	}
	err := w.kernel.Run(time.Hour)
	outcome := world.Outcome{
		Seed: spec.Seed, Verdict: checker.Pass, Hash: w.kernel.Hash(), Steps: w.kernel.Steps(), Virtual: w.kernel.Now(),
		Overrides: w.kernel.OverridesApplied(),
	}
	switch {
	case err != nil:
		outcome.Verdict, outcome.Unknown = checker.Unknown, err.Error()
	case w.store.Value() != w.known:
		outcome.Verdict = checker.Violated
		outcome.Violation = &checker.Violation{
			Property: "counts-once", At: w.kernel.Now(), Cause: "value and additions differ",
			Message: fmt.Sprintf("clients have added %d, and the counter says %d", w.known, w.store.Value()),
		}
	}
	return outcome
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
			w.say(world.Line{Actor: p.Name()}, "knows of %d additions", n+1)
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
	n.send("request "+key, func() {
		n.world.store.Add(key)
		k.Note(noteAdded, uint64(n.world.store.Value()), 0)
		n.world.say(world.Line{Actor: "server"}, "adds %s: the counter says %d", key, n.world.store.Value())
		n.send("answer to "+key, answer.Complete)
	})
	return answer.Wait(ctx)
}

// send has a message arrive, unless it is lost.
func (n wire) send(what string, arrives func()) {
	k, actor := n.world.kernel, n.client.Actor()
	way := k.Latency(actor, opWay, kernel.Latency{Min: time.Millisecond, Median: 5 * time.Millisecond, Max: 3 * time.Second})
	if k.Chance(actor, opLost, 0.1) {
		n.world.say(world.Line{Actor: "network", Fault: true, Decision: k.LastDecision(actor, opLost)}, "loses the %s", what)
		return
	}
	k.After(way, opWay, arrives)
}

// say adds a line to the readable trace. The decision that a misfortune follows from is what lets the search for the
// smallest failure leave it out, and the story mark it as necessary.
func (w *World) say(line world.Line, format string, arguments ...any) {
	if w.spec.Trace != nil {
		line.At, line.Step, line.Text = w.kernel.Now(), w.kernel.Steps(), fmt.Sprintf(format, arguments...)
		w.spec.Trace(line)
	}
}
