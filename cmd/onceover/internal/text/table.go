package text

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Align returns the lines of a table, in which each row has as many cells as the first. Some columns, by their index, are
// aligned on the right.
func Align(rows [][]string, right ...int) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines := make([]string, 0, len(rows))
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if slices.Contains(right, i) {
				cell = space + cell
			} else {
				cell += space
			}
			line.WriteString(cell + "  ")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}

// Indent returns a text with two spaces before each of its lines that is not empty.
func Indent(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}

// Wrap returns the words of a text in indented lines of at most some columns. A longer word has a line of its own.
func Wrap(text string, indent, columns int) string {
	var lines []string
	line := strings.Repeat(" ", indent)
	used := indent
	for word := range strings.FieldsSeq(text) {
		width := utf8.RuneCountInString(word)
		if used > indent && used+1+width > columns {
			lines = append(lines, line)
			line, used = strings.Repeat(" ", indent), indent
		}
		if used > indent {
			line += " "
			used++
		}
		line += word
		used += width
	}
	return strings.Join(append(lines, line), "\n")
}

// Clip returns as much of a text as fits into a number of columns.
func Clip(text string, columns int) string {
	runes := []rune(text)
	return string(runes[:min(len(runes), max(columns, 0))])
}

// A Cell is a name and a count in a grid, and the group that it belongs to; empty for none.
type Cell struct {
	Group string
	Name  string
	Count uint64
}

// Grid lays out cells in as many columns as fit into a width, row by row. Each group begins a row of its own and stands at
// its start.
func Grid(cells []Cell, columns int, paint Paint) string {
	const gap = 3
	var out strings.Builder
	var groupWidth, nameWidth, countWidth int
	for _, c := range cells {
		groupWidth = max(groupWidth, len(c.Group)+2)
		nameWidth = max(nameWidth, len(c.Name))
		countWidth = max(countWidth, len(Count(c.Count)), len("never"))
	}
	if len(cells) == 0 || cells[0].Group == "" {
		groupWidth = 0
	}
	inRow := max(1, (columns-2-groupWidth+gap)/(nameWidth+2+countWidth+gap))
	for i, column := 0, 0; i < len(cells); i++ {
		c := cells[i]
		newGroup := i == 0 || cells[i-1].Group != c.Group
		if i > 0 && (newGroup || column == inRow) {
			out.WriteByte('\n')
			column = 0
		}
		switch {
		case newGroup:
			fmt.Fprintf(&out, "  %-*s", groupWidth, c.Group)
		case column == 0:
			fmt.Fprintf(&out, "  %*s", groupWidth, "")
		}
		if column > 0 {
			fmt.Fprintf(&out, "%*s", gap, "")
		}
		number, style := Count(c.Count), Plain
		if c.Count == 0 {
			number, style = "never", Yellow
		}
		fmt.Fprintf(&out, "%-*s  %s", nameWidth, c.Name, paint(style, fmt.Sprintf("%*s", countWidth, number)))
		column++
	}
	if len(cells) > 0 {
		out.WriteByte('\n')
	}
	return out.String()
}
