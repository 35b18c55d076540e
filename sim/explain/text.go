package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/onceover/onceover/checker/times"
)

// A Tone is the role of a piece of text, for output with colours.
type Tone uint8

const (
	// Heading: the verdict, what happened to whom.
	Heading Tone = iota
	// Misfortune: an entry of the story that was injected.
	Misfortune
	// Conclusion: how things stood in the end.
	Conclusion
)

// A Note is a line below a failure: a name of a word or two, and a text.
type Note struct{ Name, Text string }

// Text returns the failure for people: the verdict, the property that is violated, the story, and below them a few lines
// of facts, to which notes are added. paint, when not nil, decides how a piece of text is shown.
func (f *Facts) Text(paint func(tone Tone, text string) string, notes ...Note) string {
	if paint == nil {
		paint = func(_ Tone, text string) string { return text }
	}
	var out strings.Builder
	if f.Violation != nil {
		out.WriteString(paint(Heading, f.Violation.Message) + "\n")
		fmt.Fprintf(&out, "violated: %s\n", f.Violation.Property)
		if f.Violation.Sentence != "" {
			fmt.Fprintf(&out, "  %q\n", f.Violation.Sentence)
		}
		fmt.Fprintf(&out, "\n%s", f.story(paint))
		if len(f.Story) > 0 {
			out.WriteString("\n")
		}
		if f.Violation.Detail != "" {
			fmt.Fprintf(&out, "  %s\n\n", paint(Conclusion, f.Violation.Detail))
		}
	}
	for _, note := range append(f.notes(), notes...) {
		if note.Text != "" {
			fmt.Fprintf(&out, "  %-10s  %s\n", note.Name, note.Text)
		}
	}
	return out.String()
}

// story returns the story in columns, a line for each entry: a mark for misfortunes, twice for those that are
// necessary; virtual time; actor; text.
func (f *Facts) story(paint func(Tone, string) string) string {
	width, late := 0, len("00:00.000")
	for _, entry := range f.Story {
		width, late = max(width, len(entry.Actor)), max(late, len(Moment(entry.At)))
	}
	marks := map[string]string{}
	var out strings.Builder
	for i := range f.Story {
		entry := &f.Story[i]
		mark := "  "
		switch {
		case entry.Necessary:
			mark = "!!"
			marks[mark] = "without it, the run does not fail in this way"
		case entry.Fault:
			mark = "! "
			marks[mark] = "a fault, or another misfortune"
		}
		line := fmt.Sprintf("%s %*s  %-*s  %s", mark, late+1, Moment(entry.At), width, entry.Actor, entry.Text)
		if entry.Count > 1 {
			line += fmt.Sprintf(" (%d times)", entry.Count)
		}
		if entry.Fault || entry.Necessary {
			line = paint(Misfortune, line)
		}
		out.WriteString(line + "\n")
	}
	if len(marks) > 0 {
		out.WriteString("\n")
	}
	for _, mark := range []string{"!!", "! "} { // only the marks that the story has
		if marks[mark] != "" {
			fmt.Fprintf(&out, "%s  %s\n", mark, marks[mark])
		}
	}
	return out.String()
}

func (f *Facts) notes() []Note {
	found := fmt.Sprintf("seed %d", f.Seed)
	if f.Profile != "" {
		found += ", profile " + f.Profile
	}
	notes := []Note{{"signature", f.Signature}, {"found by", found}}
	if m := f.Minimised; m != nil && f.Violation != nil && m.Subject != "" && m.Subject != f.Violation.Subject {
		notes = append(notes, Note{"about", fmt.Sprintf("%s here, and %s in the run as found; names are the same in both", f.Violation.Subject, m.Subject)})
	}
	if m := f.Minimised; m != nil {
		notes = append(notes, Note{"minimised", m.sizes()}, Note{"search", m.effort()})
	}
	return notes
}

// sizes returns how much smaller the run has become.
func (m *Minimised) sizes() string {
	parts := make([]string, 0, len(m.Sizes))
	for _, size := range m.Sizes {
		parts = append(parts, fmt.Sprintf("%s %s → %s", size.Name, thousands(size.Before), thousands(size.After)))
	}
	return strings.Join(parts, ", ")
}

// effort returns what the search took.
func (m *Minimised) effort() string {
	took := time.Duration(m.WallSeconds * float64(time.Second))
	if took > 10*time.Millisecond {
		took = took.Round(time.Millisecond)
	}
	text := fmt.Sprintf("%s runs in %s", thousands(uint64(m.Runs)), took.Round(10*time.Microsecond))
	if !m.Complete {
		text += "; ended early, so less may do"
	}
	return text
}

// thousands returns a number with separators: 1,234,567.
func thousands(n uint64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// Moment returns a moment of virtual time to the millisecond: 05:09.120, or 39 h 02:51.918.
func Moment(at time.Duration) string { return times.Precise(at) }
