package mutants

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A file is one source file of a scope.
type file struct {
	path   string // from the module's root
	source string
	fset   *token.FileSet
	syntax *ast.File
	types  *types.Package
	info   *types.Info
}

// A declaration is one function of a file.
type declaration struct {
	file *file
	node *ast.FuncDecl
	name string // with that of the receiver's type
}

// slice returns the source between two positions.
func (f *file) slice(from, to token.Pos) string {
	start := f.syntax.FileStart
	return f.source[from-start : to-start]
}

func (f *file) line(at token.Pos) int { return f.fset.Position(at).Line }

// Generate returns the mutants of the scopes, in the order of scopes, files and positions; the same sources always give
// the same mutants. Each differs from the source and from all others. Those that do not compile have the reason in
// Refused. root is the module's root and read reads a file by its path from there.
//
// An error reports that the sources can't be read or do not compile.
func Generate(ctx context.Context, root string, scopes []Scope, read func(string) (string, error)) ([]Mutant, error) {
	var all []Mutant
	for i := range scopes {
		p, files, err := load(ctx, root, &scopes[i], read)
		if err != nil {
			return nil, fmt.Errorf("scope %s: %w", scopes[i].Name, err)
		}
		first := len(all)
		for _, f := range files {
			all = append(all, mutants(f, &scopes[i])...)
		}
		for j := first; j < len(all); j++ {
			all[j].number = j + 1
		}
		if err := refuse(p, all[first:]); err != nil {
			return nil, fmt.Errorf("scope %s: %w", scopes[i].Name, err)
		}
	}
	return all, nil
}

// load parses and type-checks the files of a scope, in the order of their names.
func load(ctx context.Context, root string, scope *Scope, read func(string) (string, error)) (*packages.Package, []*file, error) {
	config := &packages.Config{
		Context: ctx, Dir: root,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedTypesSizes,
	}
	loaded, err := packages.Load(config, "./"+scope.Directory)
	if err != nil {
		return nil, nil, fmt.Errorf("load %s: %w", scope.Directory, err)
	}
	if len(loaded) != 1 {
		return nil, nil, fmt.Errorf("%s stands for %d packages, want one", scope.Directory, len(loaded))
	}
	p := loaded[0]
	if len(p.Errors) > 0 {
		return nil, nil, errors.New(p.Errors[0].Error())
	}
	var files []*file
	for i, syntax := range p.Syntax {
		name := filepath.Base(p.CompiledGoFiles[i])
		if !scope.covers(name) {
			continue
		}
		f := &file{path: path.Join(scope.Directory, name), fset: p.Fset, syntax: syntax, types: p.Types, info: p.TypesInfo}
		if f.source, err = read(f.path); err != nil {
			return nil, nil, err
		}
		if len(f.source) != int(syntax.FileEnd-syntax.FileStart) {
			return nil, nil, fmt.Errorf("%s was changed while it was read; run again", f.path)
		}
		files = append(files, f)
	}
	if len(scope.Files) > 0 && len(files) != len(scope.Files) {
		return nil, nil, fmt.Errorf("%d of the files %s are there; the scope's list of files has to follow the source",
			len(files), strings.Join(scope.Files, ", "))
	}
	slices.SortFunc(files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return p, files, nil
}

// functions returns the functions of a file. Those with type parameters are left out: nothing that matters here is
// generic.
func (f *file) functions() []*declaration {
	var all []*declaration
	for _, d := range f.syntax.Decls {
		node, ok := d.(*ast.FuncDecl)
		if ok && node.Body != nil && node.Type.TypeParams == nil {
			all = append(all, &declaration{file: f, node: node, name: functionName(node)})
		}
	}
	return all
}

// mutants applies every operator to every node of a file's functions.
func mutants(f *file, scope *Scope) []Mutant {
	var all []Mutant
	ordinals := make(map[string]int)
	for _, function := range f.functions() {
		if scope.spares(function.name) {
			continue
		}
		node := function.node
		seen := map[string]bool{f.slice(node.Pos(), node.End()): true}
		emit := func(m *Mutant) {
			if seen[m.declaration] {
				return
			}
			seen[m.declaration] = true
			id := m.ID()
			ordinals[id]++
			m.Scope, m.Ordinal = scope.Name, ordinals[id]
			all = append(all, *m)
		}
		ast.PreorderStack(node, nil, func(n ast.Node, parents []ast.Node) bool {
			if len(parents) == 0 {
				return true
			}
			for _, operator := range Operators() {
				operator.mutate(&place{file: f, original: function, node: n, parents: parents, operator: operator.Name, emit: emit})
			}
			return true
		})
	}
	return all
}

// functionName is the name of a function, with that of its receiver's type.
func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	receiver := f.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	if name, ok := receiver.(*ast.Ident); ok {
		return name.Name + "." + f.Name.Name
	}
	return f.Name.Name
}
