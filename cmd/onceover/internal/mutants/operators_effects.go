package mutants

import (
	"go/ast"
	"go/token"
	"slices"
)

// The operators of this file are about what code does: calls, assignments, their order, and how often they are done.

// effect returns the call of a statement that is nothing but a call, its answer ignored or not wanted, or nil.
func effect(n ast.Node) *ast.CallExpr {
	var e ast.Expr
	switch s := n.(type) {
	case *ast.ExprStmt:
		e = s.X
	case *ast.AssignStmt:
		if len(s.Rhs) != 1 || s.Tok != token.ASSIGN || slices.ContainsFunc(s.Lhs, func(l ast.Expr) bool { return !isBlank(l) }) {
			return nil
		}
		e = s.Rhs[0]
	default:
		return nil
	}
	call, _ := e.(*ast.CallExpr)
	return call
}

func isBlank(e ast.Expr) bool {
	name, ok := e.(*ast.Ident)
	return ok && name.Name == "_"
}

// assigns reports whether a statement changes a variable that exists already.
func assigns(n ast.Node) bool {
	switch s := n.(type) {
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE && !slices.ContainsFunc(s.Lhs, isBlank)
	case *ast.IncDecStmt:
		return true
	default:
		return false
	}
}

func dropCall(p *place) {
	if call := effect(p.node); call != nil && p.inList() && !p.invisible(call) {
		p.drop(p.node.(ast.Stmt))
	}
}

func dropAssignment(p *place) {
	if !assigns(p.node) || !p.inList() {
		return
	}
	if s, ok := p.node.(*ast.AssignStmt); ok && p.isError(s.Lhs[len(s.Lhs)-1]) {
		return // acknowledge-unwritten
	}
	p.drop(p.node.(ast.Stmt))
}

func dropDefer(p *place) {
	if s, ok := p.node.(*ast.DeferStmt); ok && !p.invisible(s.Call) {
		p.drop(s)
	}
}

// swapEffects swaps statements of which at least one calls something. Two assignments commute, unless one reads what
// the other writes, and then dropping either shows as much.
func swapEffects(p *place) {
	var list []ast.Stmt
	switch n := p.node.(type) {
	case *ast.BlockStmt:
		list = n.List
	case *ast.CaseClause:
		list = n.Body
	}
	for i := 0; i+1 < len(list); i++ {
		first, second := list[i], list[i+1]
		if !p.swappable(first) || !p.swappable(second) || !p.acts(first) && !p.acts(second) {
			continue
		}
		a, b := p.text(first), p.text(second)
		p.mutate(first, a+"; "+b, b+"; "+a,
			splice{first.Pos(), first.End(), b}, splice{second.Pos(), second.End(), a})
	}
}

// swappable reports whether a statement has an effect, declares nothing and leaves nothing.
func (p *place) swappable(s ast.Stmt) bool {
	if call := effect(s); call != nil {
		return !p.invisible(call)
	}
	switch s.(type) {
	case *ast.IfStmt, *ast.RangeStmt, *ast.ForStmt:
		return p.acts(s) && !leaves(s)
	default:
		return assigns(s)
	}
}

// acts reports whether a statement is, or contains, a call for its effect.
func (p *place) acts(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		if call := effect(n); call != nil && !p.invisible(call) {
			found = true
		}
		return !found
	})
	return found
}

// leaves reports whether a statement contains a return, break or continue.
func leaves(s ast.Stmt) bool {
	found := false
	ast.Inspect(s, func(n ast.Node) bool {
		switch n.(type) {
		case *ast.ReturnStmt, *ast.BranchStmt:
			found = true
		case *ast.FuncLit:
			return false
		}
		return !found
	})
	return found
}

func loopOnce(p *place) {
	var body *ast.BlockStmt
	switch s := p.node.(type) {
	case *ast.ForStmt:
		body = s.Body
	case *ast.RangeStmt:
		body = s.Body
	default:
		return
	}
	if terminates(body) || slices.ContainsFunc(body.List, p.isRetry) {
		return // once already, or skip-retry
	}
	header := p.file.slice(p.node.Pos(), body.Lbrace)
	p.mutate(p.node, header, header+"{ …; break }", splice{body.Rbrace, body.Rbrace, "; break "})
}

// isRetry reports whether a statement is the guard around a pause: if it can't wait, it gives up.
func (p *place) isRetry(s ast.Stmt) bool {
	guard, ok := s.(*ast.IfStmt)
	if !ok || guard.Init != nil || !terminates(guard.Body) {
		return false
	}
	pauses := false
	ast.Inspect(guard.Cond, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && (callee(call) == "pause" || callee(call) == "Sleep") {
			pauses = true
		}
		return true
	})
	return pauses
}

func skipRetry(p *place) {
	s, ok := p.node.(*ast.IfStmt)
	if !ok || len(p.parents) < 2 || !p.isRetry(s) {
		return
	}
	if _, inLoop := p.parents[len(p.parents)-2].(*ast.ForStmt); inLoop {
		p.replace(s.Cond, always(p.text(s.Cond))) // || binds less than what a condition is made of
	}
}
