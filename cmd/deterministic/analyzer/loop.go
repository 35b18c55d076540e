package analyzer

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// loop checks the body of one range over a map. It collects what the body changes outside itself (effects) and how it
// ends the loop early (exits), and accepts only what gives the same result in every order.
type loop struct {
	*check
	statement  *ast.RangeStmt
	body       *ast.BlockStmt // of the function around the loop
	ranged     ast.Expr
	key, value types.Object // nil if the loop does not name it

	effects []effect
	exits   []exit
	// own holds the expressions that are the target of an effect. Other expressions read what another iteration may
	// have changed.
	own map[ast.Node]bool
	// list is the innermost statement list around the statement being checked.
	list ast.Node
	// breakable is the number of enclosing statements inside the loop that a plain break leaves.
	breakable int
	// labels holds the labels that branches may use without ending the loop.
	labels map[string]bool
}

// effect is one change to something that outlives an iteration.
type effect struct {
	target ast.Expr // what is changed; of an element, the map or slice
	text   string
	root   types.Object
	// kind is why the change is the same in every order. Changes of different kinds to one target do not commute.
	kind string
	list ast.Node
}

// exit is one statement that ends the loop before the map does.
type exit struct {
	at   ast.Stmt
	text string
	list ast.Node
}

// The kinds of effect, besides the operators that accumulate integers. kindConstant is followed by what is written.
const (
	kindConstant = "constant "
	kindAppend   = "append"
	kindKey      = "key"
	kindDelete   = "delete"
	kindAdd      = "add"
	kindLargest  = "largest"
	kindSmallest = "smallest"
)

// newLoop returns the check of one loop.
func newLoop(c *check, statement *ast.RangeStmt, body *ast.BlockStmt, ranged ast.Expr, key, value types.Object) *loop {
	l := &loop{
		check: c, statement: statement, body: body, ranged: ranged, key: key, value: value,
		own: map[ast.Node]bool{}, labels: map[string]bool{},
	}
	if body != nil {
		ast.Inspect(body, func(n ast.Node) bool {
			if labeled, is := n.(*ast.LabeledStmt); is && (labeled.Stmt == statement || l.inside(labeled.Pos())) {
				l.labels[labeled.Label.Name] = true
			}
			return true
		})
	}
	return l
}

// shown returns the first place that shows the order of the iteration, or nil.
func (l *loop) shown() *showing {
	if l.key == nil && l.value == nil && l.statement.Tok != token.ASSIGN {
		return nil // All iterations are alike.
	}
	if l.statement.Tok == token.ASSIGN {
		return showingAt(l.statement.Key, "the loop leaves its last key and value behind")
	}
	if found := l.block(l.statement.Body); found != nil {
		return found
	}
	for i, a := range l.effects {
		for _, b := range l.effects[:i] {
			if a.root == b.root && a.text == b.text && a.kind != b.kind {
				return showingAt(a.target, "changes %s in two ways that do not commute", a.text)
			}
		}
	}
	if found := l.read(); found != nil {
		return found
	}
	return l.left()
}

// inside reports whether pos is inside the loop.
func (l *loop) inside(pos token.Pos) bool {
	return l.statement.Pos() <= pos && pos < l.statement.End()
}

// local reports whether object lives no longer than an iteration.
func (l *loop) local(object types.Object) bool {
	return object != nil && l.inside(object.Pos())
}

// read finds an expression that reads what an iteration changes.
func (l *loop) read() *showing {
	var found *showing
	ast.Inspect(l.statement.Body, func(n ast.Node) bool {
		e, isExpr := n.(ast.Expr)
		if found != nil || !isExpr || l.own[e] {
			return found == nil
		}
		switch e := e.(type) {
		case *ast.CallExpr:
			if changed := l.readByCall(e); changed != "" {
				found = showingAt(e, "a call of %s, which may read %s, which earlier iterations have changed", types.ExprString(e.Fun), changed)
			}
			return found == nil
		case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.StarExpr:
		default:
			return true
		}
		text, root := types.ExprString(e), l.rootObject(e)
		for _, changed := range l.effects {
			if changed.root == root && changed.text == text {
				found = showingAt(e, "reads %s, which earlier iterations have changed", text)
			}
		}
		return found == nil
	})
	return found
}

