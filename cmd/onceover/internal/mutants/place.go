package mutants

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A place is a node of a function, with what operators ask about it.
type place struct {
	file     *file
	original *declaration
	node     ast.Node
	parents  []ast.Node // outermost first
	operator string
	emit     func(*Mutant)
}

// A splice replaces the bytes of a file from one position up to another.
type splice struct {
	from, to token.Pos
	text     string
}

func (p *place) parent() ast.Node { return p.parents[len(p.parents)-1] }

// text is the source of a node.
func (p *place) text(n ast.Node) string { return p.file.slice(n.Pos(), n.End()) }

func (p *place) typeOf(e ast.Expr) types.Type { return p.file.info.TypeOf(e) }

// mutate emits a mutant: splices, and what they change in words. shown is where a reader should look.
func (p *place) mutate(shown ast.Node, before, after string, splices ...splice) {
	slices.SortFunc(splices, func(a, b splice) int { return cmp.Compare(a.from, b.from) })
	var text strings.Builder
	last := p.original.node.Pos()
	for _, s := range splices {
		text.WriteString(p.file.slice(last, s.from))
		text.WriteString(s.text)
		last = s.to
	}
	text.WriteString(p.file.slice(last, p.original.node.End()))
	p.emit(&Mutant{
		File: p.file.path, Function: p.original.name, Operator: p.operator,
		Before: snippet(before), After: snippet(after),
		Line: p.file.line(shown.Pos()), original: p.original, declaration: text.String(),
	})
}

// replace emits the mutant in which a node is another text.
func (p *place) replace(n ast.Node, text string) {
	p.mutate(n, p.text(n), text, splice{n.Pos(), n.End(), text})
}

// drop emits the mutant without a statement that stands in a list.
func (p *place) drop(statement ast.Stmt) {
	p.mutate(statement, p.text(statement), "",
		splice{statement.Pos(), statement.End(), p.uses(statement, statement.Pos())})
}

// uses returns a statement that uses the variables which occur in n and are declared before a position, or nothing if
// there are none. It stands where n was left out: Go refuses a variable that nothing uses.
func (p *place) uses(n ast.Node, before token.Pos) string {
	var names []string
	ast.Inspect(n, func(n ast.Node) bool {
		name, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		v, ok := p.file.info.Uses[name].(*types.Var)
		if ok && !v.IsField() && v.Parent() != nil && v.Parent() != v.Pkg().Scope() && v.Pos() < before &&
			!slices.Contains(names, name.Name) {
			names = append(names, name.Name)
		}
		return true
	})
	if len(names) == 0 {
		return ""
	}
	return strings.Repeat("_, ", len(names)-1) + "_ = " + strings.Join(names, ", ")
}

// replaceInside emits the mutant in which an expression is another text, and the variables that it used are used in
// front of the statement around it.
func (p *place) replaceInside(shown ast.Node, before, after string, n ast.Expr, text string) {
	splices := []splice{{n.Pos(), n.End(), text}}
	if statement := p.statement(); statement != nil {
		if uses := p.uses(n, statement.Pos()); uses != "" {
			splices = append(splices, splice{statement.Pos(), statement.Pos(), uses + "; "})
		}
	}
	p.mutate(shown, before, after, splices...)
}

// statement returns the innermost statement around the node, the node included, that stands in a list.
func (p *place) statement() ast.Stmt {
	nodes := append(slices.Clone(p.parents), p.node)
	for i := len(nodes) - 1; i > 0; i-- {
		statement, ok := nodes[i].(ast.Stmt)
		if !ok {
			continue
		}
		switch nodes[i-1].(type) {
		case *ast.BlockStmt, *ast.CaseClause:
			if _, isCase := statement.(*ast.CaseClause); !isCase {
				return statement
			}
		}
	}
	return nil
}

