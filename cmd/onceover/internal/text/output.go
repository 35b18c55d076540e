package text

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// WidthDefault is how wide text is laid out for what is no terminal, such as a file or the log of a build.
const WidthDefault = 100

// An Output is a file that text goes to, and what it can show.
type Output struct {
	*os.File
	Terminal bool
	Colour   bool
}

// NewOutput returns the output to a file. Colours are for terminals, unless the variable NO_COLOR is set or TERM is dumb.
func NewOutput(file *os.File) *Output {
	terminal := term.IsTerminal(int(file.Fd()))
	// https://no-color.org: any value that is not empty.
	colour := terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return &Output{File: file, Terminal: terminal, Colour: colour}
}

// Printf prints a text. Errors are dropped: it is for what has no other place to be reported, such as a warning.
func (o *Output) Printf(format string, arguments ...any) {
	_, _ = fmt.Fprintf(o, format, arguments...)
}

// Width returns how many columns there are.
func (o *Output) Width() int {
	if o.Terminal {
		if columns, _, err := term.GetSize(int(o.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return WidthDefault
}

// eraseLine goes back to the start of a terminal's line and clears it.
const eraseLine = "\r\x1b[K"

// Draw draws a line in the place of the one that was drawn before, on a terminal. Elsewhere it does nothing.
func (o *Output) Draw(line string) {
	if o.Terminal {
		o.Printf("%s%s", eraseLine, line) // one write, so that it does not flicker
	}
}

// Erase removes the line that Draw has drawn.
func (o *Output) Erase() { o.Draw("") }

// DrawBar draws a bar of which a part, from 0 to 1, is full, and a text behind it.
func (o *Output) DrawBar(part float64, text string) {
	if o.Terminal {
		o.Draw(o.Paint().Bar(part, o.Width()-utf8.RuneCountInString(text)-1) + text)
	}
}

// Bar returns a bar of at most some columns, of which a part, from 0 to 1, is full. Where there is no room for one it is
// empty.
func (p Paint) Bar(part float64, columns int) string {
	const least, most = 5, 30
	width := min(columns, most)
	if width < least {
		return ""
	}
	full := int(part * float64(width))
	return p(Green, strings.Repeat("█", full)) + p(Dim, strings.Repeat("░", width-full))
}

// A Style is how text is shown where colours are: the parameter of ECMA-48's "select graphic rendition".
type Style string

// The styles.
const (
	Plain  Style = ""
	Bold   Style = "1"
	Dim    Style = "2"
	Red    Style = "1;31"
	Green  Style = "1;32"
	Yellow Style = "33"
)

// A Paint returns text in a style. It is handed to what lays out text, which so need not know where the text goes.
type Paint func(Style, string) string

// Paint returns how this output shows styles.
func (o *Output) Paint() Paint {
	if !o.Colour {
		return Unpainted
	}
	return func(s Style, text string) string {
		if s == Plain {
			return text
		}
		return fmt.Sprintf("\x1b[%sm%s\x1b[0m", string(s), text)
	}
}

// Unpainted shows no styles.
func Unpainted(_ Style, text string) string { return text }
