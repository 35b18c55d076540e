package mutants

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// All mutants of a run are built into one program, and a variable of its environment selects one of them: a build takes
// longer than most mutants live. That is Untch, Offutt and Harrold, "Mutation Analysis Using Mutant Schemata", 1993,
// with the function as the unit: beside each function stand its mutants, and in its place one that calls the selected
// one of them.

const (
	// selector is the variable of the environment, selected the one in the program.
	selector = "ONCEOVER_MUTANT"
	selected = "mutantSelected"
	// selectorFile is the file that declares it, in each package.
	selectorFile = "mutant_selected.go"
)

// schemata returns the files of the mutants' packages with all mutants in them.
func schemata(mutants []Mutant) overlay.Edits {
	edits := overlay.Edits{}
	byFile := make(map[string][]Mutant)
	for _, m := range mutants {
		byFile[m.File] = append(byFile[m.File], m)
	}
	for name, of := range byFile {
		f := of[0].original.file
		edits[name] = schema(f, of)
		edits[path.Join(path.Dir(name), selectorFile)] = fmt.Sprintf(
			"package %s\n\nimport (\n\t\"os\"\n\t\"strconv\"\n)\n\nvar %s, _ = strconv.Atoi(os.Getenv(%q))\n",
			f.syntax.Name.Name, selected, selector)
	}
	return edits
}

// schema returns a file with mutants of its functions, which come in the order of the functions.
func schema(f *file, mutants []Mutant) string {
	var out strings.Builder
	last := f.syntax.FileStart
	for len(mutants) > 0 {
		d := mutants[0].original
		n := 1
		for n < len(mutants) && mutants[n].original == d {
			n++
		}
		out.WriteString(f.slice(last, d.node.Pos()))
		d.write(&out, mutants[:n])
		last = d.node.End()
		mutants = mutants[n:]
	}
	out.WriteString(f.slice(last, f.syntax.FileEnd))
	return out.String()
}

// write writes a function that calls the selected mutant, the function itself under another name, and the mutants.
func (d *declaration) write(out *strings.Builder, mutants []Mutant) {
	var parameters, arguments, results []string
	for _, field := range d.node.Type.Params.List {
		for range max(len(field.Names), 1) {
			name := fmt.Sprintf("argument%d", len(parameters))
			parameters = append(parameters, name+" "+d.file.slice(field.Type.Pos(), field.Type.End()))
			if _, variadic := field.Type.(*ast.Ellipsis); variadic {
				name += "..."
			}
			arguments = append(arguments, name)
		}
	}
	if d.node.Type.Results != nil {
		for _, field := range d.node.Type.Results.List {
			for range max(len(field.Names), 1) {
				results = append(results, d.file.slice(field.Type.Pos(), field.Type.End()))
			}
		}
	}
	receiver, owner := "", ""
	if d.node.Recv != nil {
		of := d.node.Recv.List[0].Type
		receiver, owner = "(receiver "+d.file.slice(of.Pos(), of.End())+") ", "receiver."
	}
	call := func(suffix string) {
		text := fmt.Sprintf("%s%s%s(%s)", owner, d.node.Name.Name, suffix, strings.Join(arguments, ", "))
		if len(results) > 0 {
			fmt.Fprintf(out, "\t\treturn %s\n", text)
		} else {
			fmt.Fprintf(out, "\t\t%s\n\t\treturn\n", text)
		}
	}
	fmt.Fprintf(out, "func %s%s(%s) (%s) {\n\tswitch %s {\n", receiver, d.node.Name.Name,
		strings.Join(parameters, ", "), strings.Join(results, ", "), selected)
	for i := range mutants {
		fmt.Fprintf(out, "\tcase %d:\n", mutants[i].number)
		call(mutants[i].suffix())
	}
	out.WriteString("\tdefault:\n")
	call(originalSuffix)
	out.WriteString("\t}\n}\n\n")
	out.WriteString(d.rename(d.file.slice(d.node.Pos(), d.node.End()), originalSuffix))
	for i := range mutants {
		out.WriteString("\n\n")
		out.WriteString(d.rename(mutants[i].declaration, mutants[i].suffix()))
	}
}

const (
	originalSuffix = "_original"
	mutantSuffix   = "_mutant"
)

// suffix makes the name of the function into that of its mutant.
func (m *Mutant) suffix() string { return mutantSuffix + strconv.Itoa(m.number) }

// rename puts a suffix behind the name of a function. Changes come after it.
func (d *declaration) rename(text, suffix string) string {
	at := d.node.Name.End() - d.node.Pos()
	return text[:at] + suffix + text[at:]
}

// refuse finds the mutants of a package that do not compile: it type-checks all of them at once, and sees in which each
// error is.
func refuse(p *packages.Package, mutants []Mutant) error {
	if len(mutants) == 0 {
		return nil
	}
	edits := make(map[string]string)
	for name, source := range schemata(mutants) {
		edits[path.Base(name)] = source
	}
	edits[selectorFile] = fmt.Sprintf("package %s\n\nvar %s int\n", p.Name, selected)
	names := []string{selectorFile}
	for _, name := range p.CompiledGoFiles {
		names = append(names, filepath.Base(name))
	}
	var files []*ast.File
	for i, name := range names {
		source, edited := edits[name]
		if !edited {
			files = append(files, p.Syntax[i-1])
			continue
		}
		f, err := parser.ParseFile(p.Fset, name, source, parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("a mutant is no Go at all, which is a mistake of its operator: %w", err)
		}
		files = append(files, f)
	}
	refused := make(map[string]string) // by the suffix of the mutant
	var other error
	config := types.Config{
		Importer: imports(p.Imports),
		Error: func(err error) {
			var at types.Error
			if !errors.As(err, &at) {
				other = err
				return
			}
			if suffix := mutantAt(files, at.Pos); suffix == "" {
				other = err
			} else if refused[suffix] == "" {
				refused[suffix] = at.Msg
			}
		},
	}
	_, _ = config.Check(p.PkgPath, p.Fset, files, nil) // its error is the first of those above
	if other != nil {
		return fmt.Errorf("type-check the mutants: %w", other)
	}
	for i := range mutants {
		mutants[i].Refused = refused[mutants[i].suffix()]
	}
	return nil
}

// mutantAt returns the suffix of the mutant that a position is in, or nothing.
func mutantAt(files []*ast.File, at token.Pos) string {
	for _, f := range files {
		if at < f.FileStart || at > f.FileEnd {
			continue
		}
		for _, d := range f.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok || at < function.Pos() || at > function.End() {
				continue
			}
			if i := strings.LastIndex(function.Name.Name, mutantSuffix); i >= 0 {
				return function.Name.Name[i:]
			}
		}
	}
	return ""
}

// imports hands out what a package imports.
type imports map[string]*packages.Package

// Import implements [types.Importer].
func (i imports) Import(path string) (*types.Package, error) {
	if p := i[path]; p != nil {
		return p.Types, nil
	}
	return nil, fmt.Errorf("no mutant imports %s", path)
}
