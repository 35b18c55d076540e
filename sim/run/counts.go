package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Names are the names of counters, in the order of their display. A world makes one Names for all its runs, because
// counts with the same Names are merged without a lookup.
type Names struct{ list []string }

// NewNames returns names in the given order. It panics if a name occurs twice.
func NewNames(list ...string) *Names {
	for i, name := range list {
		if slices.Contains(list[:i], name) {
			panic("run: two counters have the name " + name)
		}
	}
	return &Names{slices.Clone(list)}
}

// Counts are named counters. The zero value has no counters.
type Counts struct {
	names  *Names
	values []uint64
}

// NewCounts returns counters with the given names and values, in the same order. It panics if there are not as many
// values as names.
func NewCounts(names *Names, values ...uint64) Counts {
	if len(values) != len(names.list) {
		panic(fmt.Sprintf("run: %d values for %d counters", len(values), len(names.list)))
	}
	return Counts{names, slices.Clone(values)}
}

// Len returns the number of counters.
func (c Counts) Len() int { return len(c.values) }

// At returns the name and the value of the i-th counter, from 0. It panics if there is none.
func (c Counts) At(i int) (name string, value uint64) { return c.names.list[i], c.values[i] }

// Of returns the value of the counter with a name, or 0 if there is none.
func (c Counts) Of(name string) uint64 {
	if c.names != nil {
		if i := slices.Index(c.names.list, name); i >= 0 {
			return c.values[i]
		}
	}
	return 0
}

// Equal reports whether the counters have the same names and values.
func (c Counts) Equal(other Counts) bool {
	if !slices.Equal(c.values, other.values) {
		return false
	}
	return c.names == other.names || c.names != nil && other.names != nil && slices.Equal(c.names.list, other.names.list)
}

// Total returns the sum of all counters.
func (c Counts) Total() (total uint64) {
	for _, n := range c.values {
		total += n
	}
	return total
}

// Reached returns the number of counters above 0.
func (c Counts) Reached() (n int) {
	for _, value := range c.values {
		if value > 0 {
			n++
		}
	}
	return n
}

// Missing returns the names of the counters that are 0, in order.
func (c Counts) Missing() (names []string) {
	for i, value := range c.values {
		if value == 0 {
			names = append(names, c.names.list[i])
		}
	}
	return names
}

// Merge adds the values of other to the counters with the same names. Counters that c does not have are appended.
func (c *Counts) Merge(other Counts) {
	switch {
	case len(other.values) == 0:
	case c.names == nil:
		c.names, c.values = other.names, slices.Clone(other.values)
	case c.names == other.names:
		for i, n := range other.values {
			c.values[i] += n
		}
	default:
		for i, n := range other.values {
			name := other.names.list[i]
			at := slices.Index(c.names.list, name)
			if at < 0 {
				c.names = NewNames(append(slices.Clone(c.names.list), name)...)
				c.values = append(slices.Clone(c.values), n)
				continue
			}
			c.values[at] += n
		}
	}
}

// String returns the counters as "name 3, other 0".
func (c Counts) String() string {
	var parts []string
	for i, n := range c.values {
		parts = append(parts, fmt.Sprintf("%s %d", c.names.list[i], n))
	}
	return strings.Join(parts, ", ")
}

// MarshalJSON returns an object with the value of each counter by name, in order.
func (c Counts) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, n := range c.values {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%s:%d", quote(c.names.list[i]), n)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// UnmarshalJSON parses the result of MarshalJSON and keeps the order. A value that is not a whole number from 0 is an
// error, and so is a name that occurs twice.
func (c *Counts) UnmarshalJSON(text []byte) error {
	members, err := parseObject(text)
	if err != nil {
		return fmt.Errorf("counts: %w", err)
	}
	read := Counts{names: &Names{}}
	for _, name := range members.names {
		var n *uint64
		if err := json.Unmarshal(members.values[name], &n); err != nil || n == nil {
			return fmt.Errorf("counts: %s is %s: allowed is a whole number from 0", name, shorten(members.values[name]))
		}
		read.names.list, read.values = append(read.names.list, name), append(read.values, *n)
	}
	*c = read
	return nil
}
