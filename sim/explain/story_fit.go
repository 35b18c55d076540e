package explain

import (
	"slices"

	"github.com/onceover/onceover/sim/run"
)

// linesMost is how many entries a story has at most: what fits on a screen.
const linesMost = 29

// linesGood is how many entries a story may have before those of a weight are left out.
var linesGood = [...]int{run.Looking: 15, run.Carrying: 20, run.Acting: linesMost}

// fit folds what repeats itself and leaves out the lightest entries until the story is short enough.
func fit(list []entry) []entry {
	list = fold(list)
	for light := run.Looking; light > run.Turning; light-- {
		if len(list) <= linesGood[light] {
			return list
		}
		last := len(list) - 1
		kept := list[:0:0]
		for i := range list {
			if list[i].weight < light || i == last {
				kept = append(kept, list[i])
			}
		}
		// What was left out may have stood between repetitions.
		list = fold(kept)
	}
	return shorten(list)
}

// shorten leaves out the oldest entries that are no misfortunes, then the oldest misfortunes that are not necessary:
// what is near the end has led to it.
func shorten(list []entry) []entry {
	list = leaveOut(list, func(e *entry) bool { return !e.Necessary && !e.Fault })
	return leaveOut(list, func(e *entry) bool { return !e.Necessary })
}

// leaveOut removes the oldest entries that may go, but never the last one, until the story is short enough.
func leaveOut(list []entry, may func(*entry) bool) []entry {
	for surplus, i := len(list)-linesMost, 0; surplus > 0 && i < len(list)-1; {
		if !may(&list[i]) {
			i++
			continue
		}
		list = slices.Delete(list, i, i+1)
		surplus--
	}
	return list
}

// blockMost is how many entries in a row may repeat themselves together: a try, its failure, and what goes with them.
const blockMost = 4

// fold shows what repeats itself once: the same actors doing the same things about the same part of a subject.
func fold(list []entry) []entry {
	var folded []entry
	for i := 0; i < len(list); {
		size := 0
		for block := 1; block <= blockMost && size == 0; block++ {
			if block <= len(folded) && i+block <= len(list) && repeats(folded[len(folded)-block:], list[i:i+block]) {
				size = block
			}
		}
		if size == 0 {
			folded = append(folded, list[i])
			i++
			continue
		}
		for at := range size {
			first := &folded[len(folded)-size+at]
			first.Count += list[i+at].Count
			first.lines += list[i+at].lines
		}
		i += size
	}
	return folded
}

func repeats(first, again []entry) bool {
	for i := range first {
		a, b := &first[i], &again[i]
		if !a.isRepeatedBy(&b.line) || a.Fault != b.Fault || a.Necessary != b.Necessary || a.line.Decision != b.line.Decision {
			return false
		}
	}
	return true
}
