package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"
)

// File is a Go source file.
type File struct {
	// Path is its path from the root of the module. One that ends in _test.go is a test.
	Path string
	// Source is its content.
	Source []byte
}

// Tidy returns where the files of one package lack a comment, each as a line that begins with the place:
//
//   - a package has a comment that describes it
//   - with documented, every exported function, type, constant, variable and method of an exported type has a comment.
//     A group of constants or variables may share one, and a comment in the group may describe several by their names.
//     Tests are spared.
//
// The error is that of a file which does not parse.
func Tidy(files []File, documented bool) ([]string, error) {
	var found []string
	positions := token.NewFileSet()
	hasDoc, clause, onlyTests := false, "", true
	for _, file := range files {
		onlyTests = onlyTests && isTest(file.Path)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(positions, file.Path, file.Source, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, fmt.Errorf("parse for the house rules: %w", err)
		}
		if isTest(file.Path) && !onlyTests {
			continue
		}
		if clause == "" {
			clause = positions.Position(tree.Package).String() + ": package " + tree.Name.Name
		}
		hasDoc = hasDoc || hasText(tree.Doc)
		if documented && !isTest(file.Path) {
			for _, name := range undocumented(tree) {
				found = append(found, fmt.Sprintf("%s: %s is exported without a comment; describe what it does, its units and its errors", positions.Position(name.Pos()), name.Name))
			}
		}
	}
	if !hasDoc && clause != "" {
		found = append(found, clause+" has no comment; describe in one file what the package is for")
	}
	return found, nil
}

// isTest reports whether path is that of a test.
func isTest(path string) bool { return strings.HasSuffix(path, "_test.go") }

// hasText reports whether a comment has text; a directive has none.
func hasText(comment *ast.CommentGroup) bool {
	return strings.TrimSpace(comment.Text()) != ""
}

// undocumented returns the exported names of a file that have no comment.
func undocumented(file *ast.File) []*ast.Ident {
	var names []*ast.Ident
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && !hasText(d.Doc) && exportedReceiver(d) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, undocumentedSpec(d, spec)...)
			}
		}
	}
	return names
}

// undocumentedSpec returns the names without a comment of one spec of d.
func undocumentedSpec(d *ast.GenDecl, spec ast.Spec) []*ast.Ident {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		alone := len(d.Specs) == 1 && hasText(d.Doc)
		if s.Name.IsExported() && !hasText(s.Doc) && !hasText(s.Comment) && !alone {
			return []*ast.Ident{s.Name}
		}
	case *ast.ValueSpec:
		if hasText(d.Doc) || hasText(s.Doc) || hasText(s.Comment) {
			return nil
		}
		var names []*ast.Ident
		for _, name := range s.Names {
			if name.IsExported() && !mentioned(d, name.Name) {
				names = append(names, name)
			}
		}
		return names
	}
	return nil
}

// mentioned reports whether a comment in the group d contains the name.
func mentioned(d *ast.GenDecl, name string) bool {
	for _, spec := range d.Specs {
		value, isValue := spec.(*ast.ValueSpec)
		if !isValue {
			continue
		}
		words := strings.FieldsFunc(value.Doc.Text(), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_'
		})
		if slices.Contains(words, name) {
			return true
		}
	}
	return false
}

// exportedReceiver reports whether a function has no receiver, or one of an exported type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	receiver := d.Recv.List[0].Type
	for {
		switch t := receiver.(type) {
		case *ast.StarExpr:
			receiver = t.X
		case *ast.IndexExpr:
			receiver = t.X
		case *ast.IndexListExpr:
			receiver = t.X
		case *ast.ParenExpr:
			receiver = t.X
		case *ast.Ident:
			return t.IsExported()
		default:
			return false
		}
	}
}
