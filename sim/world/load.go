package world

import (
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
)

// In a share of the seeds services have a capacity: each carries out one call after the other, and a call takes the
// longer the more bytes it carries. So answers come later when many calls are in flight, and when what is asked for or
// answered is large. In the other seeds a service answers any number of calls of any size in the same time.

// shareLoaded is the share of the seeds in which services have a capacity.
const shareLoaded = 0.1

// queueMax bounds how long calls wait for one another, so that a deployment can always keep up once its load is down.
const queueMax = 40 * time.Second

var (
	opLoaded    = workloadOp(1510, "plan.loaded")
	opTakes     = timingOp(1540, "load.takes")
	opBandwidth = timingOp(1541, "load.bandwidth")
)

// A capacity is how fast the services of a run are. The zero value is any speed.
type capacity struct {
	takes   time.Duration // one call of a service
	perByte time.Duration // of payloads and events that it carries
}

// paces are the times that one call takes a service, from one that hardly ever makes others wait to one that often does.
var paces = [...]time.Duration{5 * time.Millisecond, 20 * time.Millisecond, 80 * time.Millisecond, 250 * time.Millisecond}

// bandwidths are times per byte: 16 MiB/s, 4 MiB/s and 1 MiB/s.
var bandwidths = [...]time.Duration{60 * time.Nanosecond, 240 * time.Nanosecond, 950 * time.Nanosecond}

// decideCapacity draws how fast services are.
func (w *Deployment) decideCapacity() {
	w.capacity = capacity{}
	if !w.kernel.Chance(w.actor, opLoaded, shareLoaded) {
		return
	}
	w.capacity.takes = paces[w.kernel.Pick(w.actor, opTakes, len(paces))]
	w.capacity.perByte = bandwidths[w.kernel.Pick(w.actor, opBandwidth, len(bandwidths))]
}

// queued returns how long the answer of a call has to wait until its service has carried out those that came before,
// and the call itself.
func (c *call) queued() time.Duration {
	w := c.world
	var busy *time.Duration
	switch to := c.to.(type) {
	case *database:
		busy = &to.busyUntil
	case *journal:
		busy = &to.busyUntil
	case *node:
		busy = &to.busyUntil
	default: // the agent has room for everybody
		return 0
	}
	now := w.kernel.Now()
	if *busy > now+time.Second {
		w.monitor.Goals().Add(checker.WaitedForABusyService)
	}
	*busy = min(max(*busy, now)+w.capacity.takes, now+queueMax)
	return *busy - now + min(w.capacity.perByte*time.Duration(c.bytes()), queueMax)
}

// leaseBytes is about what a lease takes in an answer: a key, an epoch and a mark.
const leaseBytes = 64

// bytes returns the size of what a call carries, both ways, apart from what every call carries. Texts for people do not
// count: how a sentence is worded decides nothing.
func (c *call) bytes() (n int) {
	switch c.method.link {
	case &toJournal:
		n = len(c.entry.op.Payload) + len(c.entry.result.Payload) + leaseBytes*len(c.entry.result.Leases)
		n += eventBytes(c.entry.events) + eventBytes(c.entry.result.Events)
	case &toDatabase: // rows and texts for people
	default:
		n = len(c.request.start.Payload) + eventBytes(c.response.events)
	}
	return n
}

// eventBytes returns the size of what events carry. What a failed session ends with is a text for people.
func eventBytes(events []engine.Event) (n int) {
	for i := range events {
		if events[i].Kind != engine.EventFailed {
			n += len(events[i].Text)
		}
	}
	return n
}
