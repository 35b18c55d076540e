package house

import (
	"fmt"
	"go/ast"
	"go/doc/comment"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// A commented is a package with its comments.
type commented struct {
	fset  *token.FileSet
	types *types.Package
	files []*ast.File
	// lookup returns another package by its import path, nil if there is none.
	lookup func(path string) *types.Package
}

// bracketed are texts that look like links to identifiers. The parser of comments sees links to exported ones only.
var bracketed = regexp.MustCompile(`(?:^|[\s(])\[(\*?(?:[\w./-]*/)?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,2})\]`)

// deadLinks returns where comments of a package name what does not exist, each as a line that begins with the place: an
// identifier in brackets, such as [fmt.Stringer], or a path in the tree.
func (c *commented) deadLinks(known *knownTree) []string {
	var dead []string
	imports := c.imports()
	parser := &comment.Parser{
		LookupPackage: func(name string) (string, bool) {
			if path, is := imports[name]; is {
				return path, path != ""
			}
			return comment.DefaultLookupPackage(name)
		},
		LookupSym: func(receiver, name string) bool { return c.resolves(c.types, receiver, name) },
	}
	for _, file := range c.files {
		for _, group := range file.Comments {
			at := c.fset.Position(group.Pos())
			report := func(format string, arguments ...any) {
				dead = append(dead, fmt.Sprintf("%s:%d: comment: ", at.Filename, at.Line)+fmt.Sprintf(format, arguments...))
			}
			text := group.Text()
			for _, path := range known.deadPaths(text) {
				report("%s", path)
			}
			walkTexts(parser.Parse(text).Content, func(t comment.Text) {
				switch t := t.(type) {
				case *comment.DocLink:
					of := c.types
					if t.ImportPath != "" {
						of = c.lookup(t.ImportPath)
					}
					if of == nil {
						report("[%s]: no such package", t.ImportPath)
					} else if t.Name != "" && !c.resolves(of, t.Recv, t.Name) {
						report("[%s]: no such identifier", joinNames(t.ImportPath, t.Recv, t.Name))
					}
				case comment.Plain:
					for _, match := range bracketed.FindAllStringSubmatch(string(t), -1) {
						if !c.isKnown(imports, strings.TrimPrefix(match[1], "*")) {
							report("[%s]: no such identifier or package", match[1])
						}
					}
				}
			})
		}
	}
	return dead
}

// imports returns the paths of the packages that the files import, by the names that comments use.
func (c *commented) imports() map[string]string {
	imports := map[string]string{c.types.Name(): c.types.Path()}
	for _, file := range c.files {
		for _, spec := range file.Imports {
			path := strings.Trim(spec.Path.Value, `"`)
			if spec.Name != nil {
				imports[spec.Name.Name] = path
			} else if p := c.lookup(path); p != nil {
				imports[p.Name()] = path
			}
		}
	}
	return imports
}

// isKnown reports whether a text in brackets, which documentation does not link, names an identifier of the package
// that is not exported.
func (c *commented) isKnown(imports map[string]string, text string) bool {
	first, rest, is := strings.Cut(text, ".")
	if !is {
		return c.resolves(c.types, "", first) || imports[first] != ""
	}
	if path := imports[first]; path != "" {
		receiver, name, is := strings.Cut(rest, ".")
		if !is {
			receiver, name = "", rest
		}
		if p := c.lookup(path); p != nil && c.resolves(p, receiver, name) {
			return true
		}
	}
	return c.resolves(c.types, first, rest)
}

// resolves reports whether a package has an identifier, or one of its types the method or field.
func (c *commented) resolves(p *types.Package, receiver, name string) bool {
	if p == nil {
		return false
	}
	if receiver == "" {
		return p.Scope().Lookup(name) != nil
	}
	of, is := p.Scope().Lookup(receiver).(*types.TypeName)
	if !is {
		return false
	}
	found, _, _ := types.LookupFieldOrMethod(of.Type(), true, p, name)
	return found != nil
}

// joinNames joins the names that are not empty with points.
func joinNames(names ...string) string {
	return strings.Join(slices.DeleteFunc(names, func(name string) bool { return name == "" }), ".")
}

// walkTexts calls visit for every text of a comment, code apart.
func walkTexts(blocks []comment.Block, visit func(comment.Text)) {
	each := func(texts []comment.Text) {
		for _, t := range texts {
			visit(t)
		}
	}
	for _, block := range blocks {
		switch b := block.(type) {
		case *comment.Heading:
			each(b.Text)
		case *comment.Paragraph:
			each(b.Text)
		case *comment.List:
			for _, item := range b.Items {
				walkTexts(item.Content, visit)
			}
		}
	}
}
