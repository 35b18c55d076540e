package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strings"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/files"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// replayCommand is onceover replay.
type replayCommand struct {
	*app
	profile          *profileFlag
	watched          propertiesFlag
	json             bool
	checkDeterminism countFlag
	minimise         bool
	out              string // where --minimise writes; empty for the default
	pictures         pictureFlags
	store            storeFlags
	bug              bugFlags
	against          string // seed or file to compare with; empty for none

	argument  string // seed or file
	recorded  run.Replay
	other     run.Replay // that of --against
	minimised string     // where --minimise writes
}

func newReplayCommand(a *app) *cobra.Command {
	c := replayCommand{
		app:              a,
		profile:          newProfileFlag(),
		checkDeterminism: countFlag{least: 2, most: math.MaxInt32},
	}
	command := &cobra.Command{
		Use:   "replay SEED|FILE",
		Short: "Run one simulated deployment again, event by event",
		Long: `Run one simulated deployment and print what happens in it: virtual time, actor and event.
Injected faults are marked with "!". The run is given by its seed, decimal or
hexadecimal, or by a replay file. (A file with a number as its name: ./17.)

A replay file of a violation records its signature. The replay then reports whether that
violation is still there, is gone, or has become another one.

With --minimise it searches for the smallest run that fails in the same way: first with
fewer faults, then with less work, then with ordinary timing. It prints the story of that
run instead of all events, in which the faults that the failure needs are marked with
"!!", and writes its replay file.

With --why it finds the step from which on a failure was inevitable: it keeps the run up
to a step, continues it in other ways from there, and counts how many of them fail too.
--html draws all of this on one page, which needs no network. It draws a run that passes,
too.

With --against it compares the run with another one: the first difference, and which lines
are kept, dropped (only in this run) and added (only in the other).

For the values of --profile, --properties and --store, see 'onceover help profiles',
'onceover help properties' and 'onceover help stores'; for exit codes, see
'onceover help exit-codes'.`,
		Example: `  onceover replay 17
  onceover replay 0x11 --profile storm
  onceover replay onceover-failures/default-17.json
  onceover replay 17 --json | jq .verdict
  onceover replay onceover-failures/default-17.json --minimise
  onceover replay onceover-failures/default-17.json --minimise --why --html failure.html
  onceover replay 17 --trace run.json
  onceover replay 17 --html run.html
  onceover replay onceover-failures/default-17.json --against onceover-failures/default-17-min.json
  onceover replay 17 --store postgres
  onceover replay 17 --check-determinism 100`,
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) == 1 {
				return nil
			}
			return fmt.Errorf("%s takes one seed or replay file, but was given %d; see '%[1]s --help'", command.CommandPath(), len(arguments))
		},
		PreRunE: func(command *cobra.Command, arguments []string) error { return c.read(command, arguments[0]) },
		RunE: func(command *cobra.Command, _ []string) error {
			return c.store.use(command.Context(), a, func(ctx context.Context, on *store.Store) error {
				if c.against != "" {
					return c.executeAgainst(on)
				}
				if c.minimise {
					return c.executeMinimise(ctx, on)
				}
				return c.execute(ctx, on)
			})
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(c.profile, "profile", profileUsage+"; a replay file names its own")
	flags.Var(&c.watched, "properties", propertiesUsage+"; a replay file names its own")
	flags.BoolVar(&c.json, "json", false, jsonUsage)
	flags.BoolVar(&c.minimise, "minimise", false, "search for the smallest run that fails in the same way, and print its story")
	flags.StringVar(&c.out, "out", "", "write the replay of the minimised run to `FILE` (default \""+failuresDirectory+"/PROFILE-SEED-min.json\")")
	c.store.add(flags)
	c.pictures.add(flags)
	flags.StringVar(&c.against, "against", "", "compare it with another `RUN`, a seed or a replay file: the first difference, and which lines are kept, dropped and added")
	flags.Var(&c.checkDeterminism, "check-determinism", "run it `N` times, in fresh worlds and used ones, and compare")
	c.bug.add(a, command)
	return command
}

// read reads the argument, and refuses flags that do not go together.
func (c *replayCommand) read(command *cobra.Command, argument string) (err error) {
	c.argument = argument
	if c.recorded, err = findRun(argument, c.profile.name, command.Flags().Changed("profile")); err != nil {
		return err
	}
	if command.Flags().Changed("properties") {
		c.recorded.Properties = c.watched
	}
	switch {
	case c.minimise && c.checkDeterminism.value > 0:
		return errors.New("--minimise and --check-determinism are two things to do: give one of them; --minimise repeats the failure before it begins")
	case !c.minimise && c.out != "":
		return errors.New("--out is where --minimise writes: give both or neither")
	}
	if err := c.pictures.check(c.json); err != nil {
		return err
	}
	if err := c.readAgainst(command.Flags().Changed("profile")); err != nil {
		return err
	}
	if err := c.store.check(command.Flags()); err != nil {
		return err
	}
	return c.plan()
}

// plan decides where the minimised run goes, and refuses files that cannot be written, or that would overwrite what is read.
func (c *replayCommand) plan() error {
	var plan files.Plan
	if _, notSeed := run.ParseSeed(c.argument); notSeed != nil {
		plan.Reads("the replay file", c.argument)
	}
	if _, notSeed := run.ParseSeed(c.against); c.against != "" && notSeed != nil {
		plan.Reads("--against", c.against)
	}
	plan.Reads("--bug", c.bug.file())
	plan.Writes("--html", c.pictures.html)
	plan.Writes("--trace", c.pictures.trace)
	plan.WritesBelow("--out", c.out)
	if c.minimise && c.out == "" {
		c.minimised = failures.MinimisedPath(failuresDirectory, c.bug.engine(), c.recorded.Profile, c.recorded.Seed)
		for files.Same(c.minimised, c.argument) { // a minimised run is minimised further
			c.minimised = strings.TrimSuffix(c.minimised, ".json") + "-min.json"
		}
		plan.WritesBelow("the minimised run in", c.minimised)
	} else {
		c.minimised = c.out
	}
	return plan.Check()
}

// findRun returns the run that an argument stands for.
func findRun(argument, profile string, profileGiven bool) (run.Replay, error) {
	seed, notSeed := run.ParseSeed(argument)
	if notSeed == nil {
		return run.Replay{Seed: seed, Profile: profile}, nil
	}
	recorded, err := run.ReadReplay(argument, world.Vocabulary())
	var unreadable *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return run.Replay{}, fmt.Errorf("there is no file %s: give a replay file, or a seed from 0 to %d, decimal such as 17 or hexadecimal such as 0x11",
			argument, uint64(math.MaxUint64))
	case errors.As(err, &unreadable):
		return run.Replay{}, fmt.Errorf("replay file %s: %w", argument, unreadable.Err)
	case err != nil:
		return run.Replay{}, fmt.Errorf("replay file %w", err)
	case profileGiven && profile != recorded.Profile:
		return run.Replay{}, fmt.Errorf("--profile %s contradicts %s, which is a run of profile %s: leave the flag out, or give the seed, %d, instead of the file",
			profile, argument, recorded.Profile, recorded.Seed)
	}
	return recorded, nil
}

// again returns the command that runs the same again.
func (c *replayCommand) again(on *store.Store) string {
	arguments := text.ShellWord(c.argument)
	if _, notSeed := run.ParseSeed(c.argument); notSeed == nil {
		arguments = failures.Seed(c.recorded.Seed, c.recorded.Profile, c.recorded.Properties)
	}
	return runner.Self() + " replay " + arguments + on.Flags() + c.bug.again()
}
