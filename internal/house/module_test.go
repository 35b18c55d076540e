package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module = "github.com/onceover/onceover"
	root   = "../.."
)

// TestImportsPointOneWay applies the rules to the module itself.
func TestImportsPointOneWay(t *testing.T) {
	for _, violation := range Check(module, list(t), Rules(drivers(t))) {
		t.Error(violation)
	}
}

// TestSourceStandsInItsFolders keeps new top-level folders a decision.
func TestSourceStandsInItsFolders(t *testing.T) {
	top := []string{"engine", "sim", "faults", "checker", "cmd", "internal"}
	for _, path := range Places(module, list(t), top) {
		t.Errorf("%s stands outside %s, the only folders that hold source", path, strings.Join(top, ", "))
	}
}

// TestModuleIsTidy applies the house rules to every package of the module.
func TestModuleIsTidy(t *testing.T) {
	documented := []string{"./engine/...", "./sim/...", "./checker/...", "./faults/...", "./cmd/onceover/internal/..."}
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list(t) {
		var files []File
		for _, name := range slices.Concat(p.GoFiles, p.IgnoredGoFiles, p.TestGoFiles, p.XTestGoFiles) {
			path := filepath.Join(p.Dir, name)
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			shown, err := filepath.Rel(absolute, path)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, File{Path: shown, Source: source})
		}
		found, err := Tidy(files, matchesAny(documented, relative(module, p.ImportPath)))
		if err != nil {
			t.Error(err)
		}
		for _, finding := range found {
			t.Error(finding)
		}
	}
}

// list returns the packages of the module.
func list(t *testing.T) []Package {
	t.Helper()
	visitFolders(t)
	command := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Name,Dir,Imports,GoFiles,TestGoFiles,XTestGoFiles,IgnoredGoFiles", "./...")
	command.Dir = root
	var told bytes.Buffer
	command.Stderr = &told
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, told.String())
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

// visitFolders reads every folder and every Go file of the module, so that go
// test knows what the result depends on: what go list reads it cannot see, and
// it would repeat a cached result after a change elsewhere.
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

// drivers returns the engine's packages that touch the outside. The Makefile
// has the list, because it also decides which packages the analyzer looks at.
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
