package kernel

// An entry is one place in the queue: when, in which order among equals, and which slot holds the rest. It is kept
// to 24 bytes without a pointer, so that sifting moves little memory and the garbage collector has nothing to scan.
//
// Entries are ordered by time, then by drawn priority, then by sequence. A key holds the time and the first bits of
// the priority, so that comparing two keys nearly always decides, even among many events at one moment.
type entry struct {
	key        uint64 // time in microseconds, shifted by keyPriorityBits, and the first bits of the priority
	rest       uint64 // 32 more bits of the priority, and the sequence
	slot       uint32
	generation uint32 // differs from the slot's when the timer was cancelled
}

// keyPriorityBits is how many bits of a key are priority. The others hold times up to timeLimit.
const keyPriorityBits = 12

// timeLimit is the last moment of virtual time in microseconds, 142 years after the start. What would be later happens
// then.
const timeLimit = 1<<(64-keyPriorityBits) - 1

// newEntry returns the entry of a moment with a drawn priority.
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

// first4 returns the index of the first of four entries. It is a tournament of two pairs and a final, on keys alone
// unless two are equal: in a heap of random times a branch would be mispredicted half of the time, so it is written
// for the compiler to select without any.
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
