package text

import (
	"strings"
	"testing"
)

func TestFit(t *testing.T) {
	const command = "onceover replay onceover-failures/default-17.json"
	for _, test := range []struct {
		name    string
		text    string
		columns int
		want    string
	}{
		{"short lines stay", "  one  two\n\n three\n", 10, "  one  two\n\n three\n"},
		{"a sentence", "one two three four", 9, "one two\n  three\n  four"},
		{"an indented sentence", "  one two three", 9, "  one two\n    three"},
		{"a name and its text", "  seen in     one two three four", 20, "  seen in     one\n    two three four"},
		{"a name and its text, with room", "  seen in     one two three four five six seven", 32, "  seen in     one two three four\n              five six seven"},
		{"a long word", "one incomprehensibilities two", 8, "one\n  incomprehensibilities\n  two"},
		{"a command that fits", "see " + command, 60, "see " + command},
		{"a command that does not fit", "violated. Replay: " + command, 60, "violated. Replay:\n  " + command},
		{"a command behind a name", "  smallest    " + command, 60, "  smallest\n  " + command},
		{"a command that never fits", "see " + command + ".", 20, "see\n  " + command + "."},
		{"no room at all", "one two", 1, "one\ntwo"},
		{"styles take no columns", "\x1b[1;31mone two\x1b[0m three", 13, "\x1b[1;31mone two\x1b[0m three"},
		{"styles stay", "\x1b[1;31mone two\x1b[0m three", 9, "\x1b[1;31mone two\x1b[0m\n  three"},
	} {
		if got := Fit(test.text, test.columns, command); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// No width is so small that a line of words is longer than it, apart from single words and their indentation.
func TestFitAtAnyWidth(t *testing.T) {
	const text = "  a name   of a thing that is told in a sentence of many words, and a last one\n"
	for columns := 1; columns < 100; columns++ {
		fitted := Fit(text, columns)
		for line := range strings.Lines(fitted) {
			if words := strings.Fields(line); columnsOf(strings.TrimRight(line, "\n")) > columns && len(words) > 1 {
				t.Errorf("%d columns: the line %q is too long", columns, line)
			}
		}
		if strings.Join(strings.Fields(fitted), " ") != strings.Join(strings.Fields(text), " ") {
			t.Errorf("%d columns: %q has other words", columns, fitted)
		}
	}
}

func TestClipPainted(t *testing.T) {
	const painted = "\x1b[1;32m██\x1b[0m 42 %"
	for columns, want := range map[int]string{
		-1: "\x1b[1;32m\x1b[0m", 0: "\x1b[1;32m\x1b[0m", 1: "\x1b[1;32m█\x1b[0m", 4: "\x1b[1;32m██\x1b[0m 4", 7: painted, 99: painted,
	} {
		if got := clipPainted(painted, columns); got != want {
			t.Errorf("%d columns: %q, want %q", columns, got, want)
		}
	}
}
