package analyzer

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// useSortedKeys is the fix for an iteration in an order that can be seen.
const useSortedKeys = "range over slices.Sorted(maps.Keys(m))"

// mapOrder reports a range over a map, or over an iterator of one, if its order can be seen.
func (c *check) mapOrder(cursor inspector.Cursor) {
	switch n := cursor.Node().(type) {
	case *ast.RangeStmt:
		key, value, ranged, isMap := c.rangedMap(n)
		if !isMap {
			return
		}
		loop := newLoop(c, n, c.enclosingBody(cursor), ranged, key, value)
		if shown := loop.shown(); shown != nil {
			c.report(n, "iteration over a map in an order that can be seen: %s (line %d); %s",
				shown.why, c.pass.Fset.Position(shown.at.Pos()).Line, useSortedKeys)
		}
	case *ast.CallExpr:
		name := c.mapIterator(n)
		if name == "" || c.sortedIterator(cursor) {
			return
		}
		c.report(n, "maps.%s in an order that can be seen; pass it to slices.Sorted, or sort the result of slices.Collect before reading it", name)
	}
}

// rangedMap returns the variables for key and value of a range over a map, and the map. A range over maps.Keys,
// maps.Values or maps.All is one over their argument.
func (c *check) rangedMap(n *ast.RangeStmt) (key, value types.Object, ranged ast.Expr, isMap bool) {
	if _, is := underlying(c.pass.TypesInfo.TypeOf(n.X)).(*types.Map); is {
		return c.named(n.Key), c.named(n.Value), n.X, true
	}
	call, isCall := ast.Unparen(n.X).(*ast.CallExpr)
	if !isCall {
		return nil, nil, nil, false
	}
	switch c.mapIterator(call) {
	case "Keys":
		return c.named(n.Key), nil, call.Args[0], true
	case "Values":
		return nil, c.named(n.Key), call.Args[0], true
	case "All":
		return c.named(n.Key), c.named(n.Value), call.Args[0], true
	}
	return nil, nil, nil, false
}

// named returns the variable that e names, or nil if e is nil, blank or another kind of expression.
func (c *check) named(e ast.Expr) types.Object {
	ident, isIdent := e.(*ast.Ident)
	if !isIdent || ident.Name == "_" {
		return nil
	}
	return c.pass.TypesInfo.ObjectOf(ident)
}

// mapIterator returns the name of the iterator of package maps that is called: Keys, Values or All; or "".
func (c *check) mapIterator(call *ast.CallExpr) string {
	function := c.callee(call)
	if function == nil || function.Pkg() == nil || function.Pkg().Path() != "maps" || len(call.Args) != 1 {
		return ""
	}
	switch function.Name() {
	case "Keys", "Values", "All":
		return function.Name()
	}
	return ""
}

// callee returns the function or method that is called, or nil if it is a value.
func (c *check) callee(call *ast.CallExpr) *types.Func {
	function := ast.Unparen(call.Fun)
	switch instantiated := function.(type) {
	case *ast.IndexExpr:
		function = instantiated.X
	case *ast.IndexListExpr:
		function = instantiated.X
	}
	var ident *ast.Ident
	switch function := function.(type) {
	case *ast.Ident:
		ident = function
	case *ast.SelectorExpr:
		ident = function.Sel
	default:
		return nil
	}
	object, _ := c.pass.TypesInfo.Uses[ident].(*types.Func)
	return object
}

// calls reports whether call is one of the named functions of the package path.
func (c *check) calls(call *ast.CallExpr, path string, names ...string) bool {
	function := c.callee(call)
	if function == nil || function.Pkg() == nil || function.Pkg().Path() != path {
		return false
	}
	for _, name := range names {
		if function.Name() == name {
			return true
		}
	}
	return false
}

// sortedIterator reports whether the iterator at cursor is used where its order is lost: in a sort, in another map, or
// in a slice that is sorted before anything reads it. Iterators in range statements are checked by the body of the
// loop.
func (c *check) sortedIterator(cursor inspector.Cursor) bool {
	switch user := cursor.Parent().Node().(type) {
	case *ast.RangeStmt:
		return ast.Unparen(user.X) == cursor.Node()
	case *ast.CallExpr:
		switch {
		case c.calls(user, "slices", "Sorted", "SortedFunc", "SortedStableFunc"),
			c.calls(user, "maps", "Collect", "Insert"):
			return true
		case c.calls(user, "slices", "Collect", "AppendSeq"):
			assignment, isAssignment := cursor.Parent().Parent().Node().(*ast.AssignStmt)
			if !isAssignment || len(assignment.Lhs) != 1 {
				return false
			}
			return c.sortedBeforeRead(c.enclosingBody(cursor), assignment.Lhs[0], assignment.End())
		}
	}
	return false
}

