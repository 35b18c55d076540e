package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

var (
	opCutAt   = timingOp(290, "partition.at")
	opCutFor  = timingOp(300, "partition.for")
	opCutAll  = timingOp(270, "partition.all")
	opCutFrom = timingOp(280, "partition.from")

	opOneWayAt   = timingOp(1500, "one-way.at")
	opOneWayFor  = timingOp(1501, "one-way.for")
	opCutLeaving = timingOp(1502, "one-way.leaving")
	opStallAt    = timingOp(1503, "stall.at")
	opStallFor   = timingOp(1504, "stall.for")

	labelCut    = kernel.NewPoint("network.partition")
	labelOneWay = kernel.NewPoint("network.one-way")
	labelStall  = kernel.NewPoint("network.stall")
)

// The parties of a process besides other processes, which are known by their names.
const (
	partyDatabase = "database"
	partyJournal  = "journal"
	partyAgent    = "agent"
)

// A cut is what keeps messages between a process and others from arriving for a while.
type cut struct {
	until time.Duration // on the virtual clock
	from  string        // the party that it is about; empty: all
	// leaving: of a cut of one direction, it is about what the process sends; otherwise about what is sent to it.
	leaving bool
}

// covers reports whether the cut is about messages between the process and a party now.
func (c *cut) covers(now time.Duration, party string) bool {
	return c.until > now && (c.from == "" || c.from == party)
}

// begin starts a cut, from all parties or from one of those given. It returns whom it is about, for the trace.
func (n *node) begin(c *cut, d time.Duration, all float64, parties []string) (whom string) {
	w, actor := n.world, n.process.Actor()
	c.until, c.from = w.kernel.Now()+d, ""
	if all > 0 && w.kernel.Chance(actor, opCutAll, all) {
		return "everybody"
	}
	c.from = parties[w.kernel.Pick(actor, opCutFrom, len(parties))]
	return c.from
}

// cutOff makes the process unreachable for all parties, or for one of them.
func (n *node) cutOff(d time.Duration) {
	w := n.world
	whom := n.begin(&n.cut, d, 0.5, n.parties())
	n.countFault(faults.NetworkPartition)
	w.traceActor(n.name, "is cut off from %s for %s", whom, d)
	if n.cutOffFrom(partyAgent) {
		w.agent.disconnect(n)
	}
}

// cutOneWay makes the process unheard by others, or unable to hear them. A stream of the agent needs both directions.
func (n *node) cutOneWay(d time.Duration) {
	w := n.world
	whom := n.begin(&n.oneWay, d, 0.3, n.parties())
	n.oneWay.leaving = w.kernel.Chance(n.process.Actor(), opCutLeaving, 0.5)
	n.countFault(faults.NetworkOneWay)
	if n.oneWay.leaving {
		w.traceActor(n.name, "is not heard by %s for %s", whom, d)
	} else {
		w.traceActor(n.name, "does not hear %s for %s", whom, d)
	}
	if n.oneWay.covers(w.kernel.Now(), partyAgent) {
		w.agent.disconnect(n)
	}
}

// stall holds back all messages between the process and another one, or its store.
func (n *node) stall(d time.Duration) {
	w := n.world
	whom := n.begin(&n.stalled, d, 0, n.parties())
	if whom == partyAgent { // its streams stall by themselves
		n.stalled.from = partyJournal
		whom = partyJournal
	}
	n.countFault(faults.NetworkStall)
	w.traceActor(n.name, "has connections to %s that stand still for %s", whom, d)
	w.stalledUntil = max(w.stalledUntil, n.stalled.until)
	w.arrives(d)
}

// parties lists the parties that the process talks to.
func (n *node) parties() []string {
	w := n.world
	if n.role == roleApp {
		return append([]string{partyDatabase, w.clients.name}, nodeNames[roleWorker][:len(w.hosts)]...)
	}
	return append([]string{partyJournal, partyAgent}, nodeNames[roleApp][:len(w.apps)]...)
}

// cutOffFrom reports whether the process and a party cannot reach each other now.
func (n *node) cutOffFrom(party string) bool { return n.cut.covers(n.world.kernel.Now(), party) }

// loses implements [answerer]: a message is lost while the process is cut off from the party.
func (n *node) loses(party string, leaving bool, called checker.Call) bool {
	w := n.world
	now := w.kernel.Now()
	kind := faults.NetworkPartition
	if !n.cut.covers(now, party) {
		if n.oneWay.leaving != leaving || !n.oneWay.covers(now, party) {
			return false
		}
		kind = faults.NetworkOneWay
	}
	w.noteFault(kind, n.name, called.String(), w.plannedFault(n.process.Actor(), kind))
	return true
}

// heldBack returns how long a message of the call that leaves now is held back, because a connection stands still.
func (c *call) heldBack() time.Duration {
	now := c.world.kernel.Now()
	var until time.Duration
	if c.from.stalled.covers(now, c.to.party()) {
		until = c.from.stalled.until
	}
	if to, ok := c.to.(*node); ok && to.stalled.covers(now, c.from.name) {
		until = max(until, to.stalled.until)
	}
	if until <= now {
		return 0
	}
	c.world.noteFault(faults.NetworkStall, c.from.name, c.method.name, c.world.plannedFault(c.from.process.Actor(), faults.NetworkStall))
	return until - now
}
