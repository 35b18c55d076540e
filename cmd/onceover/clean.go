package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/faults/pgserver"
)

func newCleanCommand(a *app) *cobra.Command {
	var url string
	command := &cobra.Command{
		Use:   "clean",
		Short: "Drop databases that killed runs have left on a server",
		Long: `Drop the databases that runs have left behind on a Postgres server because they were
killed. A run that ends, also by two Ctrl-C, drops its own, and every run on the server
begins with this. The server is that of --database-url, or else of ONCEOVER_DATABASE_URL.

It drops databases of this user that a run has created (their names begin with
onceover_), but none of a run that goes on, and none that somebody is connected to.`,
		Example: `  onceover clean --database-url postgres://me:secret@localhost:5432/postgres`,
		Args:    noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			name := "--database-url"
			if url == "" {
				name = pgserver.DatabaseURLVariable
				url = os.Getenv(name)
			}
			if url == "" {
				return fmt.Errorf("no server given: set %s, or give --database-url postgres://user:password@host:port/database", name)
			}
			return clean(command.Context(), a.stdout, url, name)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&url, "database-url", "", databaseUsage)
	return command
}

// clean drops what is left over on the server at a URL, and prints it. name is where the URL comes from.
func clean(ctx context.Context, stdout *text.Output, url, name string) error {
	server, err := pgserver.At(ctx, url, name)
	if err != nil {
		return err
	}
	dropped, err := server.DropLeftOver(ctx)
	for _, database := range dropped {
		stdout.Printf("dropped %s\n", database)
	}
	if err != nil {
		return err
	}
	stdout.Printf("%s left over\n", text.Plural(len(dropped), "database"))
	return nil
}
