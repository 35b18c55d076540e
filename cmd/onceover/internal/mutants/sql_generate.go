package mutants

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// SQLScope returns the scope of the SQL statements. [GenerateSQL] makes its mutants.
func SQLScope() Scope {
	return Scope{Name: sqlScope, Sentence: "the SQL of the stores on Postgres", Directory: sqlDirectory}
}

const sqlScope = "sql"

// sqlDirectory holds the statements, from the module's root.
const sqlDirectory = "engine/postgres/sql"

// SQLOperators returns the ways in which a statement is broken, in the order in which reports list them. The slice is
// the caller's.
func SQLOperators() []Operator {
	return []Operator{
		{Name: "drop-lock", Sentence: "FOR UPDATE, or an advisory lock, is left out."},
		{Name: "drop-arm", Sentence: "An arm of a UNION returns nothing."},
		{Name: "drop-conjunct", Sentence: "One operand of AND is left out."},
		{Name: "drop-disjunct", Sentence: "One operand of OR, or one value of IN, is left out."},
		{Name: "drop-condition", Sentence: "A condition without AND and OR always holds."},
		{Name: "drop-case", Sentence: "A branch of CASE is never taken."},
		{Name: "drop-assignment", Sentence: "A column is not set."},
		{Name: "drop-effect", Sentence: "A write beside the one that is answered is left out."},
		{Name: "drop-conflict", Sentence: "ON CONFLICT is left out."},
		{Name: "drop-order", Sentence: "ORDER BY, or one of its keys, is left out."},
		{Name: "reverse-order", Sentence: "DESC is left out."},
		{Name: "drop-limit", Sentence: "LIMIT is left out."},
		{Name: "drop-distinct", Sentence: "DISTINCT is left out, or UNION keeps equal rows."},
		{Name: "drop-filter", Sentence: "The FILTER of an aggregate is left out."},
		{Name: "drop-fallback", Sentence: "One operand of coalesce, greatest or least is left out."},
		{Name: "drop-outer", Sentence: "LEFT JOIN becomes JOIN."},
		{Name: "drop-hint", Sentence: "A notification is left out."},
		{Name: "off-by-one", Sentence: "A bound is off by one: < becomes <=."},
	}
}

// GenerateSQL returns the mutants of all statements below engine/postgres/sql, in the order of files and positions. No
// server has seen them: see [ValidateSQL]. root and read are those of [Generate].
func GenerateSQL(root string, read func(string) (string, error)) ([]Mutant, error) {
	files, err := fs.Glob(os.DirFS(filepath.Join(root, filepath.FromSlash(sqlDirectory))), "*/*.sql")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("%d files of statements in %s: %w", len(files), sqlDirectory, cmp.Or(err, fs.ErrNotExist))
	}
	var all []Mutant
	for _, name := range files {
		name = path.Join(sqlDirectory, name)
		text, err := read(name)
		if err != nil {
			return nil, err
		}
		of, err := sqlMutants(name, text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, of...)
	}
	for i := range all {
		all[i].number = i + 1
	}
	return all, nil
}

// Names of what stands in no query with a name of its own.
const (
	sqlLocks  = "locks"  // statements before the last one
	sqlAnswer = "answer" // the last statement of a file
)

// sqlMutants returns the mutants of one file.
func sqlMutants(name, text string) ([]Mutant, error) {
	statements, err := sqlStatements(text)
	if err != nil {
		return nil, err
	}
	var all []Mutant
	ordinals := make(map[string]int)
	seen := map[string]bool{text: true}
	emit := func(m *Mutant, from, to int, instead string) {
		m.declaration = text[:from] + instead + text[to:]
		if seen[m.declaration] {
			return
		}
		seen[m.declaration] = true
		m.Scope, m.File, m.Line = sqlScope, name, 1+strings.Count(text[:from], "\n")
		id := m.ID()
		ordinals[id]++
		m.Ordinal = ordinals[id]
		all = append(all, *m)
	}
	for i, statement := range statements {
		c := &sqlCutter{text: text, emit: emit, words: make(map[string]int)}
		wordsOf(statement, c.words)
		where := sqlLocks
		if i == len(statements)-1 {
			where = sqlAnswer
		}
		if isLock(statement) {
			m := &Mutant{Function: where, Operator: "drop-lock", Before: snippet(c.source(statement))}
			end := statement[len(statement)-1].to
			emit(m, statement[0].from, end+strings.Index(text[end:], ";")+1, "")
			continue
		}
		c.query(where, statement)
	}
	slices.SortStableFunc(all, func(a, b Mutant) int { return cmp.Compare(a.Line, b.Line) })
	return all, nil
}
