package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/files"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/explain"
)

const seedsDefault = 10_000

// failuresDirectory is where replay files go unless a flag names another place.
const failuresDirectory = "onceover-failures"

// explainedMax is how many different failures are shown with their stories; more would push the first, which is the
// one to look at, out of sight.
const explainedMax = 3

// explainedSteps is the budget for minimising one of them: a second or two.
const explainedSteps = explain.StepsDefault / 4

// runCommand is onceover run.
type runCommand struct {
	*app
	seeds    countFlag
	from     seedFlag
	time     spanFlag
	profile  *profileFlag
	watched  propertiesFlag
	parallel countFlag
	failFast bool
	out      directoryFlag
	store    storeFlags
	bug      bugFlags
	json     bool
}

func newRunCommand(a *app) *cobra.Command {
	c := runCommand{
		app:      a,
		seeds:    countFlag{value: seedsDefault, least: 1, most: math.MaxUint64},
		from:     1,
		profile:  newProfileFlag(),
		out:      failuresDirectory,
		parallel: countFlag{value: uint64(runtime.GOMAXPROCS(0)), least: 1, most: 1024},
	}
	command := &cobra.Command{
		Use:   "run",
		Short: "Run many simulated deployments and check each",
		Long: `Run simulated deployments and check each. A deployment has several app replicas and
worker hosts, an agent, a database, a network and clients. The seed decides everything
that happens in it, and the profile decides which faults may be injected. The result
does not depend on --parallel.

--time ends a campaign early, with the verdict on the seeds that were done. Ctrl-C and
SIGTERM do so too, but without a violation its verdict is unknown. A second Ctrl-C ends it
at once.

For the values of --profile, --properties and --store, see 'onceover help profiles',
'onceover help properties' and 'onceover help stores'; for exit codes, see
'onceover help exit-codes'.`,
		Example: `  onceover run                                      10,000 seeds of profile default
  onceover run --profile storm --seeds 1000000      a long night
  onceover run --time 30s --fail-fast               as a step of a build
  onceover run --store postgres --seeds 1000        on a real server
  onceover run --store postgres --database-url postgres://me:secret@localhost:5432/postgres
  onceover run --json | jq '.violations, .faults'   for machines`,
		Args: noArguments,
		PreRunE: func(command *cobra.Command, _ []string) error {
			var plan files.Plan
			plan.WritesInto("--out", string(c.out))
			return errors.Join(c.store.check(command.Flags()), plan.Check())
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if command.Flags().Changed("time") && !command.Flags().Changed("seeds") {
				c.seeds.value = 0 // as many as the time allows
			}
			if c.store.name == store.PostgresName && !command.Flags().Changed("parallel") {
				c.parallel.value = uint64(certify.ParallelDefault())
			}
			return c.store.use(command.Context(), a, c.execute)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&c.seeds, "seeds", "how many seeds to run; with --time, at most this many")
	flags.Var(&c.from, "from", "first seed; the others follow one by one")
	flags.Var(&c.time, "time", "how long to begin new seeds, such as 30s or 2h; without --seeds, as many as fit")
	flags.Var(c.profile, "profile", profileUsage)
	flags.Var(&c.watched, "properties", propertiesUsage)
	flags.Var(&c.parallel, "parallel", "how many deployments to simulate at the same time; with --store postgres, two per core unless given")
	flags.BoolVar(&c.failFast, "fail-fast", false, "begin no more seeds after the first violation")
	c.store.add(flags)
	flags.Var(&c.out, "out", "directory for the replay files of failures; created if needed")
	flags.BoolVar(&c.json, "json", false, jsonUsage)
	c.bug.add(a, command)
	return command
}

// noArguments refuses arguments that are no flags.
func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no argument, but was given %q; see '%[1]s --help'", command.CommandPath(), arguments[0])
}

// execute runs the campaign on a store and prints its summary.
func (c *runCommand) execute(ctx context.Context, on *store.Store) error {
	tuneMemory(int(c.parallel.value))
	kept := &failures.Files{
		Directory: string(c.out), Profile: c.profile.name, Properties: c.watched, Bug: c.bug.engine(),
		Flags: on.Flags() + c.bug.again(),
	}
	seeds := campaign.Campaign{
		Profile:    c.profile.name,
		Properties: c.watched,
		From:       uint64(c.from),
		Seeds:      c.seeds.value,
		Time:       time.Duration(c.time),
		Parallel:   int(c.parallel.value),
		FailFast:   c.failFast,
		OnFailure:  kept.Write,
		NewWorld:   on.NewWorld,
	}
	if c.stderr.Live {
		seeds.OnProgress = drawCampaign(c.stderr, seeds.Seeds, seeds.Time)
	}
	if !c.json {
		c.stdout.Printf("%s\n", c.stdout.Fit(title(&seeds)))
		if server := on.Server(); server != "" {
			c.stdout.Printf("%s\n", c.stdout.Fit("store: "+server))
		}
	}
	summary, err := seeds.Run(ctx)
	c.stderr.Erase()
	if err != nil {
		return err
	}
	described := on.Describe() // before failures are run again
	r := report{
		summary: summary, explained: c.explain(ctx, on, summary, kept), files: kept, store: store.Tally(described),
		width: c.stdout.Width(), paint: c.stdout.Paint(),
	}
	if err := kept.Err(); err != nil {
		c.warn(fmt.Errorf("%w; the failures can still be replayed by their seeds", err))
	}
	if c.json {
		printed := runner.NewSummary(summary, described, kept.Path)
		printed.Verdict, printed.Bug = r.verdict(), c.bug.builtWith
		err = json.NewEncoder(c.stdout).Encode(printed)
	} else {
		_, err = io.WriteString(c.stdout, c.stdout.Fit(r.String(), r.commands()...))
	}
	if err != nil {
		return fmt.Errorf("print the summary: %w", err)
	}
	return failed(r.verdict())
}

// explain explains the first different failures. They are not minimised when only a program reads the summary.
func (c *runCommand) explain(ctx context.Context, on *store.Store, s *campaign.Summary, kept *failures.Files) []failures.Explanation {
	var explained []failures.Explanation
	options := explain.Options{Minimise: !c.json, Steps: explainedSteps, OnProgress: drawExplanation(c.stderr)}
	for _, failure := range s.Signatures[:min(len(s.Signatures), explainedMax)] {
		explained = append(explained, kept.Explain(ctx, on, failure, options))
	}
	c.stderr.Erase()
	return explained
}
