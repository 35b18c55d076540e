package kernel

// An entry is one place in the queue: when, in which order among equals, and which slot holds the rest. It is kept
// to 24 bytes without a pointer, so that sifting moves little memory and the garbage collector has nothing to scan.
type entry struct {
	at         int64  // virtual time in microseconds
	order      uint64 // drawn priority in the upper half, sequence in the lower
	slot       uint32
	generation uint32 // differs from the slot's when the timer was cancelled
}

// before orders entries by time, then by drawn priority, then by sequence.
func (e *entry) before(other *entry) bool {
	if e.at != other.at {
		return e.at < other.at
	}
	return e.order < other.order
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
		if !e.before(&entries[parent]) {
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
		if first >= len(entries) {
			break
		}
		least := first
		for child := first + 1; child < min(first+4, len(entries)); child++ {
			if entries[child].before(&entries[least]) {
				least = child
			}
		}
		if !entries[least].before(&e) {
			break
		}
		entries[at] = entries[least]
		at = least
	}
	entries[at] = e
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
