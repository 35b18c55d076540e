package checker

import (
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
// all. The error says what was given and what is allowed.
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
			return nil, fmt.Errorf("%q is no property: allowed are %s, %s, %s, or some of %s, with commas between them",
				names[i], selectAll, Outcome, Protocol, identifiers(list))
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

func identifiers(list []Property) string {
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	return strings.Join(ids, ", ")
}
