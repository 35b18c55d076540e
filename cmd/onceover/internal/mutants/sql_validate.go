package mutants

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A sqlSignature is what the caller of a statement sees of it: the types of its arguments by name, and of its columns in
// order.
type sqlSignature struct {
	arguments map[string]uint32
	columns   []string
}

var sqlArgument = regexp.MustCompile(`@[a-z_]+`)

// ValidateSQL prepares the statements of each mutant on a migrated database, and sets Refused where the server refuses
// one, or its caller would: an argument of another type, or other columns. An argument may be missing, because arguments
// are passed by name. The error is that of a statement without a mutant in it.
func ValidateSQL(ctx context.Context, pool *pgxpool.Pool, mutants []Mutant, read func(string) (string, error)) error {
	connection, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("prepare mutants: %w", err)
	}
	defer connection.Release()
	signatures := make(map[string][]sqlSignature) // by file
	for i := range mutants {
		m := &mutants[i]
		want, known := signatures[m.File]
		if !known {
			text, err := read(m.File)
			if err == nil {
				want, err = signaturesOf(ctx, connection.Conn().PgConn(), text)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", m.File, err)
			}
			signatures[m.File] = want
		}
		got, err := signaturesOf(ctx, connection.Conn().PgConn(), m.declaration)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			m.Refused = err.Error()
		default:
			m.Refused = compareSignatures(got, want)
		}
	}
	return nil
}

// signaturesOf prepares the statements of a file.
func signaturesOf(ctx context.Context, connection *pgconn.PgConn, text string) ([]sqlSignature, error) {
	statements, err := sqlStatements(text)
	if err != nil {
		return nil, err
	}
	var signatures []sqlSignature
	for _, nodes := range statements {
		var names []string
		sql := sqlArgument.ReplaceAllStringFunc(comment.ReplaceAllString((&sqlCutter{text: text}).source(nodes), ""), func(name string) string {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			return fmt.Sprintf("$%d", 1+slices.Index(names, name))
		})
		prepared, err := connection.Prepare(ctx, "", sql, nil)
		if err != nil {
			return nil, err
		}
		s := sqlSignature{arguments: make(map[string]uint32)}
		for i, name := range names {
			s.arguments[name] = prepared.ParamOIDs[i]
		}
		for _, column := range prepared.Fields {
			s.columns = append(s.columns, fmt.Sprintf("%s %d", column.Name, column.DataTypeOID))
		}
		signatures = append(signatures, s)
	}
	return signatures, nil
}

// compareSignatures returns why the caller of a file of statements would refuse another one in its place, or nothing.
// Statements before the last one take locks and return nothing, so one of them may be missing.
func compareSignatures(got, want []sqlSignature) string {
	types := make(map[string]uint32)
	for _, s := range want {
		for name, oid := range s.arguments {
			types[name] = oid
		}
	}
	for _, s := range got {
		for name, oid := range s.arguments {
			if types[name] != oid {
				return fmt.Sprintf("argument %s has another type", name)
			}
		}
	}
	last, before := got[len(got)-1], want[len(want)-1]
	if !slices.Equal(last.columns, before.columns) {
		return fmt.Sprintf("columns are %s instead of %s", strings.Join(last.columns, ", "), strings.Join(before.columns, ", "))
	}
	return ""
}
