package postgres

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed sql
var embedded embed.FS

// A statement is one SQL statement of a file, with the arguments that it names in
// the order of their placeholders.
type statement struct {
	sql       string
	arguments []string
}

// An operation is a file below sql: one statement, or several that go to the server
// as one pipelined batch, which is one transaction. The answer is that of the last
// one; those before it take locks.
type operation struct {
	name       string // such as reviews/claim
	statements []statement
}

var argument = regexp.MustCompile(`@[a-z_]+`)

// parse takes a file apart: comments run from two dashes to the end of the line, a
// statement ends with a semicolon at the end of a line, and @name is an argument.
// A statement arrives at the server without its comments, under the file's name.
func parse(name, text string) (*operation, error) {
	op := &operation{name: name}
	var body strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "--")
		line = strings.TrimRight(line, " \t\r\n")
		if strings.TrimSpace(line) == "" {
			continue
		}
		last, end := strings.CutSuffix(line, ";")
		body.WriteString(last + "\n")
		if end {
			op.statements = append(op.statements, number(name, body.String()))
			body.Reset()
		}
	}
	switch {
	case body.Len() != 0:
		return nil, fmt.Errorf("postgres: %s.sql ends in the middle of a statement: %q", name, body.String())
	case len(op.statements) == 0:
		return nil, fmt.Errorf("postgres: %s.sql holds no statement", name)
	}
	return op, nil
}

// number replaces the names of arguments by placeholders.
func number(name, body string) statement {
	var s statement
	s.sql = "/* " + name + " */ " + argument.ReplaceAllStringFunc(body, func(found string) string {
		at := slices.Index(s.arguments, found[1:])
		if at < 0 {
			at = len(s.arguments)
			s.arguments = append(s.arguments, found[1:])
		}
		return fmt.Sprintf("$%d", at+1)
	})
	return s
}

// bind lists the values of the statement's arguments.
func (s *statement) bind(values pgx.NamedArgs) ([]any, error) {
	bound := make([]any, len(s.arguments))
	for i, name := range s.arguments {
		value, ok := values[name]
		if !ok {
			return nil, fmt.Errorf("postgres: argument @%s is none of %s", name,
				strings.Join(slices.Sorted(maps.Keys(values)), ", "))
		}
		bound[i] = value
	}
	return bound, nil
}

// operations reads the named files of a directory below sql. Files that stand in the
// program itself can only be broken by whoever builds it, so that is a panic.
func operations(files fs.FS, directory string) map[string]*operation {
	names, err := fs.Glob(files, "sql/"+directory+"/*.sql")
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("postgres: no statements in sql/%s: %v", directory, err))
	}
	parsed := make(map[string]*operation, len(names))
	for _, path := range names {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			panic(err)
		}
		name := strings.TrimSuffix(strings.TrimPrefix(path, "sql/"), ".sql")
		op, err := parse(name, string(text))
		if err != nil {
			panic(err)
		}
		parsed[strings.TrimPrefix(name, directory+"/")] = op
	}
	return parsed
}
