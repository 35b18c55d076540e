package checker

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Class is the layer that a property belongs to: it decides who notices when the property does not hold.
type Class uint8

const (
	// Outcome is what a user of the system can notice: a review that ran twice, got stuck, or lost events.
	Outcome Class = iota + 1
	// Protocol is what the layers owe each other. While another layer makes up for it, no user notices.
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

// Select returns the identifiers of the properties that a text names, in the order in which they are checked. The text
// is a class, "outcome" or "protocol", or a list of identifiers with commas between them. For "all" it returns nil,
// which [Config].Only takes for all. The error names the first unknown identifier and the nearest known one.
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

// Selection returns the shortest text for which [Select] returns the list.
func Selection(only []string) string {
	for _, text := range []string{selectAll, Outcome.String(), Protocol.String()} {
		if list, err := Select(text); err == nil && slices.Equal(list, only) {
			return text
		}
	}
	return strings.Join(only, ",")
}

// Known reports whether a property has this identifier.
func Known(id string) bool {
	for p := range properties() {
		if p.ID == id {
			return true
		}
	}
	return false
}

// Watches reports whether a list of [Select] includes a property.
func Watches(only []string, id string) bool { return len(only) == 0 || slices.Contains(only, id) }

// unknown returns the error about a name that no property has.
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
	if near, ok := Nearest(name, candidates); ok {
		guess = fmt.Sprintf("; did you mean %q?", near)
	}
	return fmt.Errorf(`%q is not a property%s "onceover help properties" lists them all`, name, cmp.Or(guess, ";"))
}

// Nearest returns the candidate that was most likely meant by a name. Part of a candidate counts like all of it: "fifo"
// is near to "fifo-claim". It returns false if more than half of the name would have to change.
func Nearest(name string, candidates []string) (near string, ok bool) {
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

// edits counts the bytes to insert, remove or replace that make a name a candidate, or part of one.
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
