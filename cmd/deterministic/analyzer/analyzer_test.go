package analyzer

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

// TestRules runs the analyzer on the packages under testdata. They contain code that must be reported, marked with a
// want comment, beside similar code that must not.
func TestRules(t *testing.T) {
	for _, name := range []string{
		"concurrency",
		"imports",
		"clock",
		"contexts",
		"random",
		"machine",
		"mapseen",
		"mapunseen",
		"iterators",
		"exceptions",
		"testfiles",
	} {
		t.Run(name, func(t *testing.T) {
			analysistest.Run(t, analysistest.TestData(), Analyzer, name)
		})
	}
}

func TestTestsFlagIncludesTestFiles(t *testing.T) {
	including := newAnalyzer()
	if err := including.Flags.Set("tests", "true"); err != nil {
		t.Fatal(err)
	}
	analysistest.Run(t, analysistest.TestData(), including, "testfilesincluded")
}

func TestForbiddenImport(t *testing.T) {
	for path, forbidden := range map[string]bool{
		"sync":                         true,
		"golang.org/x/sync/errgroup":   true,
		"golang.org/x/sync/a/b":        true,
		"golang.org/x/syncing":         false,
		"synctest":                     false,
		"example.com/golang.org/x/net": false,
	} {
		if got := forbiddenImport(path) != ""; got != forbidden {
			t.Errorf("forbiddenImport(%q) = %v, want %v", path, got, forbidden)
		}
	}
}
