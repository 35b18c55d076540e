// Package iterators holds the iterators of package maps.
package iterators

import (
	"maps"
	"slices"
)

func seen(m map[string]int, visit func(string)) []string {
	for k := range maps.Keys(m) { // want `iteration over a map in an order that can be seen: a call of visit`
		visit(k)
	}
	for k, v := range maps.All(m) { // want `a call of visit`
		if v > 0 {
			visit(k)
		}
	}
	next := maps.Keys(m) // want `maps.Keys in an order that can be seen; pass it to slices.Sorted`
	for k := range next {
		visit(k)
	}
	kept := slices.Collect(maps.Values(m)) // want `maps.Values in an order that can be seen`
	_ = kept[0]
	return slices.Collect(maps.Keys(m)) // want `maps.Keys`
}

func unseen(m map[string]int) (sum int) {
	for _, k := range slices.Sorted(maps.Keys(m)) {
		sum += len(k)
	}
	values := slices.Collect(maps.Values(m))
	slices.Sort(values)
	more := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return len(a) - len(b) })
	more = slices.AppendSeq(more, maps.Keys(m))
	slices.Sort(more)
	for v := range maps.Values(m) {
		sum += v
	}
	return sum + len(maps.Collect(maps.All(m)))
}
