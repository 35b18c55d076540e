package bugs

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// fields are the named texts before a diff.
type fields struct {
	names  []string // in the order of the file
	values map[string]field
}

type field struct {
	text  string
	block bool // on lines of its own
}

// indent is how far the lines of a block stand in.
const indent = "  "

// parseFields reads lines of the form "Name: text", and blocks: "Name:" and then indented lines. Empty lines may stand
// anywhere.
func parseFields(text string) (*fields, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("the text before the diff is not UTF-8")
	}
	f := &fields{values: make(map[string]field)}
	block := "" // name of the block that the lines belong to
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, " \t\r\n")
		if below, inside := strings.CutPrefix(line, indent); block != "" && (inside || line == "") {
			f.values[block] = field{text: f.values[block].text + below + "\n", block: true}
			continue
		}
		if line == "" {
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("line %d is %q: expected a field such as \"Title: …\", an indented line of a block, or a diff", number, line)
		}
		if _, twice := f.values[name]; twice {
			return nil, fmt.Errorf("field %q is given twice", name)
		}
		value = strings.TrimSpace(value)
		f.names = append(f.names, name)
		f.values[name] = field{text: value, block: value == ""}
		block = ""
		if value == "" {
			block = name
		}
	}
	for name, value := range f.values {
		f.values[name] = field{text: strings.Trim(value.text, "\n"), block: value.block}
	}
	return f, nil
}

// take returns a field and removes it.
func (f *fields) take(name string) (field, bool) {
	value, ok := f.values[name]
	delete(f.values, name)
	return value, ok
}

// nothingLeft is an error if a field was not taken.
func (f *fields) nothingLeft() error {
	for _, name := range f.names {
		if _, left := f.values[name]; left {
			return fmt.Errorf("unknown field %q: allowed are Bug, Title, Expected, Watched, With, Survey, Seed, Wrong", name)
		}
	}
	return nil
}
