package kernel

import (
	"math"
	"time"
)

// An Event is something that happens at a moment of virtual time, outside every task. Fire must not block; it may
// schedule, complete, notify, spawn, crash and draw. Tasks that it wakes or spawns run in the same step, after Fire
// has returned, in the order in which they were woken.
type Event interface{ Fire() }

// eventFunc lets a function be an [Event]. A func value is one pointer, so the conversion allocates nothing.
type eventFunc func()

// Fire calls the function.
func (f eventFunc) Fire() { f() }

// A slot holds what the queue knows of one pending event beside its place in the heap. For the wake-up of a task it is
// the event, the label and nothing else, for the task knows the rest. It fills a cache line.
type slot struct {
	event      Event
	process    *Process // whose task scheduled it, or whose context it ends
	identity   uint64   // of the task that scheduled it: folded into the hash
	tag        uint64
	point      Point
	generation uint32 // odd while pending, even while free
	nextFree   uint32
	bound      bool // dies with its process: the deadline of a context
	_          [8]byte
}

// compactAt is the number of cancelled entries from which on the queue considers dropping them all.
const compactAt = 64

// A queue holds the pending events of a run: a heap of places, and slots that the places refer to. Cancelling frees
// the slot and leaves the place behind, to be skipped or swept when more than half of the heap is such leftovers.
type queue struct {
	heap      heap
	slots     []slot
	free      uint32 // first free slot plus one, 0 for none
	cancelled int    // places in the heap whose slot is free
}

// add stores a pending event at the place of an entry, and returns its slot, which the caller fills.
func (q *queue) add(e entry) (*slot, uint32) {
	if q.free != 0 {
		e.slot = q.free - 1
		q.free = q.slots[e.slot].nextFree
	} else {
		e.slot = uint32(len(q.slots))
		q.slots = append(q.slots, slot{})
	}
	s := &q.slots[e.slot]
	s.generation++
	e.generation = s.generation
	q.heap.push(e)
	return s, e.slot
}

// release frees a slot.
func (q *queue) release(index uint32) {
	s := &q.slots[index]
	s.event = nil
	s.process = nil
	s.generation++
	s.nextFree = q.free
	q.free = index + 1
}

// cancel frees the slot of an event that is still in the heap.
func (q *queue) cancel(index uint32) {
	q.release(index)
	q.cancelled++
	if q.cancelled >= compactAt && 2*q.cancelled > len(q.heap.entries) {
		q.heap.keep(func(e *entry) bool { return q.slots[e.slot].generation == e.generation })
		q.cancelled = 0
	}
}

// first returns the place of the next pending event, or nil when there is none.
func (q *queue) first() *entry {
	for {
		e := q.heap.minimum()
		if e == nil || q.slots[e.slot].generation == e.generation {
			return e
		}
		q.heap.take()
		q.cancelled--
	}
}

// drop cancels whatever is bound to a process, which has crashed.
func (q *queue) drop(p *Process) {
	// The tasks have ended, and taken their wake-ups with them.
	for index := range q.slots {
		s := &q.slots[index]
		if s.bound && s.process == p && s.generation&1 == 1 {
			q.cancel(uint32(index))
		}
	}
}

// clear forgets every pending event. Generations go on, so that a [Timer] of an earlier run stays without effect.
func (q *queue) clear() {
	for index := range q.slots {
		s := &q.slots[index]
		if s.generation&1 == 1 {
			q.release(uint32(index))
		}
	}
	q.heap.clear()
	q.cancelled = 0
}

// pending returns how many events are scheduled and not cancelled.
func (q *queue) pending() int {
	count := len(q.heap.entries) - q.cancelled
	if q.heap.hole {
		count--
	}
	return count
}

// A Timer is the handle of a scheduled event. Its zero value is a timer that has already ended.
type Timer struct {
	kernel     *Kernel
	slot       uint32
	generation uint32
}

// Stop cancels the event and reports whether it did: false when the event has fired, was stopped before, or belongs
// to a run that is over. A cancelled event is no step and does not keep the run going.
func (t Timer) Stop() bool {
	if !t.Pending() || t.kernel.unwinding {
		return false
	}
	t.kernel.queue.cancel(t.slot)
	return true
}

// Pending reports whether the event is still to come.
func (t Timer) Pending() bool {
	return t.kernel != nil && t.kernel.queue.slots[t.slot].generation == t.generation
}

// Schedule lets an event happen after a span of virtual time (see the package documentation for rounding; a negative
// span counts as zero). The event carries the tag of the caller and survives the crash of the process that scheduled
// it: a request once sent is on its way.
func (k *Kernel) Schedule(after time.Duration, point Point, e Event) Timer {
	if k.unwinding {
		return Timer{}
	}
	var process *Process
	identity, tag := uint64(0), k.tag
	if t := k.current; t != nil {
		process, identity, tag = t.process, t.identity, t.tag
	}
	s, timer := k.enqueue(k.now + microseconds(after))
	s.event = e
	s.process = process
	s.identity = identity
	s.tag = tag
	s.point = point
	s.bound = false
	return timer
}

// After is [Kernel.Schedule] for a plain function.
func (k *Kernel) After(after time.Duration, point Point, f func()) Timer {
	return k.Schedule(after, point, eventFunc(f))
}

// enqueue takes a place in the queue with a drawn priority. The caller fills in the slot.
func (k *Kernel) enqueue(at int64) (*slot, Timer) {
	k.sequence++
	// Equal times are common (whatever is woken by a task runs "now"), so their order is a choice of the seed too.
	priority := mix64(k.prioritySeed + k.sequence*goldenGamma)
	s, index := k.queue.add(newEntry(min(at, timeLimit), priority, k.sequence))
	return s, Timer{kernel: k, slot: index, generation: s.generation}
}

// microseconds rounds a span up to whole microseconds; negative spans become zero.
func microseconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return (int64(d)-1)/1000 + 1
}

// duration is the inverse of [microseconds] for times that a duration can hold, and saturates beyond.
func duration(microseconds int64) time.Duration {
	if microseconds > math.MaxInt64/1000 {
		return math.MaxInt64
	}
	return time.Duration(microseconds) * time.Microsecond
}
