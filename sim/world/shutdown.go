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
		linger := lingerMax
		if w.rolling {
			linger = rollingLinger
		}
		w.kernel.After(w.kernel.Between(n.process.Actor(), opLinger, 0, linger), labelGone, func() {
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

// A rolling restart replaces one process after another once the storm is over, as a new version of the software does:
// everything must finish all the same. The next process is asked to stop when the one before is up again.

// rollingLinger is how long a process may exist after it has shut down while others wait for their turn.
const rollingLinger = 5 * time.Second

var (
	opRolling      = faultOp(1500, "rolling")
	opRollingHosts = timingOp(1530, "rolling.hosts-first")
	opRollingPause = timingOp(1531, "rolling.pause")
	labelRolling   = kernel.NewPoint("rolling.next")
)

// scheduleRolling restarts all processes in the quiet phase, in a share of the seeds.
func (w *Deployment) scheduleRolling() {
	if !w.kernel.Chance(w.actor, opRolling, 0.1) {
		return
	}
	w.rolling = true
	first, then := w.apps, w.hosts
	if w.kernel.Chance(w.actor, opRollingHosts, 0.5) {
		first, then = then, first
	}
	w.rollout = append(append(w.rollout[:0], first...), then...)
	w.rollNext()
}

// rollNext restarts the next process after a pause.
func (w *Deployment) rollNext() {
	if len(w.rollout) == 0 {
		w.monitor.Goals().Add(checker.RestartedInTheQuietPhase)
		w.rolling = false
		return
	}
	n := w.rollout[0]
	w.kernel.After(w.kernel.Between(w.actor, opRollingPause, time.Second, 40*time.Second), labelRolling, func() {
		w.rollout = w.rollout[1:]
		if !n.process.Alive() || n.closing {
			w.rollNext() // it is down for good, or leaves anyway
			return
		}
		n.rolled = true
		n.shutDown()
	})
}

// rollingTakes returns how much later everything may finish when all processes restart: each restart takes a while, and
// the next holder of a session that hangs may wait for it as long as the first.
func (w *Deployment) rollingTakes() time.Duration {
	if !w.rolling {
		return 0
	}
	return time.Duration(len(w.apps)+len(w.hosts))*3*time.Minute + time.Duration(len(w.hosts))*w.longestStream()
}
