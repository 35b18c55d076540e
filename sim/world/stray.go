package world

import (
	"context"
	"fmt"
	"math"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// Deployments may share workers by mistake: a start reaches a host from an app that is not one of ours. The host cannot
// know that, executes it, and reports to our app, which knows no such review. Nobody else ever asks about it.

// strayOwner owns the reviews of the other deployment, which counts the slots.
const strayOwner engine.OwnerID = "elsewhere"

var (
	opStrayAt  = timingOp(330, "stray.at")
	labelStray = kernel.NewPoint("worker.stray")
)

// planStray decides whether a start of another deployment reaches a host in this life.
func (n *node) planStray() {
	w, life := n.world, n.process.Incarnation()
	if n.role != roleWorker || !w.schedule(n.process.Actor(), &processPoint, faults.WorkerStray) {
		return
	}
	w.kernel.After(w.kernel.Between(n.process.Actor(), opStrayAt, 0, w.stormLeft()), labelStray, func() {
		if w.stormy && n.living(life) && !n.closed {
			w.countFault(faults.WorkerStray, n.name, checker.CallWorkerStart.String(), w.plannedFault(n.process.Actor(), faults.WorkerStray))
			n.stray()
		}
	})
}

// stray is the arrival of such a start. Its sender waits elsewhere.
func (n *node) stray() {
	w := n.world
	w.strays++
	r := engine.Review{Attempt: 1}
	r.Review, r.Owner = engine.ReviewID(fmt.Sprintf("S%d", w.strays)), strayOwner
	start := engine.StartRequest{Key: r.Key(), Owner: r.Owner, Token: 1, Payload: encodePayload(&r)}
	w.auditStart(&start)
	w.kernel.SpawnTagged(n.process, checker.CallWorkerStart.String(), 0, func(ctx context.Context) {
		_, _ = n.host.Start(ctx, start)
	})
}

// unlimited is the number of slots of an owner whom another deployment limits.
const unlimited = math.MaxInt
