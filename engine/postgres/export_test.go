package postgres

import (
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5/pgxpool"
)

// A Statement is one statement as the server gets it.
type Statement struct {
	Operation string   // such as reviews/claim
	SQL       string   // with placeholders
	Arguments []string // their names, in order
}

// Statements lists every statement in the order of the files.
func Statements() []Statement {
	var all []Statement
	for _, directory := range []string{"journal", "reviews"} {
		ops := operations(embedded, directory)
		names := make([]string, 0, len(ops))
		for name := range ops {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, s := range ops[name].statements {
				all = append(all, Statement{Operation: directory + "/" + name, SQL: s.sql, Arguments: s.arguments})
			}
		}
	}
	return all
}

// SQLFiles are the embedded files, below sql.
func SQLFiles() fs.FS { return embedded }

// NewReviewsFrom and NewJournalFrom are stores whose statements come from other files:
// what becomes of the store when a line is missing.
func NewReviewsFrom(pool *pgxpool.Pool, files fs.FS, options ...Option) *Reviews {
	return &Reviews{session: newSession(pool, options), ops: operations(files, "reviews")}
}

func NewJournalFrom(pool *pgxpool.Pool, files fs.FS, options ...Option) *Journal {
	return &Journal{session: newSession(pool, options), ops: operations(files, "journal")}
}
