package kernel

import (
	"math"
	"time"
)

// An Event happens at a moment of virtual time, outside every task. Fire must not block. It may schedule events,
// complete answers, notify signals, spawn tasks, crash processes and draw. Tasks that it wakes or spawns run in the
// same step, after Fire has returned, in the order in which they were woken.
type Event interface{ Fire() }

// eventFunc makes a function an [Event]. A func value is one pointer, so the conversion allocates nothing.
type eventFunc func()

// Fire calls the function.
func (f eventFunc) Fire() { f() }

// A slot holds the data of one pending event, except for its place in the heap. The wake-up of a task uses only event
// and point, because the task has the rest. A slot fills a cache line.
type slot struct {
	event      Event
	process    *Process // of the task that scheduled it, or of the context that it ends
	identity   uint64   // of the task that scheduled it, for the hash
	tag        uint64
	point      Point
	generation uint32 // odd while pending, even while free
	nextFree   uint32
	bound      bool // cancelled when its process crashes: the deadline of a context
	_          [8]byte
}

// compactAt is the least number of cancelled entries at which the queue removes them all.
const compactAt = 16

// A queue holds the pending events of a run: a heap of entries, and the slots that they refer to. Cancelling frees the
// slot and leaves the entry in the heap. Such entries are skipped, and removed when they are more than half of the
// heap.
type queue struct {
	heap      heap
	slots     []slot
	free      uint32 // first free slot plus one, 0 for none
	cancelled int    // number of entries in the heap with a free slot
}

// add inserts an entry and returns its slot, which the caller fills.
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

// first returns the entry of the next pending event, or nil if there is none.
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

// drop cancels the deadlines of a process that has crashed.
func (q *queue) drop(p *Process) {
	// The wake-ups of its tasks were cancelled when the tasks ended.
	for index := range q.slots {
		s := &q.slots[index]
		if s.bound && s.process == p && s.generation&1 == 1 {
			q.cancel(uint32(index))
		}
	}
}

// clear removes every pending event. Generations count on, so that a [Timer] of an earlier run has no effect.
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

// A Timer is the handle of a scheduled event. Its zero value is the timer of an event that has fired.
type Timer struct {
	kernel     *Kernel
	slot       uint32
	generation uint32
}

// Stop cancels the event and reports whether it did. It returns false if the event has fired, was cancelled before, or
// belongs to an earlier run. A cancelled event is no step and does not keep the run going.
func (t Timer) Stop() bool {
	if !t.Pending() || t.kernel.unwinding {
		return false
	}
	t.kernel.queue.cancel(t.slot)
	return true
}

// Pending reports whether the event is scheduled and has neither fired nor been cancelled.
func (t Timer) Pending() bool {
	return t.kernel != nil && t.kernel.queue.slots[t.slot].generation == t.generation
}

// Schedule schedules an event after a duration of virtual time, rounded up to whole microseconds; a negative duration
// counts as zero. The event inherits the tag of the caller. It survives the crash of the process that scheduled it,
// because a request that was sent still arrives.
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

// After is [Kernel.Schedule] for a function.
func (k *Kernel) After(after time.Duration, point Point, f func()) Timer {
	return k.Schedule(after, point, eventFunc(f))
}

// enqueue adds an event to the queue with a drawn priority, and returns its slot, which the caller fills.
func (k *Kernel) enqueue(at int64) (*slot, Timer) {
	k.sequence++
	// Equal times are common, because a task that another task wakes runs at the same moment. The seed decides their
	// order.
	priority := mix64(k.prioritySeed + k.sequence*goldenGamma)
	s, index := k.queue.add(newEntry(min(at, timeLimit), priority, k.sequence))
	return s, Timer{kernel: k, slot: index, generation: s.generation}
}

// microseconds rounds a duration up to whole microseconds. Negative durations become zero.
func microseconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return (int64(d)-1)/1000 + 1
}

// duration converts microseconds to a duration, at most the largest that there is.
func duration(microseconds int64) time.Duration {
	if microseconds > math.MaxInt64/1000 {
		return math.MaxInt64
	}
	return time.Duration(microseconds) * time.Microsecond
}
