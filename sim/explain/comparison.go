package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/sim/run"
)

// A Comparison is how two runs differ, line by line. When a line happens does not count, only what happens and in which
// order.
type Comparison struct {
	A, B run.Result
	// Same is how many lines the runs have in common before the first difference.
	Same int
	// FirstA and FirstB are the first lines that differ; nil for a run that ends there.
	FirstA, FirstB *run.Line
	// Rows are the lines from the first difference on.
	Rows []ComparedLine
	// Kept is how many lines both runs have, Dropped how many only A has, and Added how many only B has. Of long runs
	// Left of the lines, at their ends, are not compared.
	Kept, Dropped, Added, Left int
}

// A ComparedLine is a line of one run or of both.
type ComparedLine struct {
	run.Line
	Side Side
}

// A Side is the run that has a line.
type Side uint8

const (
	// BothSides lines are in both runs; the time is that in run A.
	BothSides Side = iota
	// OnlyA lines are dropped.
	OnlyA
	// OnlyB lines are added.
	OnlyB
)

// Mark returns the side as lists of differences show it: a space, - or +.
func (s Side) Mark() string { return [...]string{" ", "−", "+"}[s] }

// Class returns the side as a class of the page's style.
func (s Side) Class() string { return [...]string{"kept", "dropped", "added"}[s] }

// Compare carries out two runs of a world and compares them. The error may be a [*run.BrokenError], after which the world
// must not be used any more.
func Compare(w run.World, a, b run.Spec) (c *Comparison, err error) {
	defer recoverBroken(&err)
	words := run.VocabularyOf(w)
	return compare(watch(guarded{w}, words, a, false, false), watch(guarded{w}, words, b, false, false)), nil
}

// comparedMost is how many lines behind the first difference are compared, in each run.
const comparedMost = 2000

func compare(a, b *timeline) *Comparison {
	c := &Comparison{A: a.Result, B: b.Result}
	for c.Same < len(a.Lines) && c.Same < len(b.Lines) && sameLine(&a.Lines[c.Same], &b.Lines[c.Same]) {
		c.Same++
	}
	restA, restB := a.Lines[c.Same:], b.Lines[c.Same:]
	if len(restA) > 0 {
		c.FirstA = &restA[0]
	}
	if len(restB) > 0 {
		c.FirstB = &restB[0]
	}
	c.Left = max(len(restA)-comparedMost, 0) + max(len(restB)-comparedMost, 0)
	c.Kept = c.Same
	c.compareRest(restA[:min(len(restA), comparedMost)], restB[:min(len(restB), comparedMost)])
	return c
}

// sameLine reports whether the same happens in two lines, at whatever time.
func sameLine(a, b *run.Line) bool {
	first, second := *a, *b
	first.At, first.Step, second.At, second.Step = 0, 0, 0, 0
	return first == second
}

// compareRest finds the longest list of lines that both have in this order, and lists what each has beside them.
func (c *Comparison) compareRest(a, b []run.Line) {
	// longest[i][j] is the length of that list for a[i:] and b[j:].
	width := len(b) + 1
	longest := make([]int32, (len(a)+1)*width)
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if sameLine(&a[i], &b[j]) {
				longest[i*width+j] = longest[(i+1)*width+j+1] + 1
			} else {
				longest[i*width+j] = max(longest[(i+1)*width+j], longest[i*width+j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && j < len(b) && sameLine(&a[i], &b[j]):
			c.Rows = append(c.Rows, ComparedLine{a[i], BothSides})
			c.Kept++
			i++
			j++
		case j == len(b) || i < len(a) && longest[(i+1)*width+j] >= longest[i*width+j+1]:
			c.Rows = append(c.Rows, ComparedLine{a[i], OnlyA})
			c.Dropped++
			i++
		default:
			c.Rows = append(c.Rows, ComparedLine{b[j], OnlyB})
			c.Added++
			j++
		}
	}
}

// contextLines is how many lines that both runs have are shown around those that only one has.
const contextLines = 3

// Near returns the rows that are near a difference, with nil for each stretch in between that is left out.
func (c *Comparison) Near() []*ComparedLine {
	var near []*ComparedLine
	for i := range c.Rows {
		around := c.Rows[max(0, i-contextLines):min(len(c.Rows), i+contextLines+1)]
		if slices.ContainsFunc(around, func(row ComparedLine) bool { return row.Side != BothSides }) {
			near = append(near, &c.Rows[i])
		} else if len(near) > 0 && near[len(near)-1] != nil {
			near = append(near, nil)
		}
	}
	return near
}

// Text returns the comparison for people, with at most so many lines of differences; a and b name the runs.
func (c *Comparison) Text(a, b string, most int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "A  %s: %s\nB  %s: %s\n\n", a, verdictOf(&c.A), b, verdictOf(&c.B))
	if c.Dropped == 0 && c.Added == 0 && c.Left == 0 {
		fmt.Fprintf(&out, "both do the same: %s lines\n", thousands(uint64(c.Same)))
		return out.String()
	}
	fmt.Fprintf(&out, "first difference, after %s lines that are the same:\n  A  %s\n  B  %s\n\n", thousands(uint64(c.Same)), lineText(c.FirstA), lineText(c.FirstB))
	near := c.Near()
	for _, row := range near[:min(len(near), most)] {
		if row == nil {
			out.WriteString("    …\n")
			continue
		}
		fmt.Fprintf(&out, "  %s %s\n", row.Side.Mark(), lineText(&row.Line))
	}
	if left := len(near) - most; left > 0 {
		fmt.Fprintf(&out, "    … and %s lines more\n", thousands(uint64(left)))
	}
	out.WriteString("\n" + c.Counts() + "\n")
	return out.String()
}

// Counts returns how many lines there are of each side, in a sentence.
func (c *Comparison) Counts() string {
	text := fmt.Sprintf("%s lines kept, %s dropped (only in A), %s added (only in B)", thousands(uint64(c.Kept)), thousands(uint64(c.Dropped)), thousands(uint64(c.Added)))
	if c.Left > 0 {
		text += fmt.Sprintf("; %s at the ends not compared", thousands(uint64(c.Left)))
	}
	return text
}

func lineText(line *run.Line) string {
	if line == nil {
		return "(the run is over)"
	}
	return fmt.Sprintf("%s  %s  %s", Moment(line.At), line.Actor, line.Text)
}

// verdictOf returns what a run came to, in a line.
func verdictOf(r *run.Result) string {
	if r.Violation != nil {
		return fmt.Sprintf("violated: %s: %s", r.Violation.Property, r.Violation.Message)
	}
	return cmp.Or(r.Unknown, r.Verdict.String())
}
