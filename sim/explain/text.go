package explain

import (
	"fmt"
	"strings"
	"time"
)

// A Tone is the role of a piece of text, for output with colours.
type Tone uint8

const (
	// Heading: which property is violated.
	Heading Tone = iota
	// Misfortune: an entry of the story that was injected.
	Misfortune
	// Conclusion: the state that violates the property.
	Conclusion
)

// A Note is a line below a failure: a name of a word or two, and a text.
type Note struct{ Name, Text string }

// Text returns the failure for people: the property, the story, the state that violates it, and below them a few lines
// of facts, to which notes are added. paint, when not nil, decides how a piece of text is shown.
func (f *Facts) Text(paint func(tone Tone, text string) string, notes ...Note) string {
	if paint == nil {
		paint = func(_ Tone, text string) string { return text }
	}
	var out strings.Builder
	if f.Violation != nil {
		out.WriteString(paint(Heading, "violated: "+f.Violation.Property) + "\n")
		if f.Violation.Sentence != "" {
			fmt.Fprintf(&out, "  %q\n", f.Violation.Sentence)
		}
		fmt.Fprintf(&out, "\n%s", f.story(paint))
		if len(f.Story) > 0 {
			out.WriteString("\n")
		}
		fmt.Fprintf(&out, "  %s\n\n", paint(Conclusion, f.Violation.Message))
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
	width := 0
	for _, entry := range f.Story {
		width = max(width, len(entry.Actor))
	}
	var out strings.Builder
	for i := range f.Story {
		entry := &f.Story[i]
		mark := "  "
		switch {
		case entry.Necessary:
			mark = "!!"
		case entry.Fault:
			mark = "! "
		}
		line := fmt.Sprintf("%s %10s  %-*s  %s", mark, Moment(entry.At), width, entry.Actor, entry.Text)
		if entry.Count > 1 {
			line += fmt.Sprintf(" (%d times)", entry.Count)
		}
		if entry.Fault || entry.Necessary {
			line = paint(Misfortune, line)
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

func (f *Facts) notes() []Note {
	found := fmt.Sprintf("seed %d", f.Seed)
	if f.Profile != "" {
		found += ", profile " + f.Profile
	}
	notes := []Note{{"signature", f.Signature}, {"found by", found}}
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

// Moment returns a moment of virtual time as minutes, seconds and milliseconds: 72:03.120.
func Moment(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d.%03d", int(at.Minutes()), int(at.Seconds())%60, at.Milliseconds()%1000)
}
