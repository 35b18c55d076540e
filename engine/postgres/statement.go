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

// A statement is one SQL statement of a file. arguments are the names of its arguments, in the order of their
// placeholders.
type statement struct {
	sql       string
	arguments []string
}

// An operation is a file below sql: one statement, or several that go to the server as one pipelined batch, which is
// one transaction. The last statement returns the answer; those before it take locks.
type operation struct {
	name       string // such as reviews/claim
	statements []statement
}

var argument = regexp.MustCompile(`@[a-z_]+`)

// parse splits a file into statements. A comment runs from two dashes to the end of the line, a semicolon at the end of
// a line ends a statement, and @name is an argument. A statement goes to the server without its comments, and begins
// with the name of its file.
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

// number replaces the names of arguments with placeholders.
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

// bind returns the values of the statement's arguments in order. The error names an argument without a value.
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

// operations reads the files of a folder below sql. It panics if one is malformed: the files are part of the program.
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
