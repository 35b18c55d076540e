package bugs

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// row returns the file of a row, with fields changed or added ("-Field" takes one out), and a diff behind it.
func row(id, diff string, changes ...string) *fstest.MapFile {
	lines := []string{"Bug: " + id, "Title: what it does", "Expected: runs-once", "Watched: all", "Seed:\n  What is claimed.", "Wrong:\n  What is wrong.\n\n    As it was."}
	for _, change := range changes {
		name, _, _ := strings.Cut(strings.TrimPrefix(change, "-"), ":")
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, name+":") })
		if !strings.HasPrefix(change, "-") {
			lines = append(lines, change)
		}
	}
	return &fstest.MapFile{Data: []byte(strings.Join(lines, "\n") + "\n\n" + diff)}
}

// turning returns a diff that makes one word of the program's source another.
func turning(from, to string) string {
	return "--- a/cmd/onceover/words.go\n+++ b/cmd/onceover/words.go\n@@ -1,1 +1,1 @@\n-const " + from + "\n+const " + to + "\n"
}

func TestReadCatalogue(t *testing.T) {
	c, err := Read(fstest.MapFS{
		"README.md":               {Data: []byte("words")},
		"own.patch":               row("own", turning("a = 1", "a = 2"), "Survey: no-stuck, runs-once"),
		"start-resets-live.patch": row("start-resets-live", turning("b = 1", "b = 2")),
		"start-resets-live+era.patch": row("start-resets-live+era", "", "Watched: outcome", "Expected: no-stuck",
			"With: guard/fence, start-resets-live, own+era"),
		"own+era.patch":         row("own+era", turning("c = 1", "c = 2"), "With: own, guard/fence"),
		"guard/fence.patch":     {Data: []byte("What it takes away.\n\n" + turning("d = 1", "d = 2"))},
		"reload-clobbers.patch": row("reload-clobbers", turning("e = 1", "e = 2")),
		"as-merged+era.patch":   row("as-merged+era", turning("f = 1", "f = 2")),
	})
	if err != nil {
		t.Fatal(err)
	}
	ids := func(list []*Bug) string {
		var names []string
		for _, b := range list {
			names = append(names, b.ID)
		}
		return strings.Join(names, " ")
	}
	if got, want := ids(c.Bugs), "start-resets-live start-resets-live+era reload-clobbers as-merged+era own own+era"; got != want {
		t.Errorf("bugs %s, want %s", got, want)
	}
	for _, test := range []struct{ ids, want string }{
		{"", ids(c.Bugs)},
		{"start-resets-live", "start-resets-live start-resets-live+era"},
		{"start-resets-live+era", "start-resets-live+era"},
		{"own+era reload-clobbers", "reload-clobbers own+era"},
		{"as-merged", "as-merged+era"},
	} {
		chosen, err := c.Choose(strings.Fields(test.ids))
		if err != nil || ids(chosen) != test.want {
			t.Errorf("of %q: %s, %v; want %s", test.ids, ids(chosen), err, test.want)
		}
	}
	_, err = c.Choose([]string{"own", "luck"})
	var unknown *UnknownBugError
	if !errors.As(err, &unknown) || unknown.ID != "luck" || !strings.Contains(err.Error(), "reload-clobbers, as-merged+era, own") {
		t.Errorf("unknown: %v", err)
	}

	b, err := c.Find("start-resets-live+era")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, patch := range b.patches {
		names = append(names, patch.Name)
	}
	if want := []string{"guard/fence", "start-resets-live", "own", "own+era"}; !slices.Equal(names, want) {
		t.Errorf("patches %q, want %q", names, want)
	}
	if len(b.Watched) < 10 || slices.Contains(b.Watched, "fence-carried") || !b.Era() || b.Wrong != "What is wrong.\n\n  As it was." || b.Seed != "What is claimed." {
		t.Errorf("bug %+v", b)
	}
	if own, err := c.Find("own"); err != nil || own.Watched != nil || own.Era() || !slices.Equal(own.Survey, []string{"runs-once", "no-stuck"}) {
		t.Errorf("bug %+v, %v", own, err)
	}
}

