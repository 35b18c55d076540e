package kernel

import "math/bits"

// An entry is one place in the queue: when, in which order among equals, and which slot holds the rest. It is kept
// to 24 bytes without a pointer, so that sifting moves little memory and the garbage collector has nothing to scan.
type entry struct {
	at         uint64 // virtual time in microseconds
	order      uint64 // drawn priority in the upper half, sequence in the lower
	slot       uint32
	generation uint32 // differs from the slot's when the timer was cancelled
}

// before is 1 when e comes before another entry, by time, then by drawn priority, then by sequence, and 0 otherwise. It
// is the borrow of a 128-bit subtraction: in a heap of random times a branch would be mispredicted half of the time,
// which costs more than everything else here.
func (e *entry) before(other *entry) int {
	_, borrow := bits.Sub64(e.order, other.order, 0)
	_, borrow = bits.Sub64(e.at, other.at, borrow)
	return int(borrow)
}

// A heap is a 4-ary minimum heap of entries: half the levels of a binary one, and four children share two cache
// lines.
//
// Taking the minimum leaves a hole at the root. A simulation pops one event and then mostly schedules one, and that
// one can fill the hole and sink, which costs one pass through the tree where closing the hole and inserting costs
// two.
type heap struct {
	entries []entry
	hole    bool // entries[0] has been taken and waits to be filled
}

// push inserts an entry.
func (h *heap) push(e entry) {
	if h.hole {
		h.hole = false
		h.sink(0, e)
		return
	}
	h.entries = append(h.entries, e)
	entries := h.entries
	at := len(entries) - 1
	for at > 0 {
		parent := (at - 1) / 4
		if e.before(&entries[parent]) == 0 {
			break
		}
		entries[at] = entries[parent]
		at = parent
	}
	entries[at] = e
}

// minimum returns the first entry without taking it, or nil when the heap is empty. The pointer holds until the next
// push.
func (h *heap) minimum() *entry {
	if h.hole {
		h.close()
	}
	if len(h.entries) == 0 {
		return nil
	}
	return &h.entries[0]
}

// take removes the entry that minimum has just returned.
func (h *heap) take() {
	h.hole = true
}

// close fills the hole at the root with the last entry.
func (h *heap) close() {
	h.hole = false
	last := len(h.entries) - 1
	e := h.entries[last]
	h.entries = h.entries[:last]
	if last > 0 {
		h.sink(0, e)
	}
}

// sink puts an entry at a place whose own entry is to be overwritten, and moves it down until it is in order.
func (h *heap) sink(at int, e entry) {
	entries := h.entries
	for {
		first := 4*at + 1
		if first+4 > len(entries) {
			break
		}
		children := (*[4]entry)(entries[first:])
		least := first4(children)
		if children[least&3].before(&e) == 0 {
			entries[at] = e
			return
		}
		entries[at] = children[least&3]
		at = first + least
	}
	// Only the last parent can have fewer than four children.
	if first := 4*at + 1; first < len(entries) {
		least := first
		for child := first + 1; child < len(entries); child++ {
			least += (child - least) * entries[child].before(&entries[least])
		}
		if entries[least].before(&e) == 1 {
			entries[at] = entries[least]
			at = least
		}
	}
	entries[at] = e
}

// first4 returns the index of the first of four entries. It is a tournament of two pairs and a final, on times alone
// as long as they differ: written so that the compiler selects without branches.
func first4(e *[4]entry) int {
	left, leftAt := 0, e[0].at
	if e[1].at < leftAt {
		left = 1
	}
	leftAt = min(leftAt, e[1].at)
	right, rightAt := 2, e[2].at
	if e[3].at < rightAt {
		right = 3
	}
	rightAt = min(rightAt, e[3].at)
	least := left
	if rightAt < leftAt {
		least = right
	}
	if e[0].at == e[1].at || e[2].at == e[3].at || leftAt == rightAt {
		left = e[1].before(&e[0])
		right = 2 + e[3].before(&e[2])
		least = left + (right-left)*e[right&3].before(&e[left&3])
	}
	return least
}

// keep drops every entry for which live is false and restores the order. The result of later pops does not depend on
// it: the order of entries is total.
func (h *heap) keep(live func(*entry) bool) {
	if h.hole {
		h.close()
	}
	kept := h.entries[:0]
	for i := range h.entries {
		if live(&h.entries[i]) {
			kept = append(kept, h.entries[i])
		}
	}
	h.entries = kept
	for at := (len(kept) - 2) / 4; at >= 0 && len(kept) > 1; at-- {
		h.sink(at, kept[at])
	}
}

// clear empties the heap and keeps its memory.
func (h *heap) clear() {
	h.entries = h.entries[:0]
	h.hole = false
}
