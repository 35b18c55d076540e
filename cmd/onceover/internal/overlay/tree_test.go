package overlay

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// treeOf returns a tree of the files given, with the go.mod of this module.
func treeOf(t testing.TB, files map[string]string) Tree {
	t.Helper()
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module "+Module+"\n\ngo 1.26.0\n")
	for path, content := range files {
		write(t, filepath.Join(root, filepath.FromSlash(path)), content)
	}
	tree, err := Find(root)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func write(t testing.TB, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFindLooksUpwards(t *testing.T) {
	tree := treeOf(t, map[string]string{
		"a/b/c.txt":     "",
		"nested/go.mod": "// Of another module.\nmodule example.org/nested\n",
	})
	for _, dir := range []string{"", "a", "a/b", "nested"} {
		got, err := Find(filepath.Join(tree.Root(), dir))
		if err != nil || got.Root() != tree.Root() {
			t.Errorf("from %q: %q, %v; want %q", dir, got.Root(), err, tree.Root())
		}
	}
	outside := t.TempDir()
	_, err := Find(outside)
	var notFound *NotFoundError
	if !errors.As(err, &notFound) || notFound.From != outside {
		t.Fatalf("outside: %v", err)
	}
	for _, part := range []string{outside, Module, "clone"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not name %s", err, part)
		}
	}
}

func TestReadStaysInside(t *testing.T) {
	tree := treeOf(t, map[string]string{"a/b.txt": "content"})
	if got, err := tree.Read("a/b.txt"); err != nil || got != "content" {
		t.Errorf("read %q, %v", got, err)
	}
	for _, path := range []string{"../b.txt", "/etc/hostname", "a/missing.txt"} {
		if got, err := tree.Read(path); err == nil {
			t.Errorf("%s: %q, want an error", path, got)
		}
	}
}

const program = "package main\n\nfunc main() { print(\"old\") }\n"

func TestBuildReplacesAndAddsWithoutTouchingFiles(t *testing.T) {
	tree := treeOf(t, map[string]string{"cmd/hello/main.go": program})
	output := filepath.Join(t.TempDir(), "hello")
	edits := Edits{
		"cmd/hello/main.go": "package main\n\nfunc main() { print(word) }\n",
		"cmd/hello/word.go": "package main\n\nconst word = \"new\"\n",
	}
	for _, build := range []struct {
		edits Edits
		want  string
	}{{nil, "old"}, {edits, "new"}, {nil, "old"}} {
		if err := tree.Build(t.Context(), build.edits, "./cmd/hello", output); err != nil {
			t.Fatal(err)
		}
		printed, err := exec.CommandContext(t.Context(), output).CombinedOutput()
		if err != nil || string(printed) != build.want {
			t.Errorf("prints %q, %v; want %q", printed, err, build.want)
		}
	}
	if got, err := tree.Read("cmd/hello/main.go"); err != nil || got != program {
		t.Errorf("on disk is %q, %v", got, err)
	}
	if _, err := tree.Read("cmd/hello/word.go"); err == nil {
		t.Error("the new file is on disk")
	}
}

func TestBuildTellsWhatTheCompilerSays(t *testing.T) {
	tree := treeOf(t, map[string]string{"cmd/hello/main.go": program})
	output := filepath.Join(t.TempDir(), "hello")
	err := tree.Build(t.Context(), Edits{"cmd/hello/main.go": "package main\n\nfunc main() { print(word) }\n"}, "./cmd/hello", output)
	var failed *BuildError
	if !errors.As(err, &failed) || !strings.HasPrefix(err.Error(), "build ./cmd/hello: cmd/hello/main.go:3:21: undefined: word") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	if err := tree.Build(t.Context(), Edits{"../main.go": program}, "./cmd/hello", output); err == nil {
		t.Error("no error for an edit outside the tree")
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := tree.Build(ended, nil, "./cmd/hello", output); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
	if _, err := os.Stat(output); err == nil {
		t.Error("something was built")
	}
}
