package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgserver"
)

func newMigrateCommand(a *app) *cobra.Command {
	var url string
	var check bool
	command := &cobra.Command{
		Use:   "migrate",
		Short: "Bring a Postgres database to the schema of this program",
		Long: `Bring a Postgres database to the schema of this program: all of it in an empty database,
or what was added since an earlier version. Migrations only go forward. Several at once
wait for each other, and a repetition changes nothing. The database is that of
--database-url, or else of ONCEOVER_DATABASE_URL.

With --check nothing is changed: the exit code is 0 if the schema is up to date, and 2 if
it is not.`,
		Example: `  onceover migrate --database-url postgres://me:secret@localhost:5432/reviews
  ONCEOVER_DATABASE_URL=postgres://localhost/reviews onceover migrate --check`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			if url == "" {
				url = os.Getenv(pgserver.DatabaseURLVariable)
			}
			if url == "" {
				return fmt.Errorf("no database given: set %s, or give --database-url postgres://user:password@host:port/database", pgserver.DatabaseURLVariable)
			}
			return migrate(command.Context(), a.stdout, url, check)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&url, "database-url", "", "migrate the database at `URL`, such as postgres://user:password@host:port/database")
	flags.BoolVar(&check, "check", false, "only report whether the schema is up to date")
	return command
}

// migrate migrates the database at a URL, or checks whether it is up to date, and prints that.
func migrate(ctx context.Context, stdout *text.Output, url string, check bool) error {
	pool, err := postgres.Connect(ctx, url, postgres.WithMaxConns(1))
	if err != nil {
		return err
	}
	defer pool.Close()
	if check {
		if err := postgres.CheckSchema(ctx, pool); err != nil {
			return err
		}
		stdout.Printf("the schema is up to date\n")
		return nil
	}
	from, to, err := postgres.Migrate(ctx, pool)
	switch {
	case err != nil:
		return err
	case from == to:
		stdout.Printf("the schema is up to date: version %d\n", to)
	default:
		stdout.Printf("the schema was migrated from version %d to %d\n", from, to)
	}
	return nil
}
