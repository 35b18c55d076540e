package run

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Names are the names of counters, in the order in which they are shown. A world has one Names for all its runs, made
// once: counts with the same Names add up without a lookup.
type Names struct{ list []string }

// NewNames returns names in their order. It panics when a name is given twice.
func NewNames(list ...string) *Names {
	for i, name := range list {
		if slices.Contains(list[:i], name) {
			panic("counter " + name + " is named twice")
		}
	}
	return &Names{slices.Clone(list)}
}

// Len returns how many names there are.
func (n *Names) Len() int { return len(n.list) }

// Counts are named counters. The zero value has none.
type Counts struct {
	names  *Names
	values []uint64
}

// NewCounts returns counters with these values, one for each name in order. It panics when there are not as many values as names.
func NewCounts(names *Names, values ...uint64) Counts {
	if len(values) != len(names.list) {
		panic(fmt.Sprintf("%d values for %d counters", len(values), len(names.list)))
	}
	return Counts{names, slices.Clone(values)}
}

// Len returns how many counters there are.
func (c Counts) Len() int { return len(c.values) }

// At returns the name and the value of a counter, by its place in the order.
func (c Counts) At(i int) (name string, value uint64) { return c.names.list[i], c.values[i] }

// Of returns the value of a counter; 0 for one that there is not.
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

// Reached returns how many counters are above 0.
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

// Merge adds other counters: those of the same name, and those that are new.
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

// MarshalJSON writes an object of name and value, in order.
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

// UnmarshalJSON reads what MarshalJSON writes and keeps the order. Anything but whole numbers from 0, or a name that is
// given twice, is an error.
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
