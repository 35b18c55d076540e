package house

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// prosePatterns are the packages where facts decide. In commands texts come from people and other programs.
var prosePatterns = []string{"./engine/...", "./checker/...", "./faults/...", "./sim/..."}

// TestFactsDecide applies [Prose] to the module.
func TestFactsDecide(t *testing.T) {
	visitFolders(t)
	findings := make(map[string][]string) // by file and function
	for _, p := range load(t, false, prosePatterns...) {
		pass := &analysis.Pass{Analyzer: Prose, Fset: p.Fset, Files: p.Syntax, Pkg: p.Types, TypesInfo: p.TypesInfo}
		pass.Report = func(d analysis.Diagnostic) {
			position := p.Fset.Position(d.Pos)
			place := fromRoot(t, position.Filename) + " " + Function(p.Syntax, d.Pos)
			findings[place] = append(findings[place], fmt.Sprintf("line %d: %s", position.Line, d.Message))
		}
		if _, err := Prose.Run(pass); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range allowed {
		if a.reason == "" {
			t.Errorf("%s: allowed without a reason", a.file)
		}
		for _, function := range a.functions {
			place := a.file + " " + function
			if findings[place] == nil {
				t.Errorf("%s: has no finding any more, or is allowed twice; delete it from the list of allowed places", place)
			}
			delete(findings, place)
		}
	}
	found := make(debt)
	for place, all := range findings {
		found[place] = len(all)
	}
	for _, place := range judge(t, "prose", found) {
		for _, finding := range findings[place] {
			t.Errorf("%s: %s", place, finding)
		}
	}
}

// TestProse runs the rule on code that must be reported, marked with want comments, beside the like of it that must
// not.
func TestProse(t *testing.T) {
	names := make(map[string]bool)
	for _, result := range analysistest.Run(t, analysistest.TestData(), Prose, "prose") {
		for _, d := range result.Diagnostics {
			names[Function(result.Pass.Files, d.Pos)] = true
		}
	}
	want := []string{"compared", "explanations", "kind.parse", "made", "matching", "named", "pattern"}
	if got := slices.Sorted(maps.Keys(names)); !slices.Equal(got, want) {
		t.Errorf("functions with findings: %q, want %q", got, want)
	}
}
