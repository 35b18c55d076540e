package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer reports code that a seeded simulation cannot decide; the package documentation lists the rules. Its one
// flag, -tests, includes _test.go files.
var Analyzer = newAnalyzer()

// newAnalyzer returns an analyzer with its own flag set, so that a test can set -tests without changing another test.
func newAnalyzer() *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name: "deterministic",
		Doc: "report code that a seeded simulation cannot decide\n\n" +
			"Goroutines, channels, locks, the wall clock, global randomness, the environment " +
			"and map iteration in an order that can be seen make two runs of one seed differ. " +
			"An exception is a comment //deterministic:allow <reason> on the line or the line above.",
		URL:      "https://pkg.go.dev/github.com/onceover/onceover/cmd/deterministic/analyzer",
		Requires: []*analysis.Analyzer{inspect.Analyzer},
	}
	tests := a.Flags.Bool("tests", false, "check _test.go files too")
	a.Run = func(pass *analysis.Pass) (any, error) {
		c, err := newCheck(pass, *tests)
		if err != nil {
			return nil, err
		}
		c.run()
		return nil, nil
	}
	return a
}

// check is one run of the analyzer over one package.
type check struct {
	pass   *analysis.Pass
	root   inspector.Cursor
	allows []*allowance
	// skipped holds the test files if they are not checked.
	skipped map[*token.File]bool
	// pure caches which functions of the package are pure; see isPureFunc.
	pure map[*types.Func]bool
	// declared maps the functions of the package to their declarations.
	declared map[*types.Func]*ast.FuncDecl
}

// newCheck returns a check with the exceptions and functions of the package.
func newCheck(pass *analysis.Pass, tests bool) (*check, error) {
	c := &check{
		pass:     pass,
		root:     pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root(),
		skipped:  map[*token.File]bool{},
		pure:     map[*types.Func]bool{},
		declared: map[*types.Func]*ast.FuncDecl{},
	}
	for _, file := range pass.Files {
		position := pass.Fset.File(file.FileStart)
		if !tests && strings.HasSuffix(position.Name(), "_test.go") {
			c.skipped[position] = true
			continue
		}
		allows, err := allowances(pass, file)
		if err != nil {
			return nil, err
		}
		c.allows = append(c.allows, allows...)
		for _, declaration := range file.Decls {
			function, isFunc := declaration.(*ast.FuncDecl)
			if !isFunc {
				continue
			}
			if object, known := pass.TypesInfo.Defs[function.Name].(*types.Func); known {
				c.declared[object] = function
			}
		}
	}
	return c, nil
}

// run applies every rule to every file that is not skipped, then checks the exceptions.
func (c *check) run() {
	for cursor := range c.root.Children() {
		file := cursor.Node().(*ast.File)
		if c.skipped[c.pass.Fset.File(file.FileStart)] {
			continue
		}
		c.imports(file)
		for cursor := range cursor.Preorder() {
			c.concurrency(cursor)
			c.functions(cursor)
			c.mapOrder(cursor)
		}
	}
	c.judgeAllowances()
}

// report reports one finding, unless an exception covers its line.
func (c *check) report(at ast.Node, format string, arguments ...any) {
	if c.allowed(at.Pos()) {
		return
	}
	c.pass.ReportRangef(at, format, arguments...)
}
