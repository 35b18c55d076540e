package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/sim/run"
)

// newRootCommand returns the command with all below it.
func newRootCommand(a *app) *cobra.Command {
	cobra.EnableCommandSorting = false // run and replay come first
	root := &cobra.Command{
		Use:   "onceover",
		Short: "Simulate a review dispatcher and orchestrator, and check that it keeps its promises",
		Long: `onceover runs a production review dispatcher and orchestrator in simulated deployments:
the same code, under a seeded scheduler with virtual time, through crashes, timeouts,
lost answers and failed callbacks. Properties and a linearizability checker decide
whether a review got stuck, ran twice or lost events. The seed decides a whole run, so
every failure can be replayed.`,
		Example: `  onceover run                        10,000 deployments, with a summary
  onceover replay 17                  one of them, event by event
  onceover bugs                       how soon known bugs are found
  onceover mutants                    which small mistakes are not found
  onceover run --store postgres       run seeds on a real server
  onceover certify                    show that the real store is the simulated one
  onceover nightly --run 17           half an hour of seeds that nobody has tried`,
		Version:       fmt.Sprintf("%s (%s %s/%s)", run.EngineVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(root *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return nil
			}
			err := fmt.Errorf("unknown command %q: allowed are %s; see 'onceover --help'", arguments[0], strings.Join(commandNames(root), ", "))
			return guess(err, arguments[0], commandNames(root))
		},
		RunE: func(root *cobra.Command, _ []string) error { return root.Help() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetVersionTemplate("onceover {{.Version}}\n")
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return fmt.Errorf("%w; see '%s --help'", err, command.CommandPath())
	})
	root.AddCommand(
		newRunCommand(a), newReplayCommand(a), newBugsCommand(a), newMutantsCommand(a), newCertifyCommand(a), newNightlyCommand(a),
		newMigrateCommand(a), newCleanCommand(a), newExplainCommand(a), newListCommand(a),
	)
	setCompletion(root, a.catalogue)
	setHelp(root)
	return root
}
