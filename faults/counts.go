package faults

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Counts counts injected faults, one element per kind: the simulator adds 1 to counts[k] when it injects one of kind k.
type Counts [Count]uint64

// Add adds the counts of other to c, such as those of a run to those of its campaign.
func (c *Counts) Add(other *Counts) {
	for k, n := range other {
		c[k] += n
	}
}

// Total returns the number of faults of all kinds.
func (c *Counts) Total() uint64 {
	var total uint64
	for _, n := range c {
		total += n
	}
	return total
}

// String returns a table with a line for each kind, also for those that never happened, and one for the total. Numbers
// are aligned to the right. String and MarshalJSON have a value receiver, so that fields of type Counts print too.
func (c Counts) String() string {
	const totalName = "total"
	total := strconv.FormatUint(c.Total(), 10)
	nameWidth := len(totalName)
	for _, name := range kindNames {
		nameWidth = max(nameWidth, len(name))
	}
	var s strings.Builder
	for k, n := range c {
		fmt.Fprintf(&s, "%-*s  %*d\n", nameWidth, Kind(k), len(total), n)
	}
	fmt.Fprintf(&s, "%-*s  %s\n", nameWidth, totalName, total)
	return s.String()
}

// MarshalJSON returns an object with the count of every kind in catalogue order. It includes zeros, so that a reader
// sees what never happened.
func (c Counts) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for k, n := range c {
		if k > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(out, kindNames[k]...)
		out = append(out, '"', ':')
		out = strconv.AppendUint(out, n, 10)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON replaces all counts by those of the object. Kinds that the object does not name get 0. An unknown kind,
// a kind named twice and a value that is not a whole number are errors, and leave c unchanged. As usual, null changes
// nothing.
func (c *Counts) UnmarshalJSON(data []byte) error {
	var read Counts
	present, err := decodeByKind(data, "counts of faults", `{"network.delay":3}`, func(k Kind, value json.RawMessage) error {
		var n *uint64
		if err := json.Unmarshal(value, &n); err != nil || n == nil {
			return fmt.Errorf("count of %s is %s: allowed is a whole number from 0", k, value)
		}
		read[k] = *n
		return nil
	})
	if err == nil && present {
		*c = read
	}
	return err
}