// readByCall returns the target of an effect that a called function of the package can reach through its receiver, an
// argument or a package variable; or "".
func (l *loop) readByCall(call *ast.CallExpr) string {
	function := l.callee(call)
	if function == nil || function.Pkg() != l.pass.Pkg {
		return ""
	}
	reached := call.Args
	if method, is := ast.Unparen(call.Fun).(*ast.SelectorExpr); is {
		reached = append([]ast.Expr{method.X}, reached...)
	}
	for _, changed := range l.effects {
		if changed.root.Parent() == l.pass.Pkg.Scope() {
			return changed.text
		}
		for _, argument := range reached {
			// A method of the iteration's own entry may read what the iteration writes to that entry.
			if root := l.rootObject(argument); root == changed.root && root != l.value {
				return changed.text
			}
		}
	}
	return ""
}

// left checks the early exits of the loop: the result must not depend on the entry at which it ended.
func (l *loop) left() *showing {
	for _, exit := range l.exits {
		if exit.text != l.exits[0].text {
			return showingAt(exit.at, "ends in a way that depends on which entry came first")
		}
		for _, effect := range l.effects {
			constant := strings.HasPrefix(effect.kind, kindConstant)
			if len(l.exits) > 1 || !constant || effect.list != exit.list {
				return showingAt(exit.at, "ends early, so that what was done depends on which entries came first")
			}
		}
	}
	return nil
}

// block checks a list of statements.
func (l *loop) block(block *ast.BlockStmt) *showing {
	return l.statements(block, block.List)
}

// statements checks the statements of a list, which belongs to owner.
func (l *loop) statements(owner ast.Node, list []ast.Stmt) *showing {
	outer := l.list
	l.list = owner
	defer func() { l.list = outer }()
	for _, statement := range list {
		if found := l.judge(statement); found != nil {
			return found
		}
	}
	return nil
}

// judge returns what shows the order in one statement.
func (l *loop) judge(statement ast.Stmt) *showing {
	switch s := statement.(type) {
	case nil, *ast.EmptyStmt:
		return nil
	case *ast.AssignStmt:
		return l.assign(s)
	case *ast.IncDecStmt:
		return l.accumulate(s, s.X, kindAdd)
	case *ast.ExprStmt:
		return l.call(s)
	case *ast.DeclStmt:
		return l.pure(s.Decl)
	case *ast.BlockStmt:
		return l.block(s)
	case *ast.LabeledStmt:
		return l.judge(s.Stmt)
	case *ast.IfStmt:
		if found, is := l.extreme(s); is {
			return found
		}
		return first(l.judge(s.Init), l.pure(s.Cond), func() *showing { return l.block(s.Body) }, func() *showing { return l.judge(s.Else) })
	case *ast.SwitchStmt:
		return first(l.judge(s.Init), l.pure(s.Tag), func() *showing { return l.cases(s.Body) })
	case *ast.TypeSwitchStmt:
		return first(l.judge(s.Init), l.judgeTypeSwitchGuard(s.Assign), func() *showing { return l.cases(s.Body) })
	case *ast.ForStmt:
		return first(l.judge(s.Init), l.pure(s.Cond), func() *showing { return l.judge(s.Post) }, func() *showing { return l.inner(s.Body) })
	case *ast.RangeStmt:
		if s.Tok == token.ASSIGN {
			return showingAt(s, "assigns to variables of the function in an inner loop")
		}
		return first(l.pure(s.X), nil, func() *showing { return l.inner(s.Body) })
	case *ast.BranchStmt:
		return l.branch(s)
	case *ast.ReturnStmt:
		return l.leave(s)
	}
	return showingAt(statement, "a statement with other effects")
}

// first returns the first showing that is not nil. The rest is computed only if a and b are nil.
func first(a, b *showing, rest ...func() *showing) *showing {
	if a != nil {
		return a
	}
	if b != nil {
		return b
	}
	for _, look := range rest {
		if found := look(); found != nil {
			return found
		}
	}
	return nil
}

