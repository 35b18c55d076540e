package files

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// write makes a file with its directory.
func write(t *testing.T, path string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("as it was"), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestPlan(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "run.json")
	write(t, "taken")
	if err := errors.Join(os.Mkdir("folder", 0o755), os.Symlink("run.json", "link.json"), os.Link("run.json", "name.json"),
		os.Symlink("later.html", "dangling.html"), os.Symlink("folder", "other")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name string
		plan func(*Plan)
		want string // empty for none
	}{
		{"nothing", func(*Plan) {}, ""},
		{"no paths", func(p *Plan) { p.Reads("a", ""); p.Writes("b", ""); p.WritesBelow("c", ""); p.WritesInto("d", "") }, ""},
		{"other files", func(p *Plan) {
			p.Reads("replay file", "run.json")
			p.Writes("--html", "page.html")
			p.Writes("--trace", "t.json")
		}, ""},
		{"an output that is there", func(p *Plan) { p.Writes("--html", "taken") }, ""},
		{"made when needed", func(p *Plan) { p.WritesBelow("--out", "a/b/c.json"); p.WritesInto("--out", "x/y") }, ""},
		{"the input", func(p *Plan) { p.Reads("replay file", "run.json"); p.Writes("--html", "./folder/../run.json") }, "--html ./folder/../run.json would overwrite replay file run.json, which is read: give the output another name"},
		{"the input by a link", func(p *Plan) { p.Reads("replay file", "run.json"); p.Writes("--html", "link.json") }, "would overwrite"},
		{"the input, which is a link", func(p *Plan) { p.Reads("replay file", "link.json"); p.Writes("--html", "run.json") }, "would overwrite"},
		{"the input by another name", func(p *Plan) { p.Reads("replay file", "run.json"); p.Writes("--html", "name.json") }, "would overwrite"},
		{"each other", func(p *Plan) { p.Writes("--html", "a.html"); p.Writes("--trace", "a.html") }, "--html a.html and --trace a.html are the same file: give each a name of its own"},
		{"each other, which are not there", func(p *Plan) { p.Writes("--html", "dangling.html"); p.Writes("--trace", "later.html") }, "are the same file"},
		{"each other, in a linked folder", func(p *Plan) { p.Writes("--html", "folder/a"); p.Writes("--trace", "other/a") }, "are the same file"},
		{"a directory", func(p *Plan) { p.Writes("--html", "folder") }, "--html folder is a directory: give the name of a file"},
		{"a device", func(p *Plan) { p.Writes("--html", os.DevNull) }, "is no regular file"},
		{"no directory", func(p *Plan) { p.Writes("--html", "missing/page.html") }, "--html missing/page.html: there is no directory missing: make it first"},
		{"below a file", func(p *Plan) { p.WritesBelow("--known", "taken/below/known.json") }, "--known taken/below/known.json: taken is no directory"},
		{"a directory below a file", func(p *Plan) { p.WritesInto("--out", "taken/below") }, "--out taken/below: taken is no directory"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var plan Plan
			test.plan(&plan)
			err := plan.Check()
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	// All of that has left no trace.
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 7 {
		t.Errorf("there are %v (%v), want the 7 that were there before", entries, err)
	}
	if content, err := os.ReadFile("run.json"); err != nil || string(content) != "as it was" {
		t.Errorf("the input is %q (%v)", content, err)
	}
}

// A file system that takes no files says so, to any user.
func TestWhereNothingCanBeWritten(t *testing.T) {
	const readOnly = "/proc"
	if runtime.GOOS != "linux" {
		return // and has no such file system for sure
	}
	var plan Plan
	plan.WritesInto("--out", filepath.Join(readOnly, "failures"))
	if err := plan.Check(); err == nil || !strings.Contains(err.Error(), "--out /proc/failures: nothing can be written in /proc: ") {
		t.Errorf("error %v", err)
	}
}

// Links in a circle are no file, and no reason to hang.
func TestCircle(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := errors.Join(os.Symlink("a", "b"), os.Symlink("b", "a")); err != nil {
		t.Fatal(err)
	}
	if Same("a", "c") || !Same("a", "a") {
		t.Error("a circle is another file, or not itself")
	}
}
