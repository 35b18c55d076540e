package world_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// TestSimplificationsCoverEveryDecision watches what is decided in runs of all profiles: a decision that belongs to no
// simplification could not be made simple, and one that belongs to two would be made simple twice.
func TestSimplificationsCoverEveryDecision(t *testing.T) {
	w := world.New()
	defer w.Close()
	all := world.Vocabulary().Simplifications
	met := make([]bool, len(all))
	known := map[string]bool{}
	overHTTP := kernel.Override{Key: kernel.Key{Actor: "world", Operation: "plan.http"}, Value: 1<<64 - 1}
	storms := kernel.Override{Key: kernel.Key{Actor: "world", Operation: "plan.storms"}, Value: 1<<64 - 1}
	for _, profile := range faults.Profiles() {
		for seed := range uint64(150) {
			spec := run.Spec{Seed: seed, Profile: profile.Name}
			if seed%3 == 0 {
				spec.Overrides = []kernel.Override{overHTTP}
			}
			if seed == 1 {
				spec.Overrides = []kernel.Override{storms}
			}
			spec.OnDecision = func(key kernel.Key, _ uint64) {
				if known[key.Operation] {
					return
				}
				known[key.Operation] = true
				var of []string
				for i := range all {
					if all[i].Simplifies(key) {
						met[i] = true
						of = append(of, all[i].Operation)
					}
				}
				if mix := strings.HasPrefix(key.Operation, "mix."); len(of) != 1 && !mix || len(of) != 0 && mix {
					t.Errorf("%s belongs to the simplifications %q", key, of)
				}
			}
			w.Run(spec)
		}
	}
	for i, m := range met {
		if !m {
			t.Errorf("no run has decided about %s", all[i].Operation)
		}
	}
}

// TestDecisionsAreDeclaredWithTheirAspect looks at the source for what no run may happen to come to: whatever an actor
// decides on is declared by one of the functions for that, and [kernel.NewPoint] makes names of events and notes alone.
func TestDecisionsAreDeclaredWithTheirAspect(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	named, decided := map[string]bool{}, map[string]bool{} // variables
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		syntax, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ValueSpec:
				for i, value := range n.Values {
					if call, ok := value.(*ast.CallExpr); ok && called(call) == "NewPoint" {
						named[n.Names[i].Name] = true
					}
				}
			case *ast.KeyValueExpr: // of a link
				if key, ok := n.Key.(*ast.Ident); ok && key.Name == "decides" {
					decided[n.Value.(*ast.Ident).Name] = true
				}
			case *ast.CallExpr:
				switch called(n) {
				case "Draw", "Chance", "Pick", "Between", "Latency":
					if op, ok := n.Args[min(1, len(n.Args)-1)].(*ast.Ident); ok {
						decided[op.Name] = true
					}
				}
			}
			return true
		})
	}
	if len(named) < 20 || len(decided) < 60 {
		t.Errorf("found %d names and %d decisions: are they written in another way now?", len(named), len(decided))
	}
	for op := range decided {
		if named[op] {
			t.Errorf("%s is decided on, and belongs to no aspect: declare it by a function of decision.go", op)
		}
	}
}

// called is the name of the function or method that a call is of.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// TestSimplestRun is what is left when all that can be made simple is.
func TestSimplestRun(t *testing.T) {
	w := world.New()
	defer w.Close()
	var overrides []kernel.Override
	for _, s := range world.Vocabulary().Simplifications {
		if s.Operation != "client.comes" {
			overrides = append(overrides, kernel.Override{Key: s.Class(), Value: s.Value})
		}
	}
	for seed := range uint64(20) {
		spec := run.Spec{Seed: seed, Profile: "storm", Overrides: overrides}
		spec.Trace = func(line run.Line) {
			if line.Misfortune() {
				t.Errorf("seed %d: %s %s", seed, line.Actor, line.Text)
			}
		}
		outcome := w.Run(spec)
		if total := outcome.Faults.Total(); outcome.Violation != nil || total != 0 {
			t.Errorf("seed %d: %d faults, %v", seed, total, outcome.Violation)
		}
	}
}
