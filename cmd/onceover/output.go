package main

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// widthDefault is how wide text is laid out for what is no terminal, such as a file or the log of a build.
const widthDefault = 100

// output is where text goes, and what it can show.
type output struct {
	*os.File
	terminal bool
	colour   bool
}

func newOutput(file *os.File) *output {
	terminal := term.IsTerminal(int(file.Fd()))
	// https://no-color.org: any value that is not empty.
	colour := terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return &output{File: file, terminal: terminal, colour: colour}
}

// say prints a text. Where nobody can be told, nobody can be told of that either.
func (o *output) say(format string, arguments ...any) {
	_, _ = fmt.Fprintf(o, format, arguments...)
}

// width returns how many columns there are.
func (o *output) width() int {
	if o.terminal {
		if columns, _, err := term.GetSize(int(o.Fd())); err == nil && columns > 0 {
			return columns
		}
	}
	return widthDefault
}

// A style is how text is shown where colours are: the parameter of ECMA-48's "select graphic rendition".
type style string

const (
	plain  style = ""
	bold   style = "1"
	dim    style = "2"
	red    style = "1;31"
	green  style = "1;32"
	yellow style = "33"
)

// paint returns text in a style. It is a function of its own, handed around, so that whoever lays out text need not
// know where it goes.
type paint func(style, string) string

// paint returns how this output shows styles.
func (o *output) paint() paint {
	if !o.colour {
		return unpainted
	}
	return func(s style, text string) string {
		if s == plain {
			return text
		}
		return fmt.Sprintf("\x1b[%sm%s\x1b[0m", string(s), text)
	}
}

// unpainted shows no styles.
func unpainted(_ style, text string) string { return text }
