package house

import (
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// TestCommentsNameWhatExists looks at the comments of every package of the module, tests included.
func TestCommentsNameWhatExists(t *testing.T) {
	visitFolders(t)
	for _, dead := range deadLinks(t, "./...") {
		t.Error(dead)
	}
}

func TestDeadLinks(t *testing.T) {
	dead := deadLinks(t, "./cmd/onceover/internal/house/testdata/src/comments")
	want := []string{
		"1: comment: [*missing.Kind]: no such identifier or package",
		"1: comment: [Kind.Missing]: no such identifier or package",
		"1: comment: [Missing]: no such identifier or package",
		"1: comment: [example.com/missing]: no such package",
		"1: comment: [fmt.Missing]: no such identifier",
		"1: comment: [fmt.Stringer.Missing]: no such identifier",
		"1: comment: [hidden.missing]: no such identifier or package",
		"1: comment: cmd/onceover/internal/house/missing.go: no such file or package",
		"1: comment: cmd/onceover/internal/missing.go: no such file or package",
		"1: comment: cmd/onceover/internal/missing: no such file or package",
		"20: comment: [Missing]: no such identifier or package",
		"26: comment: [absent]: no such identifier or package",
	}
	for i := range dead {
		dead[i] = strings.TrimPrefix(dead[i], "cmd/onceover/internal/house/testdata/src/comments/comments.go:")
	}
	slices.Sort(dead)
	if !slices.Equal(dead, want) {
		t.Errorf("dead:\n\t%s\nwant:\n\t%s", strings.Join(dead, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// deadLinks returns the dead links in the comments of packages that match a pattern.
func deadLinks(t *testing.T, pattern string) []string {
	t.Helper()
	known, err := readTree(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	loaded := loadDeclarations(t, true, pattern)
	// The variant of a package for its tests has all that the package has.
	slices.SortStableFunc(loaded, func(a, b *packages.Package) int { return len(b.CompiledGoFiles) - len(a.CompiledGoFiles) })
	byPath := make(map[string]*types.Package)
	for _, p := range loaded {
		if byPath[p.PkgPath] == nil {
			byPath[p.PkgPath] = p.Types
		}
	}
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	var dead []string
	looked := make(map[string]bool)
	for _, p := range loaded {
		if strings.HasSuffix(p.PkgPath, ".test") || len(p.CompiledGoFiles) == 0 || looked[p.CompiledGoFiles[0]] {
			continue
		}
		for _, file := range p.CompiledGoFiles {
			looked[file] = true
		}
		c := &commented{fset: p.Fset, types: p.Types, files: p.Syntax, lookup: func(path string) *types.Package {
			if imported := p.Imports[path]; imported != nil && imported.Types != nil {
				return imported.Types
			}
			if byPath[path] == nil && !strings.Contains(path, ".") {
				byPath[path] = loadDeclarations(t, false, path)[0].Types // of the standard library, which need not be imported
			}
			return byPath[path]
		}}
		for _, line := range c.deadLinks(known) {
			dead = append(dead, strings.TrimPrefix(line, absolute+string(filepath.Separator)))
		}
	}
	return dead
}
