package house

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// A Go file has at least [FileLinesMin] lines, so that what belongs together stands together, and at most
// [FileLinesMax], so that a file has one subject.
const (
	FileLinesMin = 40
	FileLinesMax = 500
)

// Size returns the files of one package that are too long or too short, each with the reason. A file may be short if it
// is
//
//   - the comment of the package, doc.go
//   - one of several for different systems: it has a build constraint, or the name of a system in its own
//   - an example, which documentation shows as a file; export_test.go, which opens a package to its tests; or
//     contract_test.go, which runs a suite of package enginetest
//   - all the production code of its package, or all its tests
func Size(files []File) map[string]string {
	wrong := make(map[string]string)
	for _, file := range files {
		lines := bytes.Count(file.Source, []byte("\n"))
		switch {
		case lines > FileLinesMax:
			wrong[file.Path] = fmt.Sprintf("has %d lines, at most %d are allowed: give each subject a file of its own", lines, FileLinesMax)
		case lines < FileLinesMin && !mayBeShort(file, files):
			wrong[file.Path] = fmt.Sprintf("has %d lines, at least %d are needed: put it with what it belongs to", lines, FileLinesMin)
		}
	}
	return wrong
}

// mayBeShort reports whether a file may be short.
func mayBeShort(file File, of []File) bool {
	name := filepath.Base(file.Path)
	if name == "doc.go" || name == "export_test.go" || name == "contract_test.go" || strings.HasPrefix(name, "example_") || isConstrained(file) {
		return true
	}
	return !slices.ContainsFunc(of, func(other File) bool {
		return other.Path != file.Path && isTest(other.Path) == isTest(file.Path) && filepath.Base(other.Path) != "doc.go"
	})
}

// isConstrained reports whether a file is built for some systems only.
func isConstrained(file File) bool {
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(file.Path), ".go"), "_test")
	for _, system := range []string{"darwin", "linux", "unix", "windows"} {
		if strings.HasSuffix(name, "_"+system) {
			return true
		}
	}
	before, _, _ := bytes.Cut(file.Source, []byte("\npackage "))
	return bytes.HasPrefix(before, []byte("//go:build ")) || bytes.Contains(before, []byte("\n//go:build "))
}
