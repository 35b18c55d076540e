package house

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/packages"
)

// prosePatterns are the packages where facts decide. In commands texts come from people and other programs.
var prosePatterns = []string{"./engine/...", "./checker/...", "./faults/...", "./sim/..."}

// TestFactsDecide applies [Prose] to the module.
func TestFactsDecide(t *testing.T) {
	visitFolders(t)
	findings := make(map[string][]string) // by file and function
	for _, p := range load(t, prosePatterns...) {
		for _, d := range findProse(t, p) {
			position := p.Fset.Position(d.Pos)
			place := fromRoot(t, position.Filename) + " " + Function(p.Syntax, d.Pos)
			findings[place] = append(findings[place], fmt.Sprintf("line %d: %s", position.Line, d.Message))
		}
	}
	for _, wrong := range withoutAllowed(findings, allowed) {
		t.Error(wrong)
	}
}

// withoutAllowed returns the findings that are not allowed, by file and function, and the allowances that no finding
// needs or that give no reason.
func withoutAllowed(findings map[string][]string, allowed []allowance) []string {
	var wrong []string
	needed := make(map[string]bool)
	for _, a := range allowed {
		if a.reason == "" {
			wrong = append(wrong, a.file+": allowed without a reason")
		}
		for _, function := range a.functions {
			place := a.file + " " + function
			if findings[place] == nil || needed[place] {
				wrong = append(wrong, place+": has no finding any more, or is allowed twice; delete it from prose_allowed_test.go")
			}
			needed[place] = true
		}
	}
	for _, place := range slices.Sorted(maps.Keys(findings)) {
		for _, finding := range findings[place] {
			if !needed[place] {
				wrong = append(wrong, place+": "+finding+"; if this is right, give the reason in prose_allowed_test.go")
			}
		}
	}
	return wrong
}

func TestWithoutAllowed(t *testing.T) {
	findings := map[string][]string{"a.go f": {"one", "two"}, "a.go g": {"three"}, "b.go f": {"four", "five"}}
	wrong := withoutAllowed(findings, []allowance{
		{"a.go", []string{"f"}, "reads a header"},
		{"a.go", []string{"g", "h"}, "reads a path"},
		{"a.go", []string{"f"}, "reads a header"},
		{"c.go", nil, ""},
	})
	want := []string{
		"a.go h: has no finding", "a.go f: has no finding", "c.go: allowed without a reason", "b.go f: four", "b.go f: five",
	}
	if !slices.EqualFunc(wrong, want, strings.HasPrefix) {
		t.Errorf("wrong:\n\t%s\nwant:\n\t%s", strings.Join(wrong, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestProse runs the rule on code that must be reported, marked with want comments, beside similar code that must not.
func TestProse(t *testing.T) {
	p := load(t, "./cmd/onceover/internal/house/testdata/src/prose")[0]
	quoted := regexp.MustCompile("`([^`]+)`")
	wanted := make(map[string][]string) // by file and line
	for _, file := range p.Syntax {
		for _, group := range file.Comments {
			position := p.Fset.Position(group.Pos())
			place := fmt.Sprintf("%s:%d", position.Filename, position.Line)
			if text, is := strings.CutPrefix(group.List[0].Text, "// want "); is {
				for _, match := range quoted.FindAllStringSubmatch(text, -1) {
					wanted[place] = append(wanted[place], match[1])
				}
			}
		}
	}
	functions := make(map[string]bool)
	for _, d := range findProse(t, p) {
		position := p.Fset.Position(d.Pos)
		place := fmt.Sprintf("%s:%d", position.Filename, position.Line)
		i := slices.IndexFunc(wanted[place], func(want string) bool { return strings.HasPrefix(d.Message, want) })
		if i < 0 {
			t.Errorf("%s: %s, want %q", place, d.Message, wanted[place])
			continue
		}
		wanted[place] = slices.Delete(wanted[place], i, i+1)
		functions[Function(p.Syntax, d.Pos)] = true
	}
	for place, left := range wanted {
		for _, want := range left {
			t.Errorf("%s: no finding %q", place, want)
		}
	}
	want := []string{"compared", "explanations", "kind.parse", "made", "matching", "named", "pattern"}
	if got := slices.Sorted(maps.Keys(functions)); !slices.Equal(got, want) {
		t.Errorf("functions with findings: %q, want %q", got, want)
	}
}

// findProse runs [Prose] on a package.
func findProse(t *testing.T, p *packages.Package) []analysis.Diagnostic {
	t.Helper()
	var found []analysis.Diagnostic
	pass := &analysis.Pass{
		Analyzer: Prose, Fset: p.Fset, Files: p.Syntax, Pkg: p.Types, TypesInfo: p.TypesInfo,
		Report: func(d analysis.Diagnostic) { found = append(found, d) },
	}
	if _, err := Prose.Run(pass); err != nil {
		t.Fatal(err)
	}
	return found
}
