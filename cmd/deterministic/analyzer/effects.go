package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
)

// accumulators maps assignment operators to the kind of effect that they have on an integer. Operators of one kind
// commute, those of different kinds do not.
var accumulators = map[token.Token]string{
	token.ADD_ASSIGN:     kindAdd,
	token.SUB_ASSIGN:     kindAdd,
	token.MUL_ASSIGN:     "*",
	token.OR_ASSIGN:      "|",
	token.AND_ASSIGN:     "&",
	token.XOR_ASSIGN:     "^",
	token.AND_NOT_ASSIGN: "&^",
}

// assign checks an assignment or definition.
func (l *loop) assign(s *ast.AssignStmt) *showing {
	if s.Tok != token.ASSIGN && s.Tok != token.DEFINE {
		if found := l.pure(s.Rhs[0]); found != nil {
			return found
		}
		return l.accumulate(s, s.Lhs[0], accumulators[s.Tok])
	}
	for _, right := range s.Rhs {
		if found := l.pure(right); found != nil {
			return found
		}
	}
	for i, left := range s.Lhs {
		ident, isIdent := left.(*ast.Ident)
		switch {
		case isIdent && ident.Name == "_", s.Tok == token.DEFINE, l.changesOnlyIteration(left):
			continue
		case len(s.Lhs) != len(s.Rhs):
			return showingAt(s, "keeps %s of the entry that came last", types.ExprString(left))
		}
		if found := l.store(left, s.Rhs[i]); found != nil {
			return found
		}
	}
	return nil
}

// store checks left = right where left outlives the iteration.
func (l *loop) store(left, right ast.Expr) *showing {
	left, right = ast.Unparen(left), ast.Unparen(right)
	if index, is := left.(*ast.IndexExpr); is && l.isKey(index.Index) {
		// Each key has its own element, so a read of the same element does not see what another iteration did.
		ast.Inspect(right, func(n ast.Node) bool {
			if e, isExpr := n.(ast.Expr); isExpr && l.sameExpr(e, left) {
				l.disown(e)
			}
			return true
		})
		return l.change(left, kindKey)
	}
	if call, is := right.(*ast.CallExpr); is && len(call.Args) > 0 {
		switch {
		case isBuiltin(l.pass.TypesInfo, call.Fun, "append") && l.sameExpr(call.Args[0], left):
			if !l.sortedBeforeRead(l.body, left, l.statement.End()) {
				return showingAt(left, "collects into %s, which is not sorted before it is read", types.ExprString(left))
			}
			l.disown(call.Args[0])
			return l.change(left, kindAppend)
		case isBuiltin(l.pass.TypesInfo, call.Fun, "max"):
			return l.keepExtreme(left, call.Args, kindLargest)
		case isBuiltin(l.pass.TypesInfo, call.Fun, "min"):
			return l.keepExtreme(left, call.Args, kindSmallest)
		}
	}
	if !l.depends(right) {
		return l.change(left, kindConstant+types.ExprString(right))
	}
	return showingAt(left, "keeps %s of the entry that came last in %s", types.ExprString(right), types.ExprString(left))
}

// keepExtreme checks left = max(left, …) and min.
func (l *loop) keepExtreme(left ast.Expr, arguments []ast.Expr, kind string) *showing {
	if l.basicInfo(left)&(types.IsInteger|types.IsString) == 0 {
		return showingAt(left, "keeps the %s in %s, which is neither an integer nor a string", kind, types.ExprString(left))
	}
	for _, argument := range arguments {
		if l.sameExpr(argument, left) {
			l.disown(argument)
			return l.change(left, kind)
		}
	}
	return showingAt(left, "keeps a value of the entry that came last in %s", types.ExprString(left))
}

// extreme checks if v > best { best = v }. The second result reports whether the statement has that form.
func (l *loop) extreme(s *ast.IfStmt) (*showing, bool) {
	condition, isBinary := ast.Unparen(s.Cond).(*ast.BinaryExpr)
	if !isBinary || s.Init != nil || s.Else != nil || len(s.Body.List) != 1 {
		return nil, false
	}
	assignment, isAssignment := s.Body.List[0].(*ast.AssignStmt)
	if !isAssignment || assignment.Tok != token.ASSIGN || len(assignment.Lhs) != 1 || len(assignment.Rhs) != 1 {
		return nil, false
	}
	best, candidate := assignment.Lhs[0], assignment.Rhs[0]
	if l.basicInfo(best)&(types.IsInteger|types.IsString) == 0 || l.changesOnlyIteration(best) {
		return nil, false
	}
	bigger, smaller := condition.X, condition.Y
	switch condition.Op {
	case token.GTR, token.GEQ:
	case token.LSS, token.LEQ:
		bigger, smaller = smaller, bigger
	default:
		return nil, false
	}
	kind, kept := kindLargest, smaller
	switch {
	case l.sameExpr(bigger, candidate) && l.sameExpr(smaller, best):
	case l.sameExpr(bigger, best) && l.sameExpr(smaller, candidate):
		kind, kept = kindSmallest, bigger
	default:
		return nil, false
	}
	if found := l.pure(candidate); found != nil {
		return found, true
	}
	l.disown(kept)
	return l.change(best, kind), true
}

// accumulate checks x op= y and x++.
func (l *loop) accumulate(s ast.Stmt, left ast.Expr, kind string) *showing {
	if l.changesOnlyIteration(left) {
		return nil
	}
	if index, is := ast.Unparen(left).(*ast.IndexExpr); is && l.isKey(index.Index) {
		return l.change(left, kindKey)
	}
	if kind == "" || l.basicInfo(left)&types.IsInteger == 0 {
		return showingAt(s, "accumulates in %s, where the order of the operands matters", types.ExprString(left))
	}
	return l.change(left, kind)
}

// call checks a call statement.
func (l *loop) call(s *ast.ExprStmt) *showing {
	call, isCall := ast.Unparen(s.X).(*ast.CallExpr)
	if !isCall {
		return l.pure(s.X)
	}
	isDelete := isBuiltin(l.pass.TypesInfo, call.Fun, "delete")
	switch {
	case isDelete, isBuiltin(l.pass.TypesInfo, call.Fun, "clear"):
		for _, argument := range call.Args {
			if found := l.pure(argument); found != nil {
				return found
			}
		}
		target := ast.Unparen(call.Args[0])
		own := isDelete && l.isKey(call.Args[1])
		switch {
		case l.changesOnlyIteration(target) && l.fresh(l.rootObject(target)):
			return nil
		case own:
			return l.changeWhole(target, kindKey)
		case l.sameExpr(target, ast.Unparen(l.ranged)):
			return showingAt(call, "deletes entries that the iteration may not have reached")
		}
		return l.changeWhole(target, kindDelete)
	case l.sortsOwn(call):
		return nil
	}
	return showingAt(call, "a call of %s, which may have other effects", types.ExprString(call.Fun))
}

// changeWhole adds an effect on a whole map or slice.
func (l *loop) changeWhole(target ast.Expr, kind string) *showing {
	root := l.rootObject(target)
	if root == nil {
		return showingAt(target, "changes %s", types.ExprString(target))
	}
	l.disown(target)
	l.effects = append(l.effects, effect{target: target, text: types.ExprString(target), root: root, kind: kind, list: l.list})
	return nil
}
