package text

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/term"
)

// WidthDefault is how wide text is laid out for what is no terminal, such as a file or the log of a build.
const WidthDefault = 100

// widthUnknown is the width of terminals that do not know it, such as serial lines: that of the usual terminal.
const widthUnknown = 80

// An Output is a file that text goes to, and what it can show.
type Output struct {
	File     *os.File
	Terminal bool
	Colour   bool
	// Live: progress is drawn in place. It is on terminals, unless TERM is dumb: those print what should erase a line.
	Live bool

	screen *screen
}

// A screen is what outputs share that may be the same terminal: a line of progress on one of them is erased before anything
// else is written on any of them.
type screen struct {
	mutex sync.Mutex
	drawn *Output // that has a line of progress; nil for none
}

// NewOutput returns the output to a file. Colours are for terminals, unless the variable NO_COLOR is set or TERM is dumb.
func NewOutput(file *os.File) *Output {
	terminal := term.IsTerminal(int(file.Fd()))
	live := terminal && os.Getenv("TERM") != "dumb"
	// https://no-color.org: any value that is not empty.
	return &Output{File: file, Terminal: terminal, Live: live, Colour: live && os.Getenv("NO_COLOR") == "", screen: &screen{}}
}

// NewOutputs returns the outputs of a program, which may both be the terminal.
func NewOutputs(stdout, stderr *os.File) (out, err *Output) {
	out, err = NewOutput(stdout), NewOutput(stderr)
	err.screen = out.screen
	return out, err
}

// Write writes to the file, after a line of progress was erased.
func (o *Output) Write(content []byte) (int, error) {
	o.screen.mutex.Lock()
	defer o.screen.mutex.Unlock()
	o.screen.erase()
	return o.File.Write(content)
}

// erase erases the line of progress, if there is one. The mutex is held.
func (s *screen) erase() {
	if s.drawn != nil {
		_, _ = s.drawn.File.WriteString(eraseLine) // nobody sees it then, or its erasure
		s.drawn = nil
	}
}

// Printf prints a text. Errors are dropped: it is for what has no other place to be reported, such as a warning.
func (o *Output) Printf(format string, arguments ...any) {
	_, _ = fmt.Fprintf(o, format, arguments...)
}

// Width returns how many columns there are.
func (o *Output) Width() int {
	if !o.Terminal {
		return WidthDefault
	}
	if columns, _, err := term.GetSize(int(o.File.Fd())); err == nil && columns > 0 {
		return columns
	}
	return widthUnknown
}

// Fit returns a text for this output: on a terminal, lines that are too long for it are wrapped as [Fit] does. A file is as
// wide as it takes.
func (o *Output) Fit(text string, whole ...string) string {
	if !o.Terminal {
		return text
	}
	return Fit(text, o.Width(), whole...)
}

// eraseLine goes back to the start of a terminal's line and clears it.
const eraseLine = "\r\x1b[K"

// Draw draws a line of progress in the place of the one that was drawn before, where that can be erased. Elsewhere it does
// nothing. The line is cut where it would wrap, because a second line could not be erased.
func (o *Output) Draw(line string) {
	if !o.Live {
		return
	}
	o.screen.mutex.Lock()
	defer o.screen.mutex.Unlock()
	if o.screen.drawn != o {
		o.screen.erase()
	}
	_, _ = o.File.WriteString(eraseLine + clipPainted(line, o.Width()-1)) // one write, so that it does not flicker
	o.screen.drawn = o
}

// Erase removes the line that Draw has drawn.
func (o *Output) Erase() {
	o.screen.mutex.Lock()
	defer o.screen.mutex.Unlock()
	o.screen.erase()
}

// DrawBar draws a bar of which a part, from 0 to 1, is full, and a text behind it.
func (o *Output) DrawBar(part float64, text string) {
	if o.Live {
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
