package text

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newFile returns an output to a file, and what was written to it.
func newFile(t *testing.T) (*Output, func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "output")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return NewOutput(file), func() string {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
}

func TestOutputToAFile(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("TERM", "xterm")
	o, content := newFile(t)
	if o.Terminal || o.Colour || o.Width() != WidthDefault {
		t.Errorf("a file is taken for a terminal: %+v of %d columns", o, o.Width())
	}
	o.Draw("never seen")
	o.DrawBar(0.5, "never seen")
	o.Erase()
	o.Printf("%s: %d", o.Paint()(Red, "seen"), 7)
	if got := content(); got != "seen: 7" {
		t.Errorf("written is %q", got)
	}
}

func TestOutputToATerminal(t *testing.T) {
	o, content := newFile(t)
	o.Terminal, o.Colour, o.Live = true, true, true
	o.Draw("first")
	o.DrawBar(0.5, " half")
	o.Erase()
	o.Printf("%s%s", o.Paint()(Bold, "bold"), o.Paint()(Plain, "plain"))
	want := "\r\x1b[Kfirst" +
		"\r\x1b[K\x1b[1;32m" + strings.Repeat("█", 15) + "\x1b[0m\x1b[2m" + strings.Repeat("░", 15) + "\x1b[0m half" +
		"\r\x1b[K" + "\x1b[1mbold\x1b[0mplain"
	if got := content(); got != want {
		t.Errorf("written is\n%q, want\n%q", got, want)
	}
}

// What is written on either output erases the line of progress first, once; progress that is too long is cut.
func TestProgressIsErasedBeforeOtherLines(t *testing.T) {
	stderr, progress := newFile(t)
	stdout, content := newFile(t)
	stdout.screen, stderr.Live, stderr.Terminal = stderr.screen, true, true
	stderr.Draw(strings.Repeat("x", 200))
	stdout.Printf("one\n")
	stdout.Printf("two\n")
	stderr.Draw("half")
	stderr.Printf("a warning\n")
	if got := content(); got != "one\ntwo\n" {
		t.Errorf("written is %q", got)
	}
	want := eraseLine + strings.Repeat("x", widthUnknown-1) + eraseLine + eraseLine + "half" + eraseLine + "a warning\n"
	if got := progress(); got != want {
		t.Errorf("drawn is\n%q, want\n%q", got, want)
	}
}

// A terminal that cannot erase a line shows no progress, and no colours.
func TestDumbTerminal(t *testing.T) {
	t.Setenv("TERM", "dumb")
	o, content := newFile(t)
	o.Terminal = true
	o.Draw("never seen")
	o.DrawBar(0.5, "never seen")
	o.Erase()
	if got := content(); got != "" || o.Live || o.Colour {
		t.Errorf("written is %q", got)
	}
	if got := o.Fit(strings.Repeat("a word ", 20)); !strings.Contains(got, "\n") {
		t.Errorf("it is no less narrow: %q", got)
	}
}

func TestBar(t *testing.T) {
	for _, test := range []struct {
		part    float64
		columns int
		want    string
	}{
		{0, 10, "░░░░░░░░░░"},
		{0.39, 10, "███░░░░░░░"},
		{1, 10, "██████████"},
		{1, 1000, strings.Repeat("█", 30)},
		{1, 4, ""},
		{1, -5, ""},
	} {
		if got := Paint(Unpainted).Bar(test.part, test.columns); got != test.want {
			t.Errorf("%v of %d columns: %q, want %q", test.part, test.columns, got, test.want)
		}
	}
}

func TestAlign(t *testing.T) {
	got := Align([][]string{{"bug", "found", "note"}, {"naïve", "7", ""}, {"a", "1,000", "x"}}, 1)
	want := []string{"bug    found  note", "naïve      7", "a      1,000  x"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLayout(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Wrap("one two three", 0, 80), "one two three"},
		{Wrap("one two three", 2, 9), "  one two\n  three"},
		{Wrap("one  two\nthree", 2, 3), "  one\n  two\n  three"},
		{Wrap("", 2, 80), "  "},
		{Wrap("naïve naïve", 0, 11), "naïve naïve"},
		{Indent("one\n\ntwo"), "  one\n\n  two"},
		{Clip("naïve", 3), "naï"},
		{Clip("naïve", 9), "naïve"},
		{Clip("naïve", -1), ""},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestGrid(t *testing.T) {
	marked := func(s Style, text string) string {
		if s == Yellow {
			return "<" + text + ">"
		}
		return text
	}
	cells := []Cell{{"process", "crash", 1234}, {"process", "pause", 0}, {"process", "loop", 7}, {"clock", "skew", 5}}
	for _, test := range []struct {
		name    string
		cells   []Cell
		columns int
		want    string
	}{
		{"wide", cells, 80, "" +
			"  process  crash  1,234   pause  <never>   loop       7\n" +
			"  clock    skew       5\n"},
		{"two columns", cells, 45, "" +
			"  process  crash  1,234   pause  <never>\n" +
			"           loop       7\n" +
			"  clock    skew       5\n"},
		{"narrow", cells[:2], 1, "" +
			"  process  crash  1,234\n" +
			"           pause  <never>\n"},
		{"without groups", []Cell{{Name: "a", Count: 1}, {Name: "b", Count: 2}}, 80, "  a      1   b      2\n"},
		{"nothing", nil, 80, ""},
	} {
		if got := Grid(test.cells, test.columns, marked); got != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, got, test.want)
		}
	}
}

func TestNumbersForPeople(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Count(0), "0"},
		{Count(999), "999"},
		{Count(1000), "1,000"},
		{Count(uint64(1<<64 - 1)), "18,446,744,073,709,551,615"},
		{Plural(1, "seed"), "1 seed"},
		{Plural(0, "seed"), "0 seeds"},
		{Plural(2000, "seed"), "2,000 seeds"},
		{Span(0), "0 ms"},
		{Span(0.0421), "42 ms"},
		{Span(7.25), "7.2 s"},
		{Span(90), "1.5 minutes"},
		{Span(3600 * 5.14), "5.1 hours"},
		{Span(86400 * 13), "13.0 days"},
		{Span(86400 * 365.25 * 4.2), "4.2 years"},
		{Span(86400 * 365.25 * 12345), "12,345 years"},
		{ShellWord("onceover-failures/default-17.json"), "onceover-failures/default-17.json"},
		{ShellWord("my failures"), "'my failures'"},
		{ShellWord("it's"), `'it'\''s'`},
		{ShellWord(""), "''"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}
