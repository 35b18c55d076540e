package mutants

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sources returns the tree that the tests stand in.
func sources(t *testing.T) overlay.Tree {
	t.Helper()
	tree, err := overlay.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func generate(t *testing.T, scopes ...Scope) []Mutant {
	t.Helper()
	tree := sources(t)
	mutants, err := Generate(t.Context(), tree.Root(), scopes, tree.Read)
	if err != nil {
		t.Fatal(err)
	}
	return mutants
}

// operatorsScope is the source that shows what each operator does.
func operatorsScope() Scope {
	return Scope{Name: "operators", Directory: "cmd/onceover/internal/mutants/testdata/operators", Files: []string{"operators.go"}}
}

func TestOperators(t *testing.T) {
	var text strings.Builder
	used := make(map[string]bool)
	for _, m := range generate(t, operatorsScope()) {
		used[m.Operator] = true
		fmt.Fprintf(&text, "%s %s\n\t%s\n", m.Function, m.Operator, m.Change())
		if m.Refused != "" {
			fmt.Fprintf(&text, "\trefused: %s\n", m.Refused)
		}
	}
	golden := filepath.Join("testdata", "operators", "mutants.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != string(want) {
		t.Errorf("the mutants are others than those of %s; run with -update if that is meant:\n%s", golden, text.String())
	}
	for _, operator := range Operators() {
		if !used[operator.Name] {
			t.Errorf("operator %s has no example", operator.Name)
		}
		if operator.Sentence == "" {
			t.Errorf("operator %s has no sentence", operator.Name)
		}
	}
}

// TestEquivalents holds the committed list against today's sources. What takes too long for a test is whether the
// mutants survive; make mutants does.
func TestEquivalents(t *testing.T) {
	list, err := Equivalents()
	if err != nil {
		t.Fatal(err)
	}
	mutants := generate(t, Scopes()...)
	for _, entry := range Unmatched(list, mutants) {
		t.Errorf("%s:%d: %s is no mutant of today's sources; see mutants --list for those that are", EquivalentsFile, entry.Line, entry.ID)
	}
	refused := make(map[string]bool)
	for _, m := range mutants {
		refused[m.ID()] = m.Refused != ""
	}
	for _, entry := range list {
		if refused[entry.ID] {
			t.Errorf("%s:%d: %s does not compile, so it needs no argument", EquivalentsFile, entry.Line, entry.ID)
		}
	}
}

func TestIdentitiesAreUniqueAndAlwaysTheSame(t *testing.T) {
	names := func() []string {
		var names []string
		for _, m := range generate(t, Scopes()...) {
			names = append(names, m.ID())
		}
		return names
	}
	first := names()
	if second := names(); !slices.Equal(first, second) {
		t.Error("generated twice, the mutants differ")
	}
	slices.Sort(first)
	if n := len(slices.Compact(slices.Clone(first))); n != len(first) {
		t.Errorf("%d mutants have %d identities", len(first), n)
	}
	for _, name := range first {
		if strings.ContainsAny(name, "\n\t") || strings.TrimSpace(name) != name {
			t.Errorf("%q is no line of a list", name)
		}
	}
}

// TestIdentitiesSurviveEditsElsewhere moves a function down and expects its mutants to keep their names.
func TestIdentitiesSurviveEditsElsewhere(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/moved\n\ngo 1.26\n")
	const function = "func f(a, b int) bool { return a < b || a == 7 }\n"
	mutants := func(text string) (ids []string, lines []int) {
		t.Helper()
		write("moved.go", text)
		read := func(path string) (string, error) {
			content, err := os.ReadFile(filepath.Join(dir, path))
			return string(content), err
		}
		all, err := Generate(context.Background(), dir, []Scope{{Name: "moved", Directory: ".", Files: []string{"moved.go"}}}, read)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			ids, lines = append(ids, m.ID()), append(lines, m.Line)
		}
		return ids, lines
	}
	before, linesBefore := mutants("package moved\n\n" + function)
	after, linesAfter := mutants("package moved\n\n// More is new.\nvar More = 1\n\n" + function)
	if len(before) == 0 || !slices.Equal(before, after) {
		t.Errorf("identities before\n\t%s\nand after\n\t%s", strings.Join(before, "\n\t"), strings.Join(after, "\n\t"))
	}
	if slices.Equal(linesBefore, linesAfter) {
		t.Errorf("the function was to move, but its mutants stay in lines %v", linesBefore)
	}
}

func TestScopesFollowTheSources(t *testing.T) {
	tree := sources(t)
	for _, scope := range Scopes() {
		_, files, err := load(t.Context(), tree.Root(), &scope, tree.Read)
		if err != nil {
			t.Fatal(err)
		}
		functions := make(map[string]bool)
		for _, f := range files {
			for _, d := range f.functions() {
				functions[d.name] = true
				if receiver, _, is := strings.Cut(d.name, "."); is {
					functions[receiver+"."] = true
				}
			}
		}
		for name, reason := range scope.Spared {
			if !functions[name] {
				t.Errorf("scope %s spares %s, which is not there", scope.Name, name)
			}
			if reason == "" {
				t.Errorf("scope %s spares %s for no reason", scope.Name, name)
			}
		}
	}
}

// TestEveryFileIsMutated checks that each file of the production code is in one scope, or excused with a reason.
func TestEveryFileIsMutated(t *testing.T) {
	root := sources(t).Root()
	excused := Excused()
	for _, directory := range []string{"engine", "engine/httpapi", "engine/live", "engine/postgres"} {
		entries, err := os.ReadDir(filepath.Join(root, filepath.FromSlash(directory)))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			name := entry.Name()
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			file := directory + "/" + name
			var in []string
			for _, scope := range AllScopes() {
				if scope.Directory == directory && scope.covers(name) {
					in = append(in, scope.Name)
				}
			}
			if reason, is := excused[file]; is {
				if reason == "" || len(in) > 0 {
					t.Errorf("%s is excused with reason %q, and in scopes %q", file, reason, in)
				}
				delete(excused, file)
			} else if len(in) != 1 {
				t.Errorf("%s is in scopes %q; want it in one, or excused", file, in)
			}
		}
	}
	for file := range excused {
		t.Errorf("%s is excused, and is no file", file)
	}
}
