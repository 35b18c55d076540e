package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// schemas are the schemas of the stores, with the folders of their statements.
var schemas = []struct{ name, folder string }{{"app", "reviews"}, {"worker", "journal"}}

// checkRights returns nil if the user of the pool may execute the statements of at least one store, and of each store
// whose schema it may use at all: app and worker may be different users.
func checkRights(ctx context.Context, pool *pgxpool.Pool) error {
	user := pool.Config().ConnConfig.User
	used := false
	for _, schema := range schemas {
		var uses bool
		if err := pool.QueryRow(ctx, "SELECT has_schema_privilege($1, 'USAGE')", schema.name).Scan(&uses); err != nil {
			return fmt.Errorf("postgres: read the rights of user %q: %w", user, err)
		}
		if !uses {
			continue
		}
		used = true
		if err := checkStatements(ctx, pool, schema.folder); lacksRight(err) {
			return &SetupError{
				Found:  fmt.Sprintf("user %q lacks rights on the tables of schema %s", user, schema.name),
				Remedy: fmt.Sprintf("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %s to the user", schema.name), Err: err,
			}
		} else if err != nil {
			return fmt.Errorf("postgres: check the statements of schema %s: %w", schema.name, err)
		}
	}
	if !used {
		return &SetupError{
			Found:  fmt.Sprintf("user %q may use neither schema app nor schema worker", user),
			Remedy: "GRANT USAGE ON SCHEMA app, worker and the rights on their tables to the user",
		}
	}
	return nil
}

// checkStatements lets the server explain every statement of a folder, which checks the rights that its execution needs,
// and executes nothing.
func checkStatements(ctx context.Context, pool *pgxpool.Pool, folder string) error {
	for _, op := range operations(embedded, folder) {
		for i := range op.statements {
			statement := &op.statements[i]
			arguments := make([]any, 0, 1+len(statement.arguments))
			arguments = append(arguments, pgx.QueryExecModeExec) // Nothing is kept for a second time.
			for range statement.arguments {
				arguments = append(arguments, nil)
			}
			if _, err := pool.Exec(ctx, "EXPLAIN "+statement.sql, arguments...); err != nil {
				return fmt.Errorf("%s: %w", op.name, err)
			}
		}
	}
	return nil
}
