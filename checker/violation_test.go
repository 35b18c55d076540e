package checker

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// namedBy returns the reviews and owners of a history that are in the key or the sentences of a violation, in order.
func namedBy(v *Violation, history func(*script)) []string {
	s := newScript()
	history(s)
	known := make(map[string]bool)
	for _, record := range s.records {
		record(func(r *Record) {
			known[string(r.Key.Review)], known[string(r.Owner)] = true, true
			if r.JournalOp != nil {
				known[string(r.JournalOp.Owner)] = true
			}
			if r.Row != nil {
				known[string(r.Row.Owner)] = true
			}
			if r.Op != nil {
				known[string(r.Op.Key.Review)], known[string(r.Op.Owner)], known[string(r.Op.Submission.Owner)] = true, true, true
			}
		})
	}
	names := []string{string(v.Key.Review)}
	for _, word := range strings.FieldsFunc(v.Message+v.Detail, func(r rune) bool { return strings.ContainsRune(" ,.:;/()\"\n", r) }) {
		if known[word] {
			names = append(names, word)
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

func TestSubjects(t *testing.T) {
	r := &Record{Key: key("R1", 2)}
	for name, test := range map[string]struct {
		args []any
		want []string
	}{
		"nothing else":                 {[]any{1, "R7", time.Second, nil}, []string{"R1"}},
		"a review and an owner, twice": {[]any{engine.ReviewID("R2"), engine.OwnerID("acme"), engine.ReviewID("R2"), engine.ReviewID("R1")}, []string{"R1", "R2", "acme"}},
		"an attempt":                   {[]any{key("R3", 1)}, []string{"R1", "R3"}},
		"a list":                       {[]any{reviewIDs{"R2", "R1", "R4"}}, []string{"R1", "R2", "R4"}},
		"an operation of the store":    {[]any{&model.ReviewsOp{Key: key("R2", 1), Owner: "acme"}}, []string{"R1", "R2", "acme"}},
		"an answer of the store": {[]any{&model.ReviewsResult{
			Review: engine.Review{Submission: engine.Submission{Review: "R2"}}, Reviews: []engine.Review{{Submission: engine.Submission{Review: "R3"}}},
			Work: engine.Work{Owners: []engine.OwnerID{"acme"}},
		}}, []string{"R1", "R2", "R3", "acme"}},
		"an answer of the journal": {[]any{&model.JournalResult{
			Orchestration: engine.Orchestration{Key: key("R2", 1)}, Leases: []engine.Lease{{Key: key("R4", 1)}},
		}}, []string{"R1", "R2", "R4"}},
		"an operation of the journal": {[]any{&model.JournalOp{Key: key("R2", 1)}}, []string{"R1", "R2"}},
	} {
		if v := violated(r, "", "%v", test.args...); !slices.Equal(v.Subjects, test.want) {
			t.Errorf("%s: subjects %v, want %v", name, v.Subjects, test.want)
		}
	}
}

// Every cause is a declared constant, which is used: nothing makes one of words, or of what has happened.
func TestCausesAreDeclared(t *testing.T) {
	set := token.NewFileSet()
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	declared, used := make(map[string]string), make(map[string]bool)
	check := func(cause ast.Expr) {
		switch cause := cause.(type) {
		case *ast.Ident: // a constant, or a parameter whose argument is checked
		case *ast.CallExpr: // of a function whose results are checked, or of Of
		default:
			t.Errorf("%s: a cause that is not declared: %T", set.Position(cause.Pos()), cause)
		}
	}
	inspect := func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.ValueSpec:
			if kind, is := n.Type.(*ast.Ident); is && kind.Name == "Cause" {
				for i, name := range n.Names {
					value := n.Values[i].(*ast.BasicLit).Value
					if other, taken := declared[value]; taken {
						t.Errorf("%s: %s and %s are both %s", set.Position(n.Pos()), name, other, value)
					}
					declared[value] = name.Name
				}
				return false
			}
		case *ast.Ident:
			used[n.Name] = true
		case *ast.CallExpr:
			if at := map[string]int{"violated": 1, "violatedAbout": 2}[calledName(n)]; at != 0 {
				check(n.Args[at])
			}
		case *ast.KeyValueExpr:
			if field, is := n.Key.(*ast.Ident); is && field.Name == "Cause" {
				if _, isSelector := n.Value.(*ast.SelectorExpr); !isSelector { // of another value with a cause
					check(n.Value)
				}
			}
		case *ast.FuncDecl:
			if n.Type.Results != nil && isCause(n.Type.Results.List[0].Type) && n.Name.Name != "Of" {
				ast.Inspect(n.Body, func(node ast.Node) bool {
					if result, is := node.(*ast.ReturnStmt); is && len(result.Results) > 0 {
						check(result.Results[0])
					}
					return true
				})
			}
		}
		return true
	}
	for _, file := range files {
		ast.Inspect(file, inspect)
	}
	for value, name := range declared {
		if !used[name] {
			t.Errorf("no violation has the cause %s, %s", name, value)
		}
	}
}

func isCause(e ast.Expr) bool {
	kind, is := e.(*ast.Ident)
	return is && kind.Name == "Cause"
}

func calledName(call *ast.CallExpr) string {
	if name, is := call.Fun.(*ast.Ident); is {
		return name.Name
	}
	return "(a method)"
}
