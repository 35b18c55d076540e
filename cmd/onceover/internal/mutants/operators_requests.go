package mutants

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// The operators of this file are about what is sent: fields, fences, keys, times and limits.

func dropField(p *place) {
	literal, ok := p.node.(*ast.CompositeLit)
	if !ok {
		return
	}
	for _, element := range literal.Elts {
		field, ok := element.(*ast.KeyValueExpr)
		if !ok || !isField(p, field) || !isPlain(p.typeOf(field.Value)) || p.isNamed(literal, "Error") && p.text(field.Key) != "Kind" {
			continue // of an error, only the kind decides what a caller does
		}
		from, to := field.Pos(), field.End()
		if rest := p.file.slice(to, literal.Rbrace); strings.HasPrefix(rest, ",") {
			to++
		}
		splices := []splice{{from, to, ""}}
		if statement := p.statement(); statement != nil {
			if uses := p.uses(field.Value, statement.Pos()); uses != "" {
				splices = append(splices, splice{statement.Pos(), statement.Pos(), uses + "; "})
			}
		}
		p.mutate(field, p.text(field), "", splices...)
	}
}

func isField(p *place, element *ast.KeyValueExpr) bool {
	name, ok := element.Key.(*ast.Ident)
	if !ok {
		return false
	}
	v, ok := p.file.info.Uses[name].(*types.Var)
	return ok && v.IsField()
}

func dropFence(p *place) {
	call, ok := p.node.(*ast.CallExpr)
	if !ok || p.isConversion(call) {
		return
	}
	for _, argument := range call.Args {
		if p.isNamed(argument, "Token", "Epoch") && !p.isConstant(argument) {
			p.replaceArgument(call, argument, "0")
		}
	}
}

func dropKey(p *place) {
	call, ok := p.node.(*ast.CallExpr)
	if !ok || !p.viaPort(call) {
		return
	}
	for _, argument := range call.Args {
		if p.isNamed(argument, "AttemptKey") {
			name := types.TypeString(p.typeOf(argument), func(of *types.Package) string {
				if of == p.file.types {
					return ""
				}
				return of.Name()
			})
			p.replaceArgument(call, argument, name+"{Review: "+p.text(argument)+".Review}")
		}
	}
}

// replaceArgument emits the mutant of a call with another argument.
func (p *place) replaceArgument(call *ast.CallExpr, argument ast.Expr, text string) {
	after := p.file.slice(call.Pos(), argument.Pos()) + text + p.file.slice(argument.End(), call.End())
	p.replaceInside(call, p.text(call), after, argument, text)
}

func dropTimeout(p *place) {
	call, ok := p.node.(*ast.CallExpr)
	if ok && callee(call) == "WithTimeout" && len(call.Args) == 2 {
		p.replaceArgument(call, call.Args[1], "1000*"+p.text(call.Args[1]))
	}
}

func dropPause(p *place) {
	call, ok := p.node.(*ast.CallExpr)
	if !ok || callee(call) != "Add" || len(call.Args) != 1 || !p.isNamed(call.Args[0], "Duration") {
		return
	}
	p.replaceArgument(call, call.Args[0], "0*("+p.text(call.Args[0])+")")
}

// shifted is each order comparison with its bound moved by one.
var shifted = map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}

func offByOne(p *place) {
	switch n := p.node.(type) {
	case *ast.BinaryExpr:
		p.moveBound(n)
	case *ast.ForStmt:
		p.moveStart(n)
	case *ast.CallExpr:
		p.moveLimits(n)
	case *ast.KeyValueExpr:
		if name, ok := n.Key.(*ast.Ident); ok && isField(p, n) && isLimit(name.Name) && p.isInteger(n.Value) && !p.isConstant(n.Value) {
			p.mutate(n, p.text(n), p.text(n)+" + 1", splice{n.Value.End(), n.Value.End(), " + 1"})
		}
	}
}

func isLimit(field string) bool {
	return strings.HasPrefix(field, "Max") || strings.HasPrefix(field, "Limit")
}

// moveBound moves the bound of a comparison, compares a counter with one more than its limit, and leaves out the 1 of a
// sum or difference.
func (p *place) moveBound(b *ast.BinaryExpr) {
	if !p.isInteger(b.X) || p.isNamed(b.X, "Duration") || p.isConstant(b) {
		return
	}
	x, y := p.text(b.X), p.text(b.Y)
	if op, ok := shifted[b.Op]; ok {
		p.replace(b, x+" "+op+" "+y)
		return
	}
	_, counter := b.X.(*ast.Ident)
	switch {
	case b.Op == token.EQL && counter && !p.isConstant(b.Y):
		p.replace(b, x+" == "+y+"+1")
	case (b.Op == token.ADD || b.Op == token.SUB) && p.isLiteral(b.Y, 1):
		p.replace(b, x)
	}
}

// moveStart begins a counting loop one lower.
func (p *place) moveStart(loop *ast.ForStmt) {
	start, ok := loop.Init.(*ast.AssignStmt)
	if ok && len(start.Rhs) == 1 && p.isLiteral(start.Rhs[0], 1) {
		p.mutate(start, p.text(start), p.text(start.Lhs[0])+" := 0", splice{start.Rhs[0].Pos(), start.Rhs[0].End(), "0"})
	}
}

// moveLimits raises the limits that a call to a port carries, and the least and greatest value that min and max let
// through.
func (p *place) moveLimits(call *ast.CallExpr) {
	bound := slices.Contains([]string{"min", "max"}, callee(call)) && p.file.info.Types[call.Fun].IsBuiltin()
	port := p.viaPort(call)
	for _, argument := range call.Args {
		switch {
		case !p.isInteger(argument) || p.isNamed(argument, "Duration", "Token", "Epoch"):
		case bound && p.isLiteral(argument, 0):
			p.replaceArgument(call, argument, "1")
		case port && !p.isConstant(argument):
			p.replaceArgument(call, argument, p.text(argument)+" + 1")
		}
	}
}
