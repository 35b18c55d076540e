package checker

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Class says who notices when a property does not hold.
type Class uint8

const (
	// Outcome is what a user of the system can notice: a review that ran twice, got
	// stuck, or lost events.
	Outcome Class = iota + 1
	// Protocol is what the layers owe each other (design.md 7). While another layer
	// makes up for it, no user notices.
	Protocol
)

// String returns the class as [Select] reads it.
func (c Class) String() string {
	switch c {
	case Outcome:
		return "outcome"
	case Protocol:
		return "protocol"
	}
	return "Class(" + strconv.Itoa(int(c)) + ")"
}

// selectAll stands for all properties.
const selectAll = "all"

// Select returns the identifiers of the properties that a text names, in the order
// in which they are checked: "outcome" or "protocol" for those of a class, or
// identifiers with commas between them. "all" is nil, which [Config].Only takes for
// all. The error names what is no property, and the one that is nearest to it.
func Select(text string) ([]string, error) {
	if text == selectAll {
		return nil, nil
	}
	list := Properties()
	var chosen []string
	for _, p := range list {
		if text == p.Class.String() {
			chosen = append(chosen, p.ID)
		}
	}
	if chosen != nil {
		return chosen, nil
	}
	names := strings.Split(text, ",")
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if !Known(names[i]) {
			return nil, unknown(names[i], list)
		}
	}
	for _, p := range list {
		if slices.Contains(names, p.ID) {
			chosen = append(chosen, p.ID)
		}
	}
	return chosen, nil
}

// Selection is the shortest text for which [Select] returns a list.
func Selection(only []string) string {
	for _, text := range []string{selectAll, Outcome.String(), Protocol.String()} {
		if list, err := Select(text); err == nil && slices.Equal(list, only) {
			return text
		}
	}
	return strings.Join(only, ",")
}

// Known tells whether there is a property of that identifier.
func Known(id string) bool {
	for p := range properties() {
		if p.ID == id {
			return true
		}
	}
	return false
}

// Watches tells whether a list as [Select] returns it has a property.
func Watches(only []string, id string) bool { return len(only) == 0 || slices.Contains(only, id) }

// unknown is the error about a name that no property has.
func unknown(name string, list []Property) error {
	classes := []string{selectAll, Outcome.String(), Protocol.String()}
	if slices.Contains(classes, name) {
		return fmt.Errorf("%q stands for several properties, and must be all that is given", name)
	}
	candidates := classes
	for _, p := range list {
		candidates = append(candidates, p.ID)
	}
	guess := ""
	if near, ok := nearest(name, candidates); ok {
		guess = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf(`%q is not a property%s "onceover help properties" lists them all`, name, cmp.Or(guess, ";"))
}

// nearest returns the candidate that a name was most likely meant to be. Part of a
// candidate is as good as all of it: "fifo" is near to "fifo-claim". It is false if more
// than half of the name would have to be changed.
func nearest(name string, candidates []string) (near string, ok bool) {
	type distances struct{ part, whole int }
	var least distances
	for _, candidate := range candidates {
		d := distances{edits(name, candidate, true), edits(name, candidate, false)}
		if near == "" || cmp.Or(cmp.Compare(d.part, least.part), cmp.Compare(d.whole, least.whole)) < 0 {
			near, least = candidate, d
		}
	}
	return near, name != "" && 2*least.part <= len(name)
}

// edits counts the bytes to insert, remove or replace that make a name a candidate, or
// part of one.
func edits(name, candidate string, part bool) int {
	// row[j] is for what has been read of the name and a part of the candidate that ends at j.
	row := make([]int, len(candidate)+1)
	if !part {
		for j := range row {
			row[j] = j
		}
	}
	for i := range len(name) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(candidate) {
			replaced := diagonal
			if name[i] != candidate[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	if part {
		return slices.Min(row)
	}
	return row[len(candidate)]
}