// enclosingBody returns the body of the innermost function around cursor.
func (c *check) enclosingBody(cursor inspector.Cursor) *ast.BlockStmt {
	for enclosing := range cursor.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		switch function := enclosing.Node().(type) {
		case *ast.FuncDecl:
			return function.Body
		case *ast.FuncLit:
			return function.Body
		}
	}
	return nil
}

// sortedBeforeRead reports whether slice, filled up to the position after, is sorted in body before anything else reads
// it. Its length may be read, and more may be appended.
func (c *check) sortedBeforeRead(body *ast.BlockStmt, slice ast.Expr, after token.Pos) bool {
	if body == nil {
		return false
	}
	text := types.ExprString(slice)
	root := c.rootObject(slice)
	if root == nil {
		return false
	}
	sorted, decided := false, false
	var stack []ast.Node
	ast.Inspect(body, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		e, isExpr := n.(ast.Expr)
		if decided || !isExpr || n.Pos() < after || types.ExprString(e) != text || c.rootObject(e) != root {
			return true
		}
		switch c.useOf(stack, text) {
		case useSort:
			sorted, decided = true, true
		case useRead:
			decided = true
		case useHarmless:
		}
		return true
	})
	return sorted
}

// use is what an expression does with a slice that has yet to be sorted.
type use int

const (
	useRead use = iota
	useSort
	useHarmless
)

// useOf returns how the slice at the end of stack, with the given text, is used. The stack holds the nodes around it,
// the outermost first.
func (c *check) useOf(stack []ast.Node, text string) use {
	slice := stack[len(stack)-1]
	for i := len(stack) - 2; i >= 0; i-- {
		switch around := stack[i].(type) {
		case *ast.CallExpr:
			switch {
			case c.isSort(around):
				return useSort
			case isBuiltin(c.pass.TypesInfo, around.Fun, "len"), isBuiltin(c.pass.TypesInfo, around.Fun, "cap"):
				return useHarmless
			case isBuiltin(c.pass.TypesInfo, around.Fun, "append"), c.calls(around, "slices", "AppendSeq"):
				assignment, isAssignment := stack[max(i-1, 0)].(*ast.AssignStmt)
				if isAssignment && around.Args[0] == slice && types.ExprString(assignment.Lhs[0]) == text {
					return useHarmless
				}
				return useRead
			case c.isConversion(around), c.calls(around, "sort", "Reverse"):
				continue // sort.Sort(sort.Reverse(byName(slice)))
			}
			return useRead
		case *ast.AssignStmt:
			for i, left := range around.Lhs {
				if left != slice || len(around.Rhs) != len(around.Lhs) {
					continue
				}
				if call, isCall := ast.Unparen(around.Rhs[i]).(*ast.CallExpr); isCall &&
					(isBuiltin(c.pass.TypesInfo, call.Fun, "append") || c.calls(call, "slices", "AppendSeq")) {
					return useHarmless
				}
			}
			return useRead
		case *ast.ParenExpr, *ast.UnaryExpr, *ast.CompositeLit:
			continue // sort.Sort(&byName{slice})
		default:
			return useRead
		}
	}
	return useRead
}

// isSort reports whether call sorts its first argument in place.
func (c *check) isSort(call *ast.CallExpr) bool {
	return c.calls(call, "slices", "Sort", "SortFunc", "SortStableFunc") ||
		c.calls(call, "sort", "Slice", "SliceStable", "Sort", "Stable", "Strings", "Ints", "Float64s")
}

// isConversion reports whether call converts its operand to another type.
func (c *check) isConversion(call *ast.CallExpr) bool {
	return c.pass.TypesInfo.Types[call.Fun].IsType()
}

// rootObject returns the variable that e starts from: s in s.counts[k].total.
func (c *check) rootObject(e ast.Expr) types.Object {
	for {
		switch n := e.(type) {
		case *ast.Ident:
			object := c.pass.TypesInfo.ObjectOf(n)
			if _, isVar := object.(*types.Var); !isVar {
				return nil
			}
			return object
		case *ast.SelectorExpr:
			if object := c.pass.TypesInfo.Uses[n.Sel]; object != nil && c.pass.TypesInfo.Selections[n] == nil {
				return object // a variable of another package
			}
			e = n.X
		case *ast.IndexExpr:
			e = n.X
		case *ast.StarExpr:
			e = n.X
		case *ast.ParenExpr:
			e = n.X
		case *ast.SliceExpr:
			e = n.X
		default:
			return nil
		}
	}
}

// showing is a place in a loop that shows the order of the iteration.
type showing struct {
	at  ast.Node
	why string
}

// showingAt returns a showing at n with a formatted reason.
func showingAt(n ast.Node, format string, arguments ...any) *showing {
	return &showing{at: n, why: fmt.Sprintf(format, arguments...)}
}
