package world

import (
	"errors"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
)

// networkLatency is that of one message between two processes, load balancer included.
var networkLatency = kernel.Latency{Min: 300 * time.Microsecond, Median: 2 * time.Millisecond, Max: 2 * time.Second}

var (
	labelRequest     = kernel.NewPoint("network.request")
	labelAnswer      = kernel.NewPoint("network.answer")
	opNetworkLatency = latencyOp(10, "network.latency")
	opPickHost       = timingOp(10, "network.pick")
)

// Causes of errors of the network.
var (
	errConnectionRefused = errors.New("connection refused")
	errConnectionReset   = errors.New("connection reset")
	errHungUp            = errors.New("connection closed by the other side")
	errUnauthorized      = errors.New("401 unauthorized")
	errServer            = errors.New("500 internal server error")
	errTooLarge          = errors.New("413 payload too large")
)

// networkFaults decides which faults a call between processes meets.
func networkFaults(w *Deployment, c *call) (f callFaults) {
	n, at := c.from, &c.method.faults
	switch {
	case w.inject(n, at, faults.NetworkRequestLost):
		f.requestLost = true
	case w.inject(n, at, faults.NetworkAnswerLost):
		f.answerLost = true
	case w.inject(n, at, faults.NetworkDelay):
		f.requestDelay = w.delay(n, n.patience(), 90*time.Second)
	case w.inject(n, at, faults.NetworkReset):
		f.resetConnection()
	case w.inject(n, at, faults.NetworkReorder):
		f.requestDelay = w.delay(n, 100*time.Millisecond, 8*time.Second)
	case w.inject(n, at, faults.NetworkHangUp):
		f.hangUp = true
	}
	if w.inject(n, at, faults.NetworkDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 3*time.Minute)
	}
	w.answeredByGateway(c, &f)
	return f
}

// workerFaults decides which faults a call of a worker meets, on top of those of the network.
func workerFaults(w *Deployment, c *call) callFaults {
	f := networkFaults(w, c)
	if n := c.from; w.inject(n, &c.method.faults, faults.WorkerThrottle) {
		f.throttled(w.briefThrottle(n))
	}
	return f
}

// callbackFaults decides which faults a callback meets, on top of those of the network.
func callbackFaults(w *Deployment, c *call) callFaults {
	f := networkFaults(w, c)
	n, at := c.from, &c.method.faults
	switch {
	case w.inject(n, at, faults.CallbackThrottle):
		f.throttled(w.briefThrottle(n))
	case w.inject(n, at, faults.CallbackErrorWithoutEffect):
		f.refuse(engine.Ambiguous, errServer)
	case w.inject(n, at, faults.CallbackErrorAfterEffect):
		f.fail(engine.Ambiguous, errServer)
	case w.inject(n, at, faults.CallbackUnauthorized):
		f.refuse(engine.Rejected, errUnauthorized)
		f.byHandler = true
	case w.inject(n, at, faults.CallbackTimeout):
		f.answerDelay = w.delay(n, 15*time.Second, time.Minute)
	case w.inject(n, at, faults.CallbackLate):
		f.requestDelay = w.delay(n, 15*time.Second, 4*time.Minute)
	}
	if w.inject(n, at, faults.CallbackDuplicate) {
		f.duplicate = w.delay(n, 10*time.Millisecond, 4*time.Minute)
	}
	return f
}

// patience returns the longest time that anything in a process waits for the answer to a request. What is later than
// that arrives after the caller's timeout.
func (n *node) patience() time.Duration {
	switch n.role {
	case roleApp:
		return n.world.appConfig.DispatchTimeout
	case roleWorker:
		return n.world.workerConfig.CallbackTimeout
	default:
		return clientTimeout
	}
}

// pick chooses the process to which the load balancer sends a request. Health checks lag, so it notices only sometimes
// that a process is down; a process that has shut down has signed off.
func (w *Deployment) pick(from *node, among []*node) *node {
	chosen := among[w.kernel.Pick(from.process.Actor(), opPickHost, len(among))]
	if !chosen.process.Alive() {
		chosen = among[w.kernel.Pick(from.process.Actor(), opPickHost, len(among))]
	}
	if chosen.gone || chosen.closed {
		for _, other := range among {
			if !other.gone && (chosen.gone || !other.closed) {
				chosen = other
			}
		}
	}
	return chosen
}
