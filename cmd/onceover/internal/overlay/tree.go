package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Module is the path of the module that a tree holds.
const Module = "github.com/onceover/onceover"

// A Tree is a directory with the sources of this module. It is only read.
type Tree struct{ root string }

// A NotFoundError reports that a program runs outside the source tree.
type NotFoundError struct {
	From string // the directory that was searched, with those above it
}

// Error names on one line what was searched for, from where, and the way out.
func (e *NotFoundError) Error() string {
	return fmt.Sprintf("this builds the engine from source, but neither %s nor a directory above it has the go.mod of module %s: clone https://%[2]s and run it there",
		e.From, Module)
}

// Find returns the tree that a directory is part of. The error is a [*NotFoundError] if there is none.
func Find(dir string) (Tree, error) {
	from, err := filepath.Abs(dir)
	if err != nil {
		return Tree{}, fmt.Errorf("find the source tree: %w", err)
	}
	for at := from; ; at = filepath.Dir(at) {
		content, err := os.ReadFile(filepath.Join(at, "go.mod"))
		switch {
		case err == nil && modulePath(content) == Module:
			return Tree{at}, nil
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return Tree{}, fmt.Errorf("find the source tree: %w", err)
		case at == filepath.Dir(at):
			return Tree{}, &NotFoundError{from}
		}
	}
}

// modulePath returns the path in the module line of a go.mod, in the form that the go command writes.
func modulePath(content []byte) string {
	for line := range strings.Lines(string(content)) {
		if words := strings.Fields(line); len(words) >= 2 && words[0] == "module" {
			return strings.Trim(words[1], `"`)
		}
	}
	return ""
}

// Root returns the directory of the tree, absolute.
func (t Tree) Root() string { return t.root }

// Read returns a file of the tree as it is on disk, by its path with slashes, relative to the root.
func (t Tree) Read(path string) (string, error) {
	if !filepath.IsLocal(filepath.FromSlash(path)) {
		return "", fmt.Errorf("%s is no path inside the source tree", path)
	}
	content, err := os.ReadFile(t.file(path))
	return string(content), err
}

// file returns where a path of the tree is on disk.
func (t Tree) file(path string) string { return filepath.Join(t.root, filepath.FromSlash(path)) }
