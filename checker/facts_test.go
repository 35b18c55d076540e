package checker

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Facts are written by the code in the file of their subject and by nothing else, and properties only read them.
func TestFactsAreWrittenByTheirOwnCode(t *testing.T) {
	found, writes := judgeWrites(t, "", "")
	for _, finding := range found {
		t.Error(finding)
	}
	if writes < 100 {
		t.Errorf("found %d writes of facts in all: the test does not see what it is to judge", writes)
	}
}

// Each line that ends in "// wrong" is one that the test has to find.
func TestWritesOfOthersAreFound(t *testing.T) {
	const property = `package checker

func checkBadly(f *facts, r *Record) *Violation {
	f.phase = r.Phase // wrong
	f.review.row.Attempt++ // wrong
	v := f.review
	v.live, v.retries = 1, v.retries + 1 // wrong
	row := &v.row
	row.Attempt = 2 // wrong
	for i := range v.claims {
		c := &v.claims[i]
		c.used = true // wrong
	}
	*f.attempt.find(r.Actor, r.Life) = hostFacts{} // wrong
	noProcess = processFacts{life: 1} // wrong
	delete(f.index, r.Key.Review) // wrong
	v.claims.granted(r) // wrong
	f.attempt.host(r) // wrong
	made := claimFacts{token: 7} // wrong
	made.heldBy(r)
	good := &Violation{At: r.At}
	n := 0
	n++
	return good
}
`
	const subject = `package checker

type badFacts struct{ n int }

func (b *badFacts) apply(f *facts) {
	b.n++
	f.review.claims.granted(nil)
	f.review.live++ // wrong
	f.attempt.row.Epoch++ // wrong
	f.reviews = nil // wrong
}
`
	for name, source := range map[string]string{"property_bad.go": property, "facts_bad.go": subject} {
		found, _ := judgeWrites(t, name, source)
		var got, want []string
		for i, line := range strings.Split(source, "\n") {
			if strings.HasSuffix(line, "// wrong") {
				want = append(want, fmt.Sprintf("%s:%d", name, i+1))
			}
		}
		for _, finding := range found {
			at := finding[:strings.LastIndex(finding, ": ")]
			if len(got) == 0 || got[len(got)-1] != at {
				got = append(got, at)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("found %q, want %q", got, want)
		}
	}
}

// writeJudge looks at the writes of one package. Facts are the structs that are declared in facts.go and facts_*.go.
type writeJudge struct {
	fset    *token.FileSet
	info    types.Info
	scope   *types.Scope
	writers map[types.Object]bool // functions of the facts that write them
	found   []string
	writes  int // of facts
}

// judgeWrites returns what is wrong with the writes of the package, with another file added to it if that has a name,
// and how many writes of facts there are.
func judgeWrites(t *testing.T, added, source string) (found []string, writes int) {
	t.Helper()
	j := &writeJudge{
		fset: token.NewFileSet(),
		info: types.Info{
			Uses: make(map[*ast.Ident]types.Object), Defs: make(map[*ast.Ident]types.Object),
			Types: make(map[ast.Expr]types.TypeAndValue), Selections: make(map[*ast.SelectorExpr]*types.Selection),
		},
		writers: make(map[types.Object]bool),
	}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(j.fset, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if added != "" {
		file, err := parser.ParseFile(j.fset, added, source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	// What other packages declare is of no interest, so they are not loaded.
	config := types.Config{Importer: nothing{}, Error: func(error) {}}
	pkg, _ := config.Check("checker", j.fset, files, &j.info)
	j.scope = pkg.Scope()
	for changed := true; changed; {
		changed = j.markWriters(files)
	}
	for _, file := range files {
		j.judge(file)
	}
	return j.found, j.writes
}

// nothing imports empty packages.
type nothing struct{}

func (nothing) Import(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, path[strings.LastIndex(path, "/")+1:])
	pkg.MarkComplete()
	return pkg, nil
}

// ofFacts reports whether a file is one of the facts.
func ofFacts(file string) bool { return file == "facts.go" || strings.HasPrefix(file, "facts_") }

func (j *writeJudge) file(at token.Pos) string { return j.fset.Position(at).Filename }

// written returns the expressions that a node writes.
func (j *writeJudge) written(n ast.Node) (list []ast.Expr) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			list = n.Lhs
		}
	case *ast.IncDecStmt:
		list = []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			list = []ast.Expr{n.Key, n.Value}
		}
	case *ast.CallExpr:
		if name, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"clear", "delete", "copy"}, name.Name) {
			list = n.Args[:1]
		}
	}
	return slices.DeleteFunc(list, func(e ast.Expr) bool { return e == nil })
}

