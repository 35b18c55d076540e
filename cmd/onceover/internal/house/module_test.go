package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

const (
	module = "github.com/onceover/onceover"
	root   = "../../../.."
)

// TestImportsPointOneWay applies the rules to the module itself.
func TestImportsPointOneWay(t *testing.T) {
	for _, violation := range Check(module, list(t), Rules(drivers(t))) {
		t.Error(violation)
	}
}

// TestSourceStandsInItsFolders keeps new top-level folders a decision.
func TestSourceStandsInItsFolders(t *testing.T) {
	top := []string{".", "engine", "sim", "faults", "checker", "cmd"}
	for _, path := range Places(module, list(t), top) {
		t.Errorf("%s stands outside %s, the only folders that hold source", path, strings.Join(top, ", "))
	}
}

// TestModuleIsTidy applies the house rules to every package of the module.
func TestModuleIsTidy(t *testing.T) {
	documented := []string{"./engine/...", "./sim/...", "./checker/...", "./faults/...", "./cmd/onceover/internal/..."}
	for _, p := range list(t) {
		found, err := Tidy(files(t, p), matchesAny(documented, relative(module, p.ImportPath)))
		if err != nil {
			t.Error(err)
		}
		for _, finding := range found {
			t.Error(finding)
		}
	}
}

// TestFilesHaveTheirSize keeps files from becoming too long, and subjects from being scattered.
func TestFilesHaveTheirSize(t *testing.T) {
	for _, p := range list(t) {
		for path, why := range Size(files(t, p)) {
			t.Errorf("%s: %s", path, why)
		}
	}
}

// files reads the source of a package.
func files(t *testing.T, p Package) []File {
	t.Helper()
	var read []File
	for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
		path := filepath.Join(p.Dir, name)
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		read = append(read, File{Path: fromRoot(t, path), Source: source})
	}
	return read
}

// fromRoot returns a path relative to the root of the module.
func fromRoot(t *testing.T, path string) string {
	t.Helper()
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(absolute, path)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(relative)
}

// list returns the packages of the module.
func list(t *testing.T) []Package {
	t.Helper()
	visitFolders(t)
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Dir,Imports,GoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles", "./...")
	command.Dir = root
	var messages bytes.Buffer
	command.Stderr = &messages
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, messages.String())
	}
	var packages []Package
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var p Package
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatalf("decode what %s printed: %v", command, err)
		}
		packages = append(packages, p)
	}
}

// load returns the packages that match the patterns, with types of all expressions. The packages that they import are
// read as the compiler has left them, so this takes seconds once the module is built.
func load(t *testing.T, patterns ...string) []*packages.Package {
	t.Helper()
	loaded, err := packages.Load(&packages.Config{Context: t.Context(), Dir: root, Mode: loadMode | packages.NeedTypesInfo}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded {
		for _, err := range p.Errors {
			t.Error(err)
		}
	}
	return loaded
}

// loadMode is what every load needs: declarations, comments and types.
const loadMode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedSyntax | packages.NeedTypes | packages.NeedExportFile

// loadDeclarations returns the packages that match the patterns, on request with their tests, and without the bodies of
// functions. That leaves imports unused, so errors of types are not looked at: the compiler has found none.
func loadDeclarations(t *testing.T, tests bool, patterns ...string) []*packages.Package {
	t.Helper()
	withoutBodies := func(fset *token.FileSet, path string, source []byte) (*ast.File, error) {
		file, err := parser.ParseFile(fset, path, source, parser.ParseComments|parser.SkipObjectResolution)
		if err == nil {
			for _, declaration := range file.Decls {
				if function, is := declaration.(*ast.FuncDecl); is {
					function.Body = nil
				}
			}
		}
		return file, err
	}
	loaded, err := packages.Load(&packages.Config{Context: t.Context(), Dir: root, Tests: tests, Mode: loadMode, ParseFile: withoutBodies}, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// visitFolders reads every folder and every Go file of the module, so that go test knows what the result depends on:
// what go list reads it cannot see, and it would repeat a cached result after a change elsewhere.
func visitFolders(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"bin", "out", "testdata"}, entry.Name())) {
			return filepath.SkipDir
		}
		if !entry.IsDir() && filepath.Ext(path) == ".go" {
			_, err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// drivers returns the engine's packages that touch the outside. The Makefile has the list, because it also decides
// which packages the analyzer looks at.
func drivers(t *testing.T) []string {
	t.Helper()
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(makefile)) {
		if names, is := strings.CutPrefix(line, "DRIVERS :="); is {
			return strings.Fields(names)
		}
	}
	t.Fatal(`the Makefile has no line "DRIVERS := …" that names the engine's driver packages`)
	return nil
}
