package mutants

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// The operators of this file are about conditions: predicates, guards and cases.

// atomic reports whether a condition is one that the operators for chains and for errors do not see.
func (p *place) atomic(cond ast.Expr) bool {
	return cond != nil && !isChain(cond) && p.comparesError(cond) == nil && !p.isConstant(cond)
}

func dropGuard(p *place) {
	s, ok := p.node.(*ast.IfStmt)
	if ok && terminates(s.Body) && (p.atomic(s.Cond) || p.isRetry(s)) {
		cond := p.text(s.Cond)
		if isChain(s.Cond) {
			cond = "(" + cond + ")"
		}
		p.mutate(s, p.guard(s, p.text(s.Cond)), p.guard(s, never(cond)), splice{s.Cond.Pos(), s.Cond.End(), never(cond)})
	}
}

// guard is what a reader sees of a guard: its condition, and how it ends.
func (p *place) guard(s *ast.IfStmt, cond string) string {
	last := s.Body.List[len(s.Body.List)-1]
	return "if " + cond + " { " + p.text(last) + " }"
}

func dropCondition(p *place) {
	var cond ast.Expr
	switch s := p.node.(type) {
	case *ast.IfStmt:
		if !terminates(s.Body) {
			cond = s.Cond
		}
	case *ast.ForStmt:
		if comparison, ok := s.Cond.(*ast.BinaryExpr); !ok || !p.isInteger(comparison.X) {
			cond = s.Cond
		}
	}
	if p.atomic(cond) {
		p.replace(cond, always(p.text(cond)))
	}
}

func dropConjunct(p *place) { p.dropOperand(token.LAND) }
func dropDisjunct(p *place) { p.dropOperand(token.LOR) }

// dropOperand makes a mutant for each operand of the chain that begins here.
func (p *place) dropOperand(op token.Token) {
	chain, ok := p.node.(*ast.BinaryExpr)
	if !ok || chain.Op != op {
		return
	}
	if around, ok := p.parent().(*ast.BinaryExpr); ok && around.Op == op {
		return // part of a longer chain
	}
	all := operands(chain, op)
	for i := range all {
		var kept []string
		for j, operand := range all {
			if j != i {
				kept = append(kept, p.text(operand))
			}
		}
		text := strings.Join(kept, " "+op.String()+" ")
		p.replaceInside(chain, p.text(chain), text, chain, text)
	}
}

// negateResult negates a boolean result that is one comparison or question; the operands of chains are dropped one by
// one.
func negateResult(p *place) {
	s, ok := p.node.(*ast.ReturnStmt)
	if !ok || len(s.Results) != 1 {
		return
	}
	result := s.Results[0]
	if !p.isBool(result) || !p.atomic(result) {
		return
	}
	p.mutate(s, p.text(s), "return !("+p.text(result)+")",
		splice{result.Pos(), result.End(), "!(" + p.text(result) + ")"})
}

func dropCase(p *place) {
	clause, ok := p.node.(*ast.CaseClause)
	if !ok || len(clause.List) == 0 || len(p.parents) < 2 {
		return
	}
	around, ok := p.parents[len(p.parents)-2].(*ast.SwitchStmt)
	if !ok || len(clause.Body) == 0 && emptyDefault(around) {
		return // falls through to as little
	}
	before := p.file.slice(clause.Pos(), clause.Colon+1)
	if len(clause.Body) > 0 {
		before += " " + p.text(clause.Body[0])
	}
	if len(clause.List) == 1 {
		if around.Tag == nil {
			text := never("(" + p.text(clause.List[0]) + ")")
			p.mutate(clause, before, "", splice{clause.List[0].Pos(), clause.List[0].End(), text})
			return
		}
		p.mutate(clause, before, "", splice{clause.Pos(), clause.End(), ""})
		return
	}
	for i, value := range clause.List {
		from, to := value.Pos(), value.End()
		if i > 0 {
			from = clause.List[i-1].End()
		} else {
			to = clause.List[1].Pos()
		}
		p.mutate(clause, before, "without "+p.text(value), splice{from, to, ""})
	}
}

// emptyDefault reports whether a switch does nothing where no case applies.
func emptyDefault(s *ast.SwitchStmt) bool {
	for _, n := range s.Body.List {
		if clause, ok := n.(*ast.CaseClause); ok && clause.List == nil {
			return len(clause.Body) == 0
		}
	}
	return true
}

// isPlain reports whether a type holds data, as opposed to what a component is wired from: without a part it cannot
// even start.
func isPlain(t types.Type) bool {
	switch t.Underlying().(type) {
	case *types.Interface, *types.Signature, *types.Map, *types.Chan, *types.Pointer:
		return false
	default:
		return true
	}
}
