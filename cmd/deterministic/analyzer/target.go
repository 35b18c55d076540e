package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
)

// fresh reports whether object holds something that the iteration has created itself, so that writing through it
// changes nothing outside.
func (l *loop) fresh(object types.Object) bool {
	fresh := false
	ast.Inspect(l.statement.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for _, name := range n.Names {
				fresh = fresh || len(n.Values) == 0 && l.pass.TypesInfo.Defs[name] == object
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE || len(n.Lhs) != len(n.Rhs) {
				return true
			}
			for i, left := range n.Lhs {
				if ident, is := left.(*ast.Ident); is && l.pass.TypesInfo.Defs[ident] == object {
					fresh = fresh || l.makes(n.Rhs[i])
				}
			}
		}
		return !fresh
	})
	return fresh
}

// makes reports whether e creates a value that nothing else refers to.
func (l *loop) makes(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.UnaryExpr:
		_, literal := ast.Unparen(e.X).(*ast.CompositeLit)
		return e.Op == token.AND && literal
	case *ast.CallExpr:
		return isBuiltin(l.pass.TypesInfo, e.Fun, "make") || isBuiltin(l.pass.TypesInfo, e.Fun, "new") ||
			l.calls(e, "slices", "Clone", "Sorted", "SortedFunc") || l.calls(e, "maps", "Clone", "Collect")
	}
	return false
}

// throughPointer reports whether writing to e changes more than the variable that e starts from.
func (l *loop) throughPointer(e ast.Expr) bool {
	for {
		switch n := e.(type) {
		case *ast.SelectorExpr:
			if _, is := underlying(l.pass.TypesInfo.TypeOf(n.X)).(*types.Pointer); is {
				return true
			}
			e = n.X
		case *ast.IndexExpr:
			if _, is := underlying(l.pass.TypesInfo.TypeOf(n.X)).(*types.Array); !is {
				return true
			}
			e = n.X
		case *ast.ParenExpr:
			e = n.X
		case *ast.StarExpr:
			return true
		default:
			return false
		}
	}
}

// disown marks target, and what it starts from, as not being read.
func (l *loop) disown(target ast.Expr) {
	for e := target; ; {
		l.own[e] = true
		switch n := e.(type) {
		case *ast.SelectorExpr:
			l.own[n.Sel] = true
			e = n.X
		case *ast.IndexExpr:
			e = n.X
		case *ast.StarExpr:
			e = n.X
		case *ast.ParenExpr:
			e = n.X
		default:
			return
		}
	}
}

// change adds an effect on target, or returns why that is not possible.
func (l *loop) change(target ast.Expr, kind string) *showing {
	base := ast.Unparen(target)
	if index, is := base.(*ast.IndexExpr); is {
		if found := l.pure(index.Index); found != nil {
			return found
		}
		base = ast.Unparen(index.X)
	}
	root := l.rootObject(base)
	if root == nil {
		return showingAt(target, "changes %s", types.ExprString(target))
	}
	if found := l.pure(base); found != nil {
		return found
	}
	l.disown(target)
	l.effects = append(l.effects, effect{target: base, text: types.ExprString(base), root: root, kind: kind, list: l.list})
	return nil
}

// changesOnlyIteration reports whether writing to target changes nothing that outlives the iteration.
func (l *loop) changesOnlyIteration(target ast.Expr) bool {
	root := l.rootObject(target)
	return l.local(root) && (!l.throughPointer(target) || l.fresh(root))
}

// sameExpr reports whether a and b have the same text and start from the same variable.
func (l *loop) sameExpr(a, b ast.Expr) bool {
	return types.ExprString(a) == types.ExprString(b) && l.rootObject(a) == l.rootObject(b)
}

// basicInfo returns the properties of the basic type of e, 0 for other types.
func (l *loop) basicInfo(e ast.Expr) types.BasicInfo {
	basic, is := underlying(l.pass.TypesInfo.TypeOf(e)).(*types.Basic)
	if !is {
		return 0
	}
	return basic.Info()
}