// cases checks the body of a switch.
func (l *loop) cases(body *ast.BlockStmt) *showing {
	l.breakable++
	defer func() { l.breakable-- }()
	for _, statement := range body.List {
		clause, isClause := statement.(*ast.CaseClause)
		if !isClause {
			return showingAt(statement, "a statement with other effects")
		}
		for _, e := range clause.List {
			if found := l.pure(e); found != nil {
				return found
			}
		}
		if found := l.statements(clause, clause.Body); found != nil {
			return found
		}
	}
	return nil
}

// inner checks the body of a loop inside the loop.
func (l *loop) inner(body *ast.BlockStmt) *showing {
	l.breakable++
	defer func() { l.breakable-- }()
	return l.block(body)
}

// judgeTypeSwitchGuard checks x := v.(type).
func (l *loop) judgeTypeSwitchGuard(guard ast.Stmt) *showing {
	switch s := guard.(type) {
	case *ast.AssignStmt:
		return l.pure(s.Rhs[0])
	case *ast.ExprStmt:
		return l.pure(s.X)
	}
	return nil
}

// pure checks an expression that is only read.
func (l *loop) pure(n ast.Node) *showing {
	if n == nil {
		return nil
	}
	if at, why := l.impure(n); at != nil {
		return showingAt(at, "%s, which may have other effects", why)
	}
	return nil
}

// branch checks break, continue, goto and fallthrough.
func (l *loop) branch(s *ast.BranchStmt) *showing {
	switch {
	case s.Tok == token.FALLTHROUGH, s.Tok == token.CONTINUE && s.Label == nil:
		return nil
	case s.Tok == token.BREAK && s.Label == nil && l.breakable > 0:
		return nil
	case s.Label != nil && l.labels[s.Label.Name] && (s.Tok == token.CONTINUE || l.labelInside(s.Label.Name)):
		return nil
	}
	text := s.Tok.String()
	if s.Label != nil {
		text += " " + s.Label.Name
	}
	l.exits = append(l.exits, exit{at: s, text: text, list: l.list})
	return nil
}

// labelInside reports whether the label belongs to a statement inside the loop, not to the loop itself.
func (l *loop) labelInside(name string) bool {
	inside := false
	ast.Inspect(l.statement.Body, func(n ast.Node) bool {
		labeled, is := n.(*ast.LabeledStmt)
		inside = inside || is && labeled.Label.Name == name
		return !inside
	})
	return inside
}

// leave checks a return: its results must not depend on the entry.
func (l *loop) leave(s *ast.ReturnStmt) *showing {
	text := "return"
	for _, result := range s.Results {
		if found := l.pure(result); found != nil {
			return found
		}
		if l.depends(result) {
			return showingAt(result, "returns %s of the entry that came first", types.ExprString(result))
		}
		text += " " + types.ExprString(result)
	}
	l.exits = append(l.exits, exit{at: s, text: text, list: l.list})
	return nil
}

// depends reports whether e reads anything that differs between iterations.
func (l *loop) depends(e ast.Expr) bool {
	depends := false
	ast.Inspect(e, func(n ast.Node) bool {
		if ident, is := n.(*ast.Ident); is {
			depends = depends || l.local(l.pass.TypesInfo.Uses[ident])
		}
		return !depends
	})
	return depends
}

// isKey reports whether e is the key of the loop, or a conversion of it between types with the same underlying type, so
// that no two iterations give the same value.
func (l *loop) isKey(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return l.key != nil && l.pass.TypesInfo.Uses[e] == l.key
	case *ast.CallExpr:
		if !l.isConversion(e) || len(e.Args) != 1 {
			return false
		}
		to, from := underlying(l.pass.TypesInfo.TypeOf(e)), underlying(l.pass.TypesInfo.TypeOf(e.Args[0]))
		return to != nil && from != nil && types.Identical(to, from) && l.isKey(e.Args[0])
	}
	return false
}

// sortsOwn reports whether the call sorts a slice that belongs to the loop's own entry in place.
func (l *loop) sortsOwn(call *ast.CallExpr) bool {
	if !l.isSort(call) || len(call.Args) == 0 {
		return false
	}
	slice := ast.Unparen(call.Args[0])
	if index, is := slice.(*ast.IndexExpr); is && l.isKey(index.Index) {
		return true
	}
	root := l.rootObject(slice)
	_, whole := slice.(*ast.Ident)
	return root != nil && (root == l.value || whole && l.local(root))
}
