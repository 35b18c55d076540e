package house

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// proseNames are the names, in lower case, of fields, methods, functions, parameters and variables with strings that
// are written for a reader.
var proseNames = []string{
	"cause", "complaint", "detail", "error", "message", "note", "problem", "reason", "sentence", "summary", "text", "title",
	"what", "why", "wrong",
}

// matching are the functions that look into a text, by package. Every use of them is found, because the type of a
// string does not show what it holds: an identifier, a path, or a line of a protocol. The list of allowed places has
// the reason.
var matching = map[string][]string{
	"strings": {
		"Compare", "Contains", "ContainsAny", "ContainsFunc", "ContainsRune", "Count", "Cut", "CutPrefix", "CutSuffix",
		"EqualFold", "Fields", "FieldsFunc", "FieldsFuncSeq", "FieldsSeq", "HasPrefix", "HasSuffix", "Index", "IndexAny",
		"IndexByte", "IndexFunc", "IndexRune", "LastIndex", "LastIndexAny", "LastIndexByte", "LastIndexFunc", "Lines",
		"NewReplacer", "Replace", "ReplaceAll", "Split", "SplitAfter", "SplitAfterN", "SplitAfterSeq", "SplitN", "SplitSeq",
		"Trim", "TrimFunc", "TrimLeft", "TrimLeftFunc", "TrimPrefix", "TrimRight", "TrimRightFunc", "TrimSpace", "TrimSuffix",
	},
	"regexp": {"Compile", "CompilePOSIX", "Match", "MatchReader", "MatchString", "MustCompile", "MustCompilePOSIX"},
	"fmt":    {"Fscan", "Fscanf", "Fscanln", "Sscan", "Sscanf", "Sscanln"},
	"path":   {"Match"},
}

// comparing are functions that compare their arguments or the elements of them, by package.
var comparing = map[string][]string{
	"slices": {
		"BinarySearch", "Compact", "Compare", "Contains", "Equal", "Index", "Max", "Min", "Sort", "Sorted",
	},
	"cmp":     {"Compare", "Less"},
	"bytes":   {"Compare", "Equal"},
	"reflect": {"DeepEqual"},
}

// comparisons are the operators that compare.
var comparisons = []token.Token{token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ}

// Prose finds code that decides by a text that was written for a reader. A sentence can be reworded only if nothing
// depends on its words, so code decides by identifiers, enumerations and types. Prose reports, outside tests:
//
//   - every use of a function of package strings, bytes, regexp or path that looks into a text ([strings.HasPrefix],
//     [strings.Split], …), and of the scanning functions of package fmt
//   - prose that is compared: by ==, != and <, by a switch, as the key of a map, by a function such as
//     [slices.Contains]
//
// A string is prose if it is
//
//   - a field, variable, parameter, or the result of a function with one of the names Message, Text, Reason, …
//     (proseNames)
//   - the result of a method Error, String or GoString, or of a formatting function of package fmt
//   - a constant with a space in it
//   - made from such a string: by conversion, concatenation, slicing, a function of package strings, or assignment to a
//     variable
//
// A defined type such as faults.Kind is not prose, since its values are a list of identifiers. Comparing prose with ""
// is allowed, since whether there is a sentence is a fact. So is comparing structs as a whole, which are data.
var Prose = &analysis.Analyzer{
	Name: "prose",
	Doc:  "report code that decides by the words of a text",
	Run:  runProse,
}

// A prosePass looks at one package.
type prosePass struct {
	*analysis.Pass
	// made are the variables to which prose is assigned.
	made map[types.Object]bool
}

func runProse(pass *analysis.Pass) (any, error) {
	p := &prosePass{Pass: pass, made: make(map[types.Object]bool)}
	var files []*ast.File
	for _, file := range pass.Files {
		if !isTest(pass.Fset.Position(file.Pos()).Filename) {
			files = append(files, file)
		}
	}
	p.followAssignments(files)
	inspector.New(files).Preorder([]ast.Node{
		(*ast.SelectorExpr)(nil), (*ast.CallExpr)(nil), (*ast.BinaryExpr)(nil), (*ast.SwitchStmt)(nil), (*ast.IndexExpr)(nil), (*ast.CompositeLit)(nil),
	}, func(node ast.Node) {
		switch n := node.(type) {
		case *ast.SelectorExpr:
			if pkg, name := p.function(n); looksInto(pkg, name) {
				p.Reportf(n.Pos(), "%s.%s looks into a text: decide by an identifier or a type", pkg, name)
			}
		case *ast.CallExpr:
			p.checkCall(n)
		case *ast.BinaryExpr:
			if slices.Contains(comparisons, n.Op) {
				p.checkCompared(n.OpPos, n.Op.String(), n.X, n.Y)
			}
		case *ast.SwitchStmt:
			p.checkSwitch(n)
		case *ast.IndexExpr:
			if isMap(p.TypesInfo.TypeOf(n.X)) {
				p.checkKey(n.Index)
			}
		case *ast.CompositeLit:
			if isMap(p.TypesInfo.TypeOf(n)) {
				for _, element := range n.Elts {
					if pair, is := element.(*ast.KeyValueExpr); is {
						p.checkKey(pair.Key)
					}
				}
			}
		}
	})
	return nil, nil
}

