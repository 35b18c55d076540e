package main

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/faults"
)

// exitCodes stands in the help of every command that ends with a verdict.
const exitCodes = `Exit codes: 0 pass, 1 a property was violated, 2 wrong usage or setup,
3 unknown (a check gave up), 4 not deterministic.`

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "onceover",
		Short: "Every review runs once, and gets over",
		Long: `onceover runs a production review dispatcher and orchestrator in simulated
deployments: the same code, under a seeded scheduler with virtual time, through
crashes, timeouts, lost answers and failed callbacks. Properties and a
linearizability checker decide whether any review got stuck, ran twice or lost
events. A seed decides a whole run, so every failure can be replayed.`,
		Example: `  onceover run                        10,000 deployments, with a summary
  onceover replay 17                  one of them, event by event
  onceover bugs                       which known bugs that would find, and how soon
  onceover run --store postgres       the same on a real server
  onceover certify                    how the real store is shown to be the simulated one
  onceover nightly --run 17           half an hour of seeds that nobody has tried`,
		Version:           fmt.Sprintf("%s (%s %s/%s)", run.EngineVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH),
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
		Args: func(root *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return nil
			}
			return fmt.Errorf("unknown command %q: allowed are %s; see 'onceover --help'", arguments[0], commandNames(root))
		},
		RunE: func(root *cobra.Command, _ []string) error { return root.Help() },
	}
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetVersionTemplate("onceover {{.Version}}\n")
	root.SetFlagErrorFunc(func(command *cobra.Command, err error) error {
		return fmt.Errorf("%w; see '%s --help'", err, command.CommandPath())
	})
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [command]",
		Short: "Tell what a command does, as --help does",
		RunE: func(help *cobra.Command, arguments []string) error {
			command, rest, err := root.Find(arguments)
			if err != nil || len(rest) > 0 {
				return fmt.Errorf("no help on %q: commands are %s", strings.Join(arguments, " "), commandNames(root))
			}
			command.InitDefaultHelpFlag() // part of what --help shows
			return command.Help()
		},
	})
	root.AddCommand(p.withBug(p.runCommand()), p.withBug(p.replayCommand()), p.bugsCommand(), p.mutantsCommand(), p.certifyCommand(), p.nightlyCommand(), p.migrateCommand())
	return root
}

// commandNames lists the commands that a user is told of.
func commandNames(root *cobra.Command) string {
	var names []string
	for _, command := range root.Commands() {
		if command.IsAvailableCommand() {
			names = append(names, command.Name())
		}
	}
	return strings.Join(names, ", ")
}

// profileHelp lists the profiles with their sentences.
func profileHelp() string {
	var text strings.Builder
	text.WriteString("Profiles:\n")
	for _, profile := range faults.Profiles() {
		fmt.Fprintf(&text, "  %-12s %s\n", profile.Name, profile.Sentence)
	}
	return strings.TrimSuffix(text.String(), "\n")
}