func TestReadCatalogueRefuses(t *testing.T) {
	diff := turning("a = 1", "a = 2")
	for _, test := range []struct {
		name, file string
		content    *fstest.MapFile
		want       string
	}{
		{"unknown field", "x.patch", row("x", diff, "Author: me"), `x.patch: unknown field "Author": allowed are Bug, Title,`},
		{"twice", "x.patch", &fstest.MapFile{Data: []byte("Bug: x\nBug: x\n" + diff)}, `field "Bug" is given twice`},
		{"missing", "x.patch", row("x", diff, "-Title"), "field Title is missing"},
		{"empty", "x.patch", row("x", diff, "Seed:"), "field Seed is empty"},
		{"block on its line", "x.patch", row("x", diff, "Wrong: so"), "field Wrong has its text on the lines that follow, indented"},
		{"line as a block", "x.patch", row("x", diff, "Title:\n  so"), "field Title has one line"},
		{"no field", "x.patch", row("x", diff, "hello there"), `is "hello there": expected a field`},
		{"not indented", "x.patch", &fstest.MapFile{Data: []byte("Seed:\n  one\ntwo\n" + diff)}, `line 3 is "two": expected a field`},
		{"other name", "y.patch", row("x", diff), `y.patch: field Bug is "x": the file is called "y.patch"`},
		{"unknown property", "x.patch", row("x", diff, "Expected: luck"), `field Expected is "luck", which is no property`},
		{"unknown class", "x.patch", row("x", diff, "Watched: some"), `field Watched: "some" is not a property`},
		{"not watched", "x.patch", row("x", diff, "Watched: protocol"), "without runs-once, which is expected"},
		{"survey", "x.patch", row("x", diff, "Survey: luck"), `field Survey: "luck" is not a property`},
		{"unknown patch", "x.patch", row("x", diff, "With: guard/luck"), `x.patch: field With names "guard/luck", which is no patch of the catalogue`},
		{"patch twice", "x.patch", row("x", diff, "With: y, y"), "field With: y is named twice"},
		{"empty name", "x.patch", row("x", diff, "With: y,"), "has an empty name"},
		{"circle", "x.patch", row("x", diff, "With: x"), "field With goes round in a circle: x, x"},
		{"no diff", "x.patch", row("x", ""), "has neither a diff nor a field With"},
		{"broken diff", "x.patch", row("x", "--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n-a\n"), "x.patch: patch x: is no unified diff"},
		{"guard without diff", "guard/x.patch", &fstest.MapFile{Data: []byte("words")}, "guard/x.patch: has no diff"},
		{"other file", "x.txt", &fstest.MapFile{}, "x.txt: has no place here"},
		{"other directory", "deep/x.patch", row("x", diff), "deep/x.patch: has no place here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read(fstest.MapFS{test.file: test.content})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "catalogue of bugs: ") || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestOfPatch(t *testing.T) {
	b, err := OfPatch("mine.patch", []byte("Of my own.\n"+turning("a = 1", "a = 2")))
	if err != nil || b.ID != "mine.patch" || b.Watched != nil || len(b.patches) != 1 {
		t.Errorf("bug %+v, %v", b, err)
	}
	var refused *overlay.PatchError
	if _, err := OfPatch("mine.patch", []byte("words")); !errors.As(err, &refused) || !strings.Contains(err.Error(), "mine.patch: changes nothing") {
		t.Errorf("error %v", err)
	}
}

// TestCatalogue looks for every bug of the history, and applies every committed one to today's sources. That they compile, and are found, is what `make bugs`
// looks at.
func TestCatalogue(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the engine with every bug")
	}
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range history {
		if _, err := c.Find(id); err != nil {
			t.Error(err)
		}
	}
	tree, err := overlay.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range c.Bugs {
		t.Run(b.ID, func(t *testing.T) {
			edits, err := b.Edits(tree)
			if err != nil {
				t.Fatal(err)
			}
			for _, path := range edits.Paths() {
				if before, err := tree.Read(path); err == nil && before == edits[path] {
					t.Errorf("%s is as it was", path)
				} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Error(err)
				}
			}
		})
	}
}

func FuzzParseBug(f *testing.F) {
	f.Add("x", string(row("x", "", "With: a, guard/b", "Survey: all").Data))
	f.Add("x", "Bug: x\n\nSeed:\n\n  one\n\n  two\nTitle: y\n")
	f.Fuzz(func(t *testing.T, id, text string) {
		b, err := parseBug(id, text)
		if err != nil {
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q has more than one line", err)
			}
			return
		}
		if b.ID != id || b.Title == "" || strings.Contains(b.Title, "\n") || b.Seed == "" || b.Wrong == "" || b.Expected == "" {
			t.Errorf("read %+v", b)
		}
	})
}