// checkCall reports a call that compares prose.
func (p *prosePass) checkCall(call *ast.CallExpr) {
	if builtin, is := ast.Unparen(call.Fun).(*ast.Ident); is && builtin.Name == "delete" && len(call.Args) == 2 {
		if _, is := p.TypesInfo.Uses[builtin].(*types.Builtin); is {
			p.checkKey(call.Args[1])
		}
		return
	}
	if pkg, name := p.callee(call); slices.Contains(comparing[pkg], name) {
		p.checkCompared(call.Pos(), pkg+"."+name, call.Args...)
	}
}

// looksInto reports whether a function looks into a text. Functions of bytes are like those of strings, and the methods
// of a regular expression are not needed: its compilation is found.
func looksInto(pkg, name string) bool {
	if pkg == "bytes" {
		return slices.Contains(matching["strings"], name) && name != "Compare"
	}
	return slices.Contains(matching[pkg], name)
}

// callee returns the package's path and the name of the function that is called, unless it is a method or a variable.
func (p *prosePass) callee(call *ast.CallExpr) (pkg, name string) {
	fun := ast.Unparen(call.Fun)
	switch f := fun.(type) {
	case *ast.IndexExpr:
		fun = f.X
	case *ast.IndexListExpr:
		fun = f.X
	}
	return p.function(fun)
}

// function returns the package's path and the name if an expression is a function of another package.
func (p *prosePass) function(e ast.Expr) (pkg, name string) {
	selector, is := e.(*ast.SelectorExpr)
	if !is {
		return "", ""
	}
	function, is := p.TypesInfo.Uses[selector.Sel].(*types.Func)
	if !is || function.Pkg() == nil || function.Signature().Recv() != nil {
		return "", ""
	}
	return function.Pkg().Path(), function.Name()
}

// checkCompared reports a comparison of prose. One with the empty string asks whether there is any.
func (p *prosePass) checkCompared(at token.Pos, by string, operands ...ast.Expr) {
	if slices.ContainsFunc(operands, p.isEmpty) {
		return
	}
	for _, operand := range operands {
		if p.isProse(operand) {
			p.Reportf(at, "%s compares prose: decide by an identifier or a type", by)
			return
		}
	}
}

// checkSwitch reports a switch over prose.
func (p *prosePass) checkSwitch(s *ast.SwitchStmt) {
	if s.Tag == nil {
		return // Its cases are conditions, which are found as such.
	}
	compared := []ast.Expr{s.Tag}
	for _, clause := range s.Body.List {
		for _, value := range clause.(*ast.CaseClause).List {
			if !p.isEmpty(value) {
				compared = append(compared, value)
			}
		}
	}
	if len(compared) > 1 {
		p.checkCompared(s.Pos(), "switch", compared...)
	}
}

// checkKey reports a key of a map that is prose.
func (p *prosePass) checkKey(key ast.Expr) {
	if p.isProse(key) {
		p.Reportf(key.Pos(), "the key of a map is prose: decide by an identifier or a type")
	}
}

// isEmpty reports whether an expression is the constant "".
func (p *prosePass) isEmpty(e ast.Expr) bool {
	value := p.TypesInfo.Types[e].Value
	return value != nil && value.Kind() == constant.String && constant.StringVal(value) == ""
}

