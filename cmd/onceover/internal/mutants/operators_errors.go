package mutants

import (
	"go/ast"
	"go/token"
)

// The operators of this file are about failures that are not taken for failures.

// ignoreError takes the error that is compared with nil for none. Where the comparison is an operand of && or ||,
// leaving that out does the same.
func ignoreError(p *place) {
	e, ok := p.node.(ast.Expr)
	if !ok {
		return
	}
	c := p.comparesError(e)
	if c == nil || c != e {
		return
	}
	if b, ok := p.parent().(*ast.BinaryExpr); ok && isChain(b) {
		return
	}
	if s, ok := p.parent().(*ast.IfStmt); ok && p.isRetry(s) {
		return // a pause that was cut short; the guard around it is dropped
	}
	if c.Op == token.NEQ {
		p.replace(c, never(p.text(c)))
	} else {
		p.replace(c, always(p.text(c)))
	}
}

// failure returns the error that a return statement returns, or nil.
func (p *place) failure() (statement *ast.ReturnStmt, err ast.Expr) {
	s, ok := p.node.(*ast.ReturnStmt)
	if !ok || len(s.Results) == 0 {
		return nil, nil
	}
	last := s.Results[len(s.Results)-1]
	if !p.isError(last) && !p.isErrorLiteral(last) || p.isNil(last) {
		return nil, nil
	}
	return s, last
}

// isErrorLiteral reports whether an expression makes an error: &Error{…}.
func (p *place) isErrorLiteral(e ast.Expr) bool {
	u, ok := e.(*ast.UnaryExpr)
	if !ok || u.Op != token.AND {
		return false
	}
	literal, ok := u.X.(*ast.CompositeLit)
	return ok && p.isNamed(literal, "Error")
}

// writes returns the call that returned the error in an expression, or nil. A call that makes an error, or asks a
// context for its, has no effect.
func (p *place) writes(e ast.Expr) *ast.CallExpr {
	call, ok := e.(*ast.CallExpr)
	if !ok || !p.isError(call) {
		return nil
	}
	switch callee(call) {
	case "Errorf", "New", "Err", "error":
		return nil
	}
	return call
}

func acknowledgeFailure(p *place) {
	s, err := p.failure()
	if err == nil {
		return
	}
	before := p.text(s)
	after := p.file.slice(s.Pos(), err.Pos()) + "nil"
	if call := p.writes(err); call != nil {
		text := "_ = " + p.text(call) + "; " + after
		p.mutate(s, before, text, splice{s.Pos(), s.End(), text})
		return
	}
	p.replaceInside(s, before, after, err, "nil")
}

func acknowledgeUnwritten(p *place) {
	if s, err := p.failure(); err != nil {
		if p.writes(err) != nil {
			p.replaceInside(s, p.text(s), p.file.slice(s.Pos(), err.Pos())+"nil", err, "nil")
		}
		return
	}
	s, ok := p.node.(*ast.AssignStmt)
	if !ok || len(s.Lhs) != 1 || len(s.Rhs) != 1 || isBlank(s.Lhs[0]) || p.writes(s.Rhs[0]) == nil {
		return
	}
	p.replaceInside(s, p.text(s), p.file.slice(s.Pos(), s.Rhs[0].Pos())+"nil", s.Rhs[0], "error(nil)")
}
