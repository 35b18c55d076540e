// Package mapunseen holds iterations over maps with the same result in every
// order; none is reported.
package mapunseen

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"
)

type status string

func (s status) terminal() bool {
	switch s {
	case "completed", "failed":
		return true
	}
	return false
}

type entry struct {
	status status
	owner  string
	size   int
	at     time.Time
	seen   bool
}

type state struct {
	keys    []string
	total   int
	byOwner map[string]int
}

func collects(m map[string]entry) []string {
	var keys []string
	for k, v := range m {
		if v.status.terminal() && strings.HasPrefix(k, "review") {
			continue
		}
		keys = append(keys, strings.ToLower(k))
	}
	slices.Sort(keys)
	return keys
}

func collectsPairs(m map[string]int, more map[string]int) []entry {
	entries := make([]entry, 0, len(m))
	for k, v := range m {
		entries = append(entries, entry{owner: k, size: v})
	}
	for k := range more {
		entries = append(entries, entry{owner: k})
	}
	if len(entries) > 1 {
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.owner, b.owner) })
	}
	return entries
}

type byName []string

func (b byName) Len() int           { return len(b) }
func (b byName) Less(i, j int) bool { return b[i] < b[j] }
func (b byName) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

func (s *state) collectsInField(m map[string]int) {
	for k := range m {
		s.keys = append(s.keys, k)
	}
	sort.Sort(sort.Reverse(byName(s.keys)))
}

func sortsSlice(m map[int]bool) []int {
	var keys []int
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return keys[i] < keys[j] })
	return keys
}

func (s *state) counts(m map[string]entry, cutoff time.Time) (n int, bits uint64) {
	for _, v := range m {
		if v.at.Before(cutoff) {
			n++
		}
		s.total += v.size
		bits |= 1 << v.size
		s.byOwner[v.owner]++
	}
	return n, bits
}

func alike(m map[string]int, visit func()) {
	for range m {
		visit()
	}
}

func deletesOwn(m map[string]entry, other map[string]bool) {
	for k, v := range m {
		if v.seen {
			delete(m, k)
			delete(other, v.owner)
		}
	}
}

type id string

func copies(m map[string][]int) (map[string][]int, map[id]bool) {
	out, known := map[string][]int{}, map[id]bool{}
	for k, v := range m {
		out[k] = append(out[k], v...)
		known[id(k)] = true
	}
	return out, known
}

func marks(m map[string]*entry, owners map[string]bool) {
	for _, v := range m {
		v.seen = true
		owners[v.owner] = true
	}
}

func updatesOwn(m map[string]int) {
	for k := range m {
		m[k]++
		m[k] = m[k] * 2
	}
}

func contains(m map[string]int, limit int) bool {
	for _, v := range m {
		if v > limit {
			return true
		}
	}
	return false
}

func finds(m map[string]int, limit int) (found bool) {
	for _, v := range m {
		if v > limit {
			found = true
			break
		}
	}
	return found
}

func extremes(m map[string]int) (most, least int, name string) {
	for k, v := range m {
		if v > most {
			most = v
		}
		least = min(least, v)
		name = max(name, k)
	}
	return most, least, name
}

func builds(m map[string][]int) map[string]map[int]bool {
	out := map[string]map[int]bool{}
	for k, list := range m {
		set := make(map[int]bool, len(list))
		for _, v := range list {
			if v < 0 {
				break
			}
			set[v] = true
		}
		out[k] = set
	}
	return out
}

func sortsValues(m map[string][]string) {
	for k, v := range m {
		slices.Sort(v)
		sort.Strings(m[k])
	}
}

func nested(m map[string]map[string]int) (sum int) {
outer:
	for _, inner := range m {
		var here int
		for _, v := range inner {
			here += v
		}
		switch {
		case here < 0:
			continue outer
		case here == 0:
			break
		default:
			sum += here
		}
	}
	return sum
}

// A slice keeps its order.
func slice(list []string, visit func(string)) {
	for _, v := range list {
		visit(v)
	}
}