// isProse reports whether an expression is a string for a reader.
func (p *prosePass) isProse(e ast.Expr) bool {
	e = ast.Unparen(e)
	known := p.TypesInfo.Types[e]
	if known.Value != nil {
		return known.Value.Kind() == constant.String && strings.ContainsRune(constant.StringVal(known.Value), ' ')
	}
	if !isText(known.Type) {
		return false
	}
	switch e := e.(type) {
	case *ast.Ident:
		return p.isProseObject(p.TypesInfo.ObjectOf(e))
	case *ast.SelectorExpr:
		return p.isProseObject(p.TypesInfo.ObjectOf(e.Sel))
	case *ast.CallExpr:
		return p.isProseCall(e)
	case *ast.BinaryExpr:
		return p.isProse(e.X) || p.isProse(e.Y)
	case *ast.SliceExpr:
		return p.isProse(e.X)
	case *ast.StarExpr:
		return p.isProse(e.X)
	}
	return false
}

// isProseObject reports whether a field, variable or parameter has prose in it, by its name or by what is assigned to
// it.
func (p *prosePass) isProseObject(o types.Object) bool {
	variable, is := o.(*types.Var)
	return is && (p.made[variable] || isString(variable.Type()) && slices.Contains(proseNames, strings.ToLower(variable.Name())))
}

// isProseCall reports whether what a call returns is prose, or made from prose.
func (p *prosePass) isProseCall(call *ast.CallExpr) bool {
	if p.TypesInfo.Types[call.Fun].IsType() {
		return isText(p.TypesInfo.TypeOf(call)) && p.isProse(call.Args[0])
	}
	switch pkg, name := p.callee(call); pkg {
	case "fmt":
		return true
	case "strings", "bytes":
		return slices.ContainsFunc(call.Args, p.isProse)
	case "":
		var selected *ast.Ident
		switch f := ast.Unparen(call.Fun).(type) {
		case *ast.SelectorExpr:
			selected = f.Sel
		case *ast.Ident:
			selected = f
		default:
			return false
		}
		name = strings.ToLower(selected.Name)
		return slices.Contains([]string{"string", "gostring"}, name) || slices.Contains(proseNames, name)
	default:
		return slices.Contains(proseNames, strings.ToLower(name))
	}
}

// followAssignments finds the variables to which prose is assigned.
func (p *prosePass) followAssignments(files []*ast.File) {
	for grown := true; grown; {
		grown = false
		assign := func(to *ast.Ident, value ast.Expr) {
			if o := p.TypesInfo.ObjectOf(to); o != nil && !p.made[o] && isText(o.Type()) && p.isMade(value) {
				p.made[o], grown = true, true
			}
		}
		inspector.New(files).Preorder([]ast.Node{(*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil)}, func(node ast.Node) {
			var to, values []ast.Expr
			switch n := node.(type) {
			case *ast.AssignStmt:
				to, values = n.Lhs, n.Rhs
			case *ast.ValueSpec:
				for _, name := range n.Names {
					to = append(to, name)
				}
				values = n.Values
			}
			if len(to) != len(values) {
				return
			}
			for i := range to {
				if name, is := to[i].(*ast.Ident); is {
					assign(name, values[i])
				}
			}
		})
	}
}

// isMade reports whether prose is assigned. A constant is none: which constants a variable takes is an enumeration.
func (p *prosePass) isMade(value ast.Expr) bool {
	return p.TypesInfo.Types[value].Value == nil && p.isProse(value)
}

// isString reports whether a type is string itself: a defined type is a list of identifiers.
func isString(t types.Type) bool { return types.Identical(t, types.Typ[types.String]) }

// isText reports whether a type is string or []byte.
func isText(t types.Type) bool {
	if t == nil {
		return false
	}
	if slice, is := types.Unalias(t).(*types.Slice); is {
		return types.Identical(slice.Elem(), types.Typ[types.Byte])
	}
	return isString(t)
}

// isMap reports whether a type is a map.
func isMap(t types.Type) bool {
	if t == nil {
		return false
	}
	_, is := t.Underlying().(*types.Map)
	return is
}

// Function returns the name of the function or method in which a position is, such as Find or Server.Kill, or of the
// first variable of a declaration outside of functions.
func Function(files []*ast.File, at token.Pos) string {
	for _, file := range files {
		for _, declaration := range file.Decls {
			if at < declaration.Pos() || at >= declaration.End() {
				continue
			}
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					return d.Name.Name
				}
				receiver := d.Recv.List[0].Type
				if star, is := receiver.(*ast.StarExpr); is {
					receiver = star.X
				}
				if generic, is := receiver.(*ast.IndexExpr); is {
					receiver = generic.X
				}
				return types.ExprString(receiver) + "." + d.Name.Name
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if value, is := spec.(*ast.ValueSpec); is && value.Pos() <= at && at < value.End() {
						return value.Names[0].Name
					}
				}
			}
		}
	}
	return ""
}
