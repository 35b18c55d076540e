package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
)

// purePackages are packages of the standard library. Their functions give the same result for the same arguments and do
// nothing else. Functions with an iterator or a function as an argument are checked by that argument: a function
// literal is never pure.
var purePackages = map[string]bool{
	"bytes": true, "cmp": true, "errors": true, "maps": true, "math": true, "math/bits": true,
	"path": true, "slices": true, "strconv": true, "strings": true,
	"unicode": true, "unicode/utf8": true,
}

// changesArgument holds the functions of pure packages that write to their argument.
var changesArgument = map[string]bool{
	"maps.Copy": true, "maps.DeleteFunc": true, "maps.Insert": true,
	"slices.Sort": true, "slices.SortFunc": true, "slices.SortStableFunc": true, "slices.Reverse": true,
	"slices.Delete": true, "slices.DeleteFunc": true, "slices.Insert": true, "slices.Replace": true,
	"slices.Compact": true, "slices.CompactFunc": true,
}

// impure returns the first part of e that may do more than compute a value from what it reads, or nil. The second
// result describes it.
func (c *check) impure(e ast.Node) (ast.Node, string) {
	var found ast.Node
	why := ""
	ast.Inspect(e, func(n ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			found, why = n, "a function literal"
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found, why = n, "a receive"
			}
		case *ast.CallExpr:
			if !c.isPureCall(n) {
				found, why = n, "a call of "+types.ExprString(n.Fun)
			}
		}
		return found == nil
	})
	return found, why
}

// isPureCall reports whether the call itself only computes a value. Its arguments are checked separately.
func (c *check) isPureCall(call *ast.CallExpr) bool {
	if c.isConversion(call) {
		return true
	}
	for _, name := range []string{"len", "cap", "min", "max", "append", "make", "new", "complex", "real", "imag"} {
		if isBuiltin(c.pass.TypesInfo, call.Fun, name) {
			return true
		}
	}
	function := c.callee(call)
	if function == nil || function.Pkg() == nil {
		return false
	}
	path := function.Pkg().Path()
	if receiver := function.Signature().Recv(); receiver != nil {
		if path == "time" {
			_, byValue := types.Unalias(receiver.Type()).(*types.Named)
			return byValue // methods of Time, Duration, Month; not of *Timer
		}
		return path == c.pass.Pkg.Path() && c.isPureFunc(function)
	}
	switch {
	case path == "fmt":
		return function.Name() == "Sprint" || function.Name() == "Sprintf" || function.Name() == "Sprintln" || function.Name() == "Errorf"
	case path == "time":
		return function.Name() == "Unix" || function.Name() == "UnixMilli" || function.Name() == "Date"
	case purePackages[path]:
		return !changesArgument[path+"."+function.Name()]
	}
	return path == c.pass.Pkg.Path() && c.isPureFunc(function)
}

// isPureFunc reports whether a function of the package under analysis consists only of pure expressions and decisions
// between them, such as Status.Terminal. A recursive function does not count.
func (c *check) isPureFunc(function *types.Func) bool {
	function = function.Origin()
	if pure, known := c.pure[function]; known {
		return pure
	}
	c.pure[function] = false // until shown otherwise, so that recursion ends
	declaration := c.declared[function]
	if declaration == nil || declaration.Body == nil {
		return false
	}
	c.pure[function] = c.arePureStatements(declaration.Body.List)
	return c.pure[function]
}

// arePureStatements reports whether the statements only define, decide and return.
func (c *check) arePureStatements(statements []ast.Stmt) bool {
	for _, statement := range statements {
		if !c.isPureStatement(statement) {
			return false
		}
	}
	return true
}

// isPureStatement is arePureStatements for one statement.
func (c *check) isPureStatement(statement ast.Stmt) bool {
	pure := func(e ast.Expr) bool {
		if e == nil {
			return true
		}
		found, _ := c.impure(e)
		return found == nil
	}
	allPure := func(list []ast.Expr) bool {
		for _, e := range list {
			if !pure(e) {
				return false
			}
		}
		return true
	}
	switch s := statement.(type) {
	case nil:
		return true
	case *ast.ReturnStmt:
		return allPure(s.Results)
	case *ast.AssignStmt:
		return s.Tok == token.DEFINE && allPure(s.Rhs)
	case *ast.BlockStmt:
		return c.arePureStatements(s.List)
	case *ast.IfStmt:
		return c.isPureStatement(s.Init) && pure(s.Cond) && c.isPureStatement(s.Body) && c.isPureStatement(s.Else)
	case *ast.SwitchStmt:
		return c.isPureStatement(s.Init) && pure(s.Tag) && c.isPureStatement(s.Body)
	case *ast.CaseClause:
		return allPure(s.List) && c.arePureStatements(s.Body)
	}
	return false
}
