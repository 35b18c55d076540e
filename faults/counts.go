package faults

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Counts tallies the faults that were injected, one element per kind: counts[k]++ where one strikes.
type Counts [Count]uint64

// Add adds other's counts to c: a run's to its campaign's.
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

// String returns a table with a line for each kind, also for those that never struck, and one for the total; the
// numbers are aligned to the right. Text and JSON take Counts by value so that fields of that type print too.
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

// MarshalJSON returns an object with the count of every kind in catalogue order, zeros included, so that a reader
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

// UnmarshalJSON replaces all counts by the object's: kinds that it does not name are 0. An unknown kind, a kind
// named twice and anything but a whole number are errors, and c stays as it was. As usual, null changes nothing.
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
