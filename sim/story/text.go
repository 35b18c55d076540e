package story

import (
	"fmt"
	"strings"
	"time"
)

// Text returns the story in columns, a line for each entry, behind an indent: a mark for misfortunes, twice for those
// that are necessary; virtual time; actor; text. paint, when not nil, decides how a line is shown.
func (s *Story) Text(indent string, paint func(entry *Entry, line string) string) string {
	width := 0
	for _, entry := range s.Entries {
		width = max(width, len(entry.Actor))
	}
	var out strings.Builder
	for i := range s.Entries {
		entry := &s.Entries[i]
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
		if paint != nil {
			line = paint(entry, line)
		}
		out.WriteString(indent + line + "\n")
	}
	return out.String()
}

// Moment returns a moment of virtual time as minutes, seconds and milliseconds: 72:03.120.
func Moment(at time.Duration) string {
	return fmt.Sprintf("%02d:%02d.%03d", int(at.Minutes()), int(at.Seconds())%60, at.Milliseconds()%1000)
}
