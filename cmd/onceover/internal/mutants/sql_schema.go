package mutants

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// The function that reads a file of statements, and where it stands.
const (
	sqlReaderFile = "engine/postgres/statement.go"
	sqlReaderName = "parse"
)

// sqlSchema returns the files of package postgres in which a variable of the environment selects a mutant: in place of
// the function that reads a file of statements stands one that reads the mutant's text for that file. As with Go, all
// mutants are built at once, and the engine knows nothing of them.
func sqlSchema(mutants []Mutant, read func(string) (string, error)) (overlay.Edits, error) {
	source, err := read(sqlReaderFile)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	syntax, err := parser.ParseFile(fset, sqlReaderFile, source, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	at := -1
	for _, d := range syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == sqlReaderName {
			at = fset.Position(f.Name.End()).Offset
		}
	}
	if at < 0 {
		return nil, fmt.Errorf("%s declares no function %s(name, text string) any more, which is where mutants of SQL are put in", sqlReaderFile, sqlReaderName)
	}
	var texts strings.Builder
	for i := range mutants {
		m := &mutants[i]
		name := strings.TrimSuffix(strings.TrimPrefix(m.File, sqlDirectory+"/"), ".sql")
		fmt.Fprintf(&texts, "\tcase \"%d\":\n\t\tif name == %q {\n\t\t\ttext = %q\n\t\t}\n", m.number, name, m.declaration)
	}
	return overlay.Edits{
		sqlReaderFile: source[:at] + originalSuffix + source[at:],
		"engine/postgres/" + selectorFile: fmt.Sprintf(
			"package postgres\n\nimport \"os\"\n\n"+
				"func %s(name, text string) (*operation, error) {\n\tswitch os.Getenv(%q) {\n%s\t}\n\treturn %[1]s%[4]s(name, text)\n}\n",
			sqlReaderName, selector, texts.String(), originalSuffix),
	}, nil
}
