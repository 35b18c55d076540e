// Package mapseen contains iterations over maps in an order that can be seen.
package mapseen

import (
	"fmt"
	"slices"
	"sort"
)

type entry struct {
	owner string
	size  int
	cost  float64
	next  *entry
}

func unsorted(m map[string]int) []string {
	var keys []string
	for k := range m { // want `iteration over a map in an order that can be seen: collects into keys, which is not sorted before it is read \(line 20\); range over slices.Sorted`
		keys = append(keys, k)
	}
	return keys
}

func sortedTooLate(m map[string]int) string {
	var keys []string
	for k := range m { // want `collects into keys`
		keys = append(keys, k)
	}
	head := keys[0]
	slices.Sort(keys)
	return head
}

func sortedElsewhere(m map[string]int, others []string) []string {
	var keys []string
	for k := range m { // want `collects into keys`
		keys = append(keys, k)
	}
	sort.Strings(others)
	return keys
}

func acts(m map[string]int) {
	for k, v := range m { // want `a call of fmt.Println, which may have other effects`
		fmt.Println(k, v)
	}
}

func actsInCondition(m map[string]int, visit func(string) bool) (n int) {
	for k := range m { // want `a call of visit`
		if visit(k) {
			n++
		}
	}
	return n
}

func returnsFirst(m map[string]int) string {
	for k := range m { // want `returns k of the entry that came first`
		return k
	}
	return ""
}

func keepsLast(m map[string]int) (last string) {
	for k := range m { // want `keeps k of the entry that came last in last`
		last = k
	}
	return last
}

func keepsLastOfTwo(m map[string]int, pair func() (int, string)) {
	var k string
	for k = range m { // want `leaves its last key and value behind`
	}
	_ = k
}

func addsFloats(m map[string]float64) (sum float64) {
	for _, v := range m { // want `accumulates in sum, where the order of the operands matters`
		sum += v
	}
	return sum
}

func joins(m map[string]string) (all string) {
	for _, v := range m { // want `accumulates in all`
		all += v
	}
	return all
}

func numbers(m map[string]int) map[string]int {
	ranks := map[string]int{}
	n := 0
	for k := range m { // want `reads n, which earlier iterations have changed`
		ranks[k] = n
		n++
	}
	return ranks
}

func stopsAtLimit(m map[string]int, limit int) (sum int) {
	for _, v := range m { // want `reads sum`
		if sum > limit {
			continue
		}
		sum += v
	}
	return sum
}

func takesSome(m map[string]int) (sum int) {
	for _, v := range m { // want `ends early, so that what was done depends on which entries came first`
		sum += v
		if v > 10 {
			break
		}
	}
	return sum
}

func twoAnswers(m map[string]int) bool {
	for _, v := range m { // want `ends in a way that depends on which entry came first`
		if v > 10 {
			return true
		}
		if v < 0 {
			return false
		}
	}
	return false
}

func inverts(m map[string]int) map[int]string {
	inverse := map[int]string{}
	for k, v := range m { // want `keeps k of the entry that came last in inverse\[v\]`
		inverse[v] = k
	}
	return inverse
}

func groups(m map[string]entry) map[string][]string {
	byOwner := map[string][]string{}
	for k, v := range m { // want `collects into byOwner\[v.owner\]`
		byOwner[v.owner] = append(byOwner[v.owner], k)
	}
	return byOwner
}

func deletesOther(m map[string]string) {
	for _, v := range m { // want `deletes entries that the iteration may not have reached`
		delete(m, v)
	}
}

func adds(m map[string]string) {
	for k, v := range m { // want `keeps k of the entry that came last`
		m[v] = k
	}
}

func twoConstants(m map[string]int) (state string) {
	for _, v := range m { // want `changes state in two ways that do not commute`
		if v > 0 {
			state = "positive"
		} else {
			state = "negative"
		}
	}
	return state
}

func addsAndMultiplies(m map[string]int) int {
	n := 1
	for _, v := range m { // want `changes n in two ways`
		n += v
		n *= v
	}
	return n
}

func sharedPointer(m map[string]*entry) {
	for k, v := range m { // want `keeps k of the entry that came last in v.next.owner`
		v.next.owner = k
	}
}

func argMax(m map[string]int) (winner string) {
	most := 0
	for k, v := range m { // want `keeps v of the entry that came last in most`
		if v > most {
			most, winner = v, k
		}
	}
	return winner
}

func largestFloat(m map[string]entry) (most float64) {
	for _, v := range m { // want `neither an integer nor a string`
		most = max(most, v.cost)
	}
	return most
}

type counter struct{ used, limit int }

func (c *counter) full() bool { return c.used >= c.limit }

func (c *counter) admit(m map[string]int) {
	for _, v := range m { // want `a call of c.full, which may read c.used`
		if !c.full() {
			c.used += v
		}
	}
}

func jumps(m map[string][]int) (sum int) {
outer:
	for _, v := range m { // want `ends early`
		for _, n := range v {
			if n < 0 {
				break outer
			}
			sum += n
		}
	}
	return sum
}

func defers(m map[string]func()) {
	for _, f := range m { // want `a statement with other effects`
		defer f()
	}
}

func generic[M ~map[K]V, K comparable, V any](m M) (keys []K) {
	for k := range m { // want `collects into keys`
		keys = append(keys, k)
	}
	return keys
}
