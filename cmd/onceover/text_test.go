package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
)

// tagged shows a style as a tag, so that a test sees it.
func tagged(style text.Style, shown string) string {
	names := map[text.Style]string{text.Bold: "b", text.Dim: "dim", text.Red: "red", text.Green: "green", text.Yellow: "yellow"}
	if names[style] == "" {
		return shown
	}
	return "<" + names[style] + ">" + shown + "</" + names[style] + ">"
}

// expectText compares a text line by line.
func expectText(t *testing.T, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "(nothing more)", "(nothing more)"
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("line %d is\n%s\nwant\n%s", i+1, g, w)
			break
		}
	}
	t.Logf("all of it is\n%s", got)
}

// A printed is an app with outputs to files.
type printed struct {
	*app
	t *testing.T
}

// newPrinted returns an app that prints to files.
func newPrinted(t *testing.T) printed {
	t.Helper()
	a := standard()
	a.stdout, a.stderr = outputFile(t), outputFile(t)
	return printed{a, t}
}

// out and err return what was printed.
func (p printed) out() string { p.t.Helper(); return content(p.t, p.stdout) }
func (p printed) err() string { p.t.Helper(); return content(p.t, p.stderr) }

// outputFile returns an output to a file.
func outputFile(t *testing.T) *text.Output {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return text.NewOutput(file)
}

// content returns what was written to an output.
func content(t *testing.T, o *text.Output) string {
	t.Helper()
	written, err := os.ReadFile(o.File.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

// TestOutputThatIsGone prints to a file that is closed: every command returns the error.
func TestOutputThatIsGone(t *testing.T) {
	for _, arguments := range [][]string{
		{"run", "--seeds", "1"}, {"run", "--seeds", "1", "--json"}, {"replay", "1"}, {"replay", "1", "--json"}, {"replay", "1", "--minimise"},
	} {
		p := newPrinted(t)
		gone := outputFile(t)
		closed, err := os.Open(gone.File.Name()) // for reading only
		if err != nil {
			t.Fatal(err)
		}
		p.stdout.File = closed
		t.Chdir(t.TempDir())
		if code := p.execute(arguments); code != exitUsage || !strings.HasPrefix(p.err(), "onceover: print the ") {
			t.Errorf("%v: exit code %d, %q; want %d and the error", arguments, code, p.err(), exitUsage)
		}
		if err := errors.Join(closed.Close()); err != nil {
			t.Error(err)
		}
	}
}
