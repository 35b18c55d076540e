package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// concurrency reports the statements and types that let Go's scheduler decide the order of events.
func (c *check) concurrency(cursor inspector.Cursor) {
	switch n := cursor.Node().(type) {
	case *ast.GoStmt:
		c.report(n, "go statement: Go's scheduler decides when it runs; start a task with Runtime.Go")
	case *ast.SelectStmt:
		c.report(n, "select: Go picks among ready cases at random; wait on one Signal, or for a timeout on a context from Runtime.WithTimeout")
	case *ast.SendStmt:
		if !inSelectCase(cursor) {
			c.report(n, "channel send: Go's scheduler decides who goes next; store the value and call Signal.Notify")
		}
	case *ast.UnaryExpr:
		if n.Op == token.ARROW && !inSelectCase(cursor) {
			c.report(n, "channel receive: Go's scheduler decides who goes next; wait with Signal.Wait")
		}
	case *ast.RangeStmt:
		if isChannel(c.pass.TypesInfo.TypeOf(n.X)) {
			c.report(n, "range over a channel: Go's scheduler decides who goes next; wait with Signal.Wait and read a slice")
		}
	case *ast.ChanType:
		if !isMade(cursor) {
			c.report(n, "channel type: use a Signal from Runtime.NewSignal and a slice")
		}
	case *ast.CallExpr:
		switch {
		case isBuiltin(c.pass.TypesInfo, n.Fun, "make") && isChannel(c.pass.TypesInfo.TypeOf(n)):
			c.report(n, "make of a channel: use a Signal from Runtime.NewSignal and a slice")
		case isBuiltin(c.pass.TypesInfo, n.Fun, "close"):
			c.report(n, "close of a channel: use Signal.Notify")
		}
	}
}

// inSelectCase reports whether the send or receive is the communication of a select case. The report of the select
// covers it.
func inSelectCase(cursor inspector.Cursor) bool {
	for enclosing := range cursor.Enclosing((*ast.CommClause)(nil)) {
		comm := enclosing.Node().(*ast.CommClause).Comm
		return comm != nil && comm.Pos() <= cursor.Node().Pos() && cursor.Node().End() <= comm.End()
	}
	return false
}

// isMade reports whether the channel type is the argument of make, which is reported as a whole.
func isMade(cursor inspector.Cursor) bool {
	call, isCall := cursor.Parent().Node().(*ast.CallExpr)
	if !isCall || len(call.Args) == 0 || call.Args[0] != cursor.Node() {
		return false
	}
	made, isIdent := ast.Unparen(call.Fun).(*ast.Ident)
	return isIdent && made.Name == "make"
}

// isChannel reports whether values of t are channels.
func isChannel(t types.Type) bool {
	_, is := underlying(t).(*types.Chan)
	return is
}

// underlying returns the underlying type of t. For a type parameter it is the one that all its types share, or nil.
func underlying(t types.Type) types.Type {
	if t == nil {
		return nil
	}
	parameter, isParameter := types.Unalias(t).(*types.TypeParam)
	if !isParameter {
		return t.Underlying()
	}
	constraint, isInterface := parameter.Constraint().Underlying().(*types.Interface)
	if !isInterface {
		return nil
	}
	var shared types.Type
	for i := range constraint.NumEmbeddeds() {
		terms := []types.Type{constraint.EmbeddedType(i)}
		if union, isUnion := terms[0].(*types.Union); isUnion {
			terms = terms[:0]
			for j := range union.Len() {
				terms = append(terms, union.Term(j).Type())
			}
		}
		for _, term := range terms {
			if shared != nil && !types.Identical(shared, term.Underlying()) {
				return nil
			}
			shared = term.Underlying()
		}
	}
	return shared
}

// isBuiltin reports whether function is the named builtin.
func isBuiltin(info *types.Info, function ast.Expr, name string) bool {
	ident, isIdent := ast.Unparen(function).(*ast.Ident)
	if !isIdent {
		return false
	}
	builtin, is := info.Uses[ident].(*types.Builtin)
	return is && builtin.Name() == name
}
