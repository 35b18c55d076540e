package world

import (
	"context"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/kernel"
)

// shutdownFor is how long a process may take to shut down before it is killed. These are the defaults of platforms:
// Kubernetes 30 s (terminationGracePeriodSeconds), "docker stop" 10 s, systemd 90 s (DefaultTimeoutStopSec).
var shutdownFor = [...]time.Duration{30 * time.Second, 30 * time.Second, 10 * time.Second, 90 * time.Second}

// lingerMax is how long a process may exist after it has shut down: longer than any pause after which something left
// behind would act.
const lingerMax = 6 * time.Minute

var (
	opLinger      = timingOp(210, "shutdown.linger")
	opShutdownFor = timingOp(130, "shutdown.for")
	opHandedOver  = timingOp(140, "shutdown.handed-over")
	labelGone     = kernel.NewPoint("shutdown.gone")
)

// shutDown stops the process gracefully, as a restart of its deployment does, and starts it again. A process that has
// shut down serves no requests and must do nothing more; it lingers, so that this is seen.
func (n *node) shutDown() {
	w, life := n.world, n.process.Incarnation()
	if !n.process.Alive() || n.process.Paused() || n.closing {
		return
	}
	n.closing = true
	w.kernel.Spawn(n.process, "shutdown", func(ctx context.Context) {
		w.observe(w.record(checker.ShutdownBegan, n.name, life))
		err := n.close(ctx)
		ended := w.record(checker.ShutdownEnded, n.name, life)
		if err != nil {
			ended.Error, ended.Reason = checker.FailureOf(err), err.Error()
		}
		w.observe(ended)
		if err != nil {
			n.leave()
			return
		}
		n.closed = true
		w.kernel.After(w.kernel.Between(n.process.Actor(), opLinger, 0, lingerMax), labelGone, func() {
			if n.lives(life) {
				left := w.record(checker.ProcessLeft, n.name, life)
				left.Stranded = n.process.Stranded()
				w.observe(left)
				n.leave()
			}
		})
	})
}

// leave ends a process that was asked to stop, and lets another take its place.
func (n *node) leave() {
	w := n.world
	n.end()
	w.kernel.After(w.kernel.Between(n.process.Actor(), opRestartAfter, time.Second, 10*time.Second), labelRestart, n.restart)
	n.process.Crash()
}

// close ends the engine's work, and waits for that as long as the platform allows.
func (n *node) close(ctx context.Context) error {
	patience := shutdownFor[n.world.kernel.Pick(n.process.Actor(), opShutdownFor, len(shutdownFor))]
	ctx, cancel := n.process.WithTimeout(ctx, patience)
	defer cancel()
	if n.role == roleApp {
		return n.dispatcher.Close(ctx)
	}
	return n.host.Close(ctx)
}

// serves reports whether the process accepts requests.
func (n *node) serves() bool { return n.process.Alive() && !n.closed }
