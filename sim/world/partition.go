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

	labelCut = kernel.NewPoint("network.partition")
)

// The parties of a process besides other processes, which are known by their names.
const (
	partyDatabase = "database"
	partyJournal  = "journal"
	partyAgent    = "agent"
)

// cut makes the process unreachable for all parties, or for one of them.
func (n *node) cut(d time.Duration) {
	w, actor := n.world, n.process.Actor()
	n.cutUntil, n.cutFrom = w.kernel.Now()+d, ""
	if !w.kernel.Chance(actor, opCutAll, 0.5) {
		parties := n.parties()
		n.cutFrom = parties[w.kernel.Pick(actor, opCutFrom, len(parties))]
	}
	n.countFault(faults.NetworkPartition)
	if n.cutFrom == "" {
		w.traceActor(n.name, "is cut off from everybody for %s", d)
	} else {
		w.traceActor(n.name, "is cut off from %s for %s", n.cutFrom, d)
	}
	if n.cutOffFrom(partyAgent) {
		w.agent.disconnect(n)
	}
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
func (n *node) cutOffFrom(party string) bool {
	return n.cutUntil > n.world.kernel.Now() && (n.cutFrom == "" || n.cutFrom == party)
}

// loses implements [answerer]: a message is lost while the process is cut off from the party.
func (n *node) loses(party string, called checker.Call) bool {
	if !n.cutOffFrom(party) {
		return false
	}
	w := n.world
	w.noteFault(faults.NetworkPartition, n.name, called.String(), w.plannedFault(n.process.Actor(), faults.NetworkPartition))
	return true
}
