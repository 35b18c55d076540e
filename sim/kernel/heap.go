package kernel

// An entry is one place in the queue: a time, an order among equal times, and the slot that holds the rest. It has 24
// bytes and no pointer, so that sifting moves little memory and the garbage collector has nothing to scan.
//
// Entries are ordered by time, then by drawn priority, then by sequence. The key holds the time and the first bits of
// the priority, so that comparing keys is nearly always enough, even among many events at one moment.
type entry struct {
	key        uint64 // time in microseconds, shifted by keyPriorityBits, and the first bits of the priority
	rest       uint64 // 32 more bits of the priority, and the sequence
	slot       uint32
	generation uint32 // differs from that of the slot if the timer was cancelled
}

// keyPriorityBits is the number of bits of the priority in a key. The other bits hold times up to timeLimit.
const keyPriorityBits = 12

// timeLimit is the last moment of virtual time in microseconds, 142 years after the start. Later events happen at that
// moment.
const timeLimit = 1<<(64-keyPriorityBits) - 1

// newEntry returns an entry with a time in microseconds and a drawn priority.
func newEntry(at int64, priority, sequence uint64) entry {
	return entry{
		key:  uint64(at)<<keyPriorityBits | priority>>(64-keyPriorityBits),
		rest: priority<<32 | sequence&(1<<32-1),
	}
}

// at returns the time in microseconds.
func (e *entry) at() int64 { return int64(e.key >> keyPriorityBits) }

// before reports whether e comes before another entry.
func (e *entry) before(other *entry) bool {
	return e.key < other.key || e.key == other.key && e.rest < other.rest
}

// A heap is a 4-ary minimum heap of entries. It has half the levels of a binary heap, and four children share two cache
// lines.
//
// Taking the minimum leaves a hole at the root. A simulation pops one event and then usually schedules one. That one
// fills the hole and sinks, which costs one pass through the tree. Closing the hole and then inserting would cost two.
type heap struct {
	entries []entry
	hole    bool // entries[0] was taken and is to be filled
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

// minimum returns the first entry without taking it, or nil if the heap is empty. The pointer is valid until the next
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

// sink overwrites the entry at a place and moves the new one down until it is in order.
func (h *heap) sink(at int, e entry) {
	entries := h.entries
	for {
		first := 4*at + 1
		if first+4 > len(entries) {
			break
		}
		children := (*[4]entry)(entries[first:])
		least := first4(children)
		if !children[least&3].before(&e) {
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
			if entries[child].before(&entries[least]) {
				least = child
			}
		}
		if entries[least].before(&e) {
			entries[at] = entries[least]
			at = least
		}
	}
	entries[at] = e
}

// first4 returns the index of the first of four entries. It compares two pairs and then the winners, by keys alone
// unless two keys are equal. With random times half of all branches would be mispredicted, so the code lets the
// compiler use conditional moves.
func first4(e *[4]entry) int {
	left, right := 0, 2
	if e[1].key < e[0].key {
		left = 1
	}
	if e[3].key < e[2].key {
		right = 3
	}
	leftKey, rightKey := min(e[0].key, e[1].key), min(e[2].key, e[3].key)
	least := left
	if rightKey < leftKey {
		least = right
	}
	if e[0].key == e[1].key || e[2].key == e[3].key || leftKey == rightKey {
		least = 0
		for index := 1; index < 4; index++ {
			if e[index].before(&e[least&3]) {
				least = index
			}
		}
	}
	return least
}

// keep removes every entry for which live returns false and restores the order. It does not change the order of later
// pops, because the order of entries is total.
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
