package house

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// TestDocumentsReferToWhatExists looks at every Markdown file of the module.
func TestDocumentsReferToWhatExists(t *testing.T) {
	tree := os.DirFS(root)
	var documents []string
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() && (isSkipped(name) || entry.Name() == "testdata") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".md") {
			documents = append(documents, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	dead, err := DeadReferences(tree, documents)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dead {
		t.Error(d)
	}
}

// TestScriptsNameWhatExists looks at paths in the Makefile and in what the continuous integration runs. A package that
// has moved would silently be left out of what a list of them decides.
func TestScriptsNameWhatExists(t *testing.T) {
	known, err := readTree(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	workflows, err := fs.Glob(known.tree, ".github/workflows/*.yml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(workflows, "Makefile", ".ci/run", ".golangci.yml") {
		text, err := fs.ReadFile(known.tree, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, dead := range known.deadPaths(string(text)) {
			t.Errorf("%s: %s", name, dead)
		}
	}
}

const linkingDocument = "# One house\n" +
	"See [the bugs](bugs.md#how-it-is-found), [above](#one-house), [twice](#one-house-1), <a href=\"engine/\">the engine</a>,\n" +
	"[elsewhere](https://example.com/missing) and [by name][bugs]. `make bench`, `make all`, `go.mod`, `engine/claim.go`,\n" +
	"`engine/...`, `engine/*.go`, `engine.Claim`, `engine/live.Clock`, `claim.go`, `other/place.go`, `out/bench.txt`\n" +
	"[gone](missing.md) [no heading](bugs.md#missing) [nor here](#missing) ![picture](missing.png) [gone too][missing]\n" +
	"<img src=\"missing.svg\"> `make missing`, `engine/missing.go`, `missing.go`, `engine/missing/*.go`, `engine/missing.Name`\n" +
	"```\n[code](missing.md) engine/missing.go\n```\n" +
	"<!-- [hidden](missing.md)\n -->\n" +
	"# One house\n" +
	"[bugs]: bugs.md\n" +
	"[missing]: missing.txt\n" +
	"[last](missing.go)\n"

func TestDeadReferences(t *testing.T) {
	tree := fstest.MapFS{
		"README.md":            {Data: []byte(linkingDocument)},
		"bugs.md":              {Data: []byte("## How *it* is `found`?\n")},
		"Makefile":             {Data: []byte("all: bench\nbench: ## Measure\n\tgo test -bench .\n")},
		"engine/claim.go":      {Data: []byte("package engine\n")},
		"engine/live/clock.go": {Data: []byte("package live\n")},
		"out/bench.txt":        {},
	}
	dead, err := DeadReferences(tree, []string{"README.md", "bugs.md"})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(dead)
	want := []string{
		"README.md:14: link to missing.txt: no such file",
		"README.md:15: link to missing.go: no such file",
		"README.md:5: link to #missing: no such heading",
		"README.md:5: link to bugs.md#missing: no such heading",
		"README.md:5: link to missing.md: no such file",
		"README.md:5: link to missing.png: no such file",
		"README.md:6: `engine/missing.Name`: no such file or package",
		"README.md:6: `engine/missing.go`: no such file or package",
		"README.md:6: `engine/missing/*.go`: no such files",
		"README.md:6: `make missing`: no such target of the Makefile",
		"README.md:6: `missing.go`: no such file",
		"README.md:6: link to missing.svg: no such file",
	}
	if !slices.Equal(dead, want) {
		t.Errorf("dead:\n\t%s\nwant:\n\t%s", strings.Join(dead, "\n\t"), strings.Join(want, "\n\t"))
	}

	known, err := readTree(tree)
	if err != nil {
		t.Fatal(err)
	}
	script := "PACKAGES := ./engine engine/gone ./engine/... ./engine/live/...\ngo test ./engine/old/... other/place >out/bench.txt\n"
	if dead := known.deadPaths(script); !slices.Equal(dead, []string{"engine/gone: no such file or package", "./engine/old/...: no such file or package"}) {
		t.Errorf("dead paths: %q", dead)
	}
}

func TestCode(t *testing.T) {
	code := Code("Run `onceover run`:\n\n```sh\nonceover bugs\n```\n\nThen go.\n")
	if want := []string{"onceover run", "onceover bugs"}; !slices.Equal(code, want) {
		t.Errorf("code %q, want %q", code, want)
	}
}