// isError reports whether an expression is of type error.
func (p *place) isError(e ast.Expr) bool {
	t := p.typeOf(e)
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

func (p *place) isNil(e ast.Expr) bool {
	name, ok := ast.Unparen(e).(*ast.Ident)
	return ok && p.file.info.Uses[name] == types.Universe.Lookup("nil")
}

func (p *place) isBool(e ast.Expr) bool { return p.isBasic(e, types.IsBoolean) }

func (p *place) isInteger(e ast.Expr) bool { return p.isBasic(e, types.IsInteger) }

func (p *place) isBasic(e ast.Expr, of types.BasicInfo) bool {
	t := p.typeOf(e)
	if t == nil {
		return false
	}
	basic, ok := t.Underlying().(*types.Basic)
	return ok && basic.Info()&of != 0
}

// isNamed reports whether an expression is of a type with one of these names, in any package.
func (p *place) isNamed(e ast.Expr, names ...string) bool {
	t := p.typeOf(e)
	if t == nil {
		return false
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && slices.Contains(names, named.Obj().Name())
}

func (p *place) isConstant(e ast.Expr) bool { return p.file.info.Types[e].Value != nil }

// isLiteral reports whether an expression is that number, written out.
func (p *place) isLiteral(e ast.Expr, n int64) bool {
	_, ok := ast.Unparen(e).(*ast.BasicLit)
	return ok && p.isConstant(e) && constant.Compare(p.file.info.Types[e].Value, token.EQL, constant.MakeInt64(n))
}

// comparesError returns the comparison of an error with nil that an expression is, or nil.
func (p *place) comparesError(e ast.Expr) *ast.BinaryExpr {
	c, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok || (c.Op != token.EQL && c.Op != token.NEQ) || !p.isNil(c.Y) || !p.isError(c.X) {
		return nil
	}
	return c
}

// callee returns the last name of what a call calls: Close of stream.Close().
func callee(call *ast.CallExpr) string {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	default:
		return ""
	}
}

// isConversion reports whether a call only converts its operand.
func (p *place) isConversion(call *ast.CallExpr) bool {
	return p.file.info.Types[call.Fun].IsType()
}

// viaPort reports whether a call leaves the component: it calls a method of an interface, or a function that was handed
// over.
func (p *place) viaPort(call *ast.CallExpr) bool {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		_, handedOver := p.file.info.Uses[f].(*types.Var)
		return handedOver
	case *ast.SelectorExpr:
		selection := p.file.info.Selections[f]
		return selection != nil && selection.Kind() == types.MethodVal && types.IsInterface(selection.Recv())
	default:
		return false
	}
}

// invisible reports whether leaving a call out changes nothing that a simulation can see: locks, releases of timers,
// and panics.
func (p *place) invisible(call *ast.CallExpr) bool {
	switch callee(call) {
	case "Lock", "Unlock", "panic":
		return true
	}
	name, ok := call.Fun.(*ast.Ident)
	return ok && p.releasesTimer(name)
}

// releasesTimer reports whether a name is the cancel function of a timeout: every definition and assignment of it in
// the function comes from WithTimeout, or does nothing.
func (p *place) releasesTimer(name *ast.Ident) bool {
	object := p.file.info.Uses[name]
	if object == nil || !strings.HasSuffix(object.Type().String(), "context.CancelFunc") {
		return false
	}
	found := false
	ast.Inspect(p.parents[0], func(n ast.Node) bool {
		assign, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		for _, left := range assign.Lhs {
			if l, ok := left.(*ast.Ident); ok && p.file.info.ObjectOf(l) == object {
				call, ok := assign.Rhs[0].(*ast.CallExpr)
				found = found || ok && callee(call) == "WithTimeout"
			}
		}
		return true
	})
	return found
}

// terminates reports whether a block ends in leaving what is around it.
func terminates(block *ast.BlockStmt) bool {
	if len(block.List) == 0 {
		return false
	}
	switch block.List[len(block.List)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	default:
		return false
	}
}

// operands returns the operands of a chain of && or of ||, from left to right.
func operands(e ast.Expr, op token.Token) []ast.Expr {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == op {
		return append(operands(b.X, op), operands(b.Y, op)...)
	}
	return []ast.Expr{e}
}

// isChain reports whether an expression joins conditions by && or ||.
func isChain(e ast.Expr) bool {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	return ok && (b.Op == token.LAND || b.Op == token.LOR)
}

func always(text string) string { return fmt.Sprintf("%s || true", text) }

func never(text string) string { return fmt.Sprintf("%s && false", text) }