// owner returns the file of the facts that a written expression is part of, or "". Local: it begins with a local
// variable.
func (j *writeJudge) owner(e ast.Expr) (owner string, local bool) {
	note := func(at token.Pos) {
		if file := j.file(at); owner == "" && ofFacts(file) {
			owner = file
		}
	}
	noteType := func(e ast.Expr) {
		if named, ok := types.Unalias(j.info.TypeOf(e)).(*types.Named); ok && named.Obj().Pkg() == j.scope.Lookup("facts").Pkg() {
			note(named.Obj().Pos())
		}
	}
	for {
		switch x := e.(type) {
		case *ast.Ident:
			object := j.info.ObjectOf(x)
			if global := object != nil && object.Parent() == j.scope; global {
				note(object.Pos())
				return owner, false
			}
			return owner, true
		case *ast.SelectorExpr:
			if s := j.info.Selections[x]; s != nil {
				note(s.Obj().Pos())
			}
			e = x.X
		case *ast.StarExpr:
			noteType(x)
			e = x.X
		case *ast.IndexExpr:
			noteType(x.X)
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return owner, false
		}
	}
}

// ownVariable reports whether a written expression is a local variable as a whole.
func (j *writeJudge) ownVariable(e ast.Expr) bool {
	_, plain := e.(*ast.Ident)
	_, local := j.owner(e)
	return plain && local
}

// markWriters marks functions of the facts that write some, or call one that does, and reports whether it has marked
// any.
func (j *writeJudge) markWriters(files []*ast.File) (changed bool) {
	for _, file := range files {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || !ofFacts(j.file(function.Pos())) || j.writers[j.info.Defs[function.Name]] {
				continue
			}
			ast.Inspect(function, func(n ast.Node) bool {
				writes := j.callsWriter(n)
				for _, e := range j.written(n) {
					writes = writes || !j.ownVariable(e)
				}
				if writes {
					j.writers[j.info.Defs[function.Name]], changed = true, true
				}
				return true
			})
		}
	}
	return changed
}

func (j *writeJudge) callsWriter(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return j.writers[j.info.ObjectOf(f)]
	case *ast.SelectorExpr:
		return j.writers[j.info.ObjectOf(f.Sel)]
	}
	return false
}

func (j *writeJudge) judge(file *ast.File) {
	name := j.file(file.Package)
	reads := strings.HasPrefix(name, "property_") || name == "goals_observe.go"
	wrong := func(n ast.Node, what string) {
		at := j.fset.Position(n.Pos())
		j.found = append(j.found, fmt.Sprintf("%s:%d: %s", at.Filename, at.Line, what))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		for _, e := range j.written(n) {
			owner, _ := j.owner(e)
			if owner != "" {
				j.writes++
			}
			switch {
			case owner != "" && owner != name:
				wrong(n, "writes facts of "+owner)
			case reads && !j.ownVariable(e):
				wrong(n, "writes more than a variable of its own")
			}
		}
		if literal, ok := n.(*ast.CompositeLit); ok && len(literal.Elts) > 0 {
			if named, ok := types.Unalias(j.info.TypeOf(literal)).(*types.Named); ok && ofFacts(j.file(named.Obj().Pos())) && j.file(named.Obj().Pos()) != name {
				wrong(n, "makes facts of "+j.file(named.Obj().Pos()))
			}
		}
		if j.callsWriter(n) && !ofFacts(name) && name != "monitor.go" {
			wrong(n, "calls code that writes facts")
		}
		return true
	})
}
