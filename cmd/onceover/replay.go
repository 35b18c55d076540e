package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/world"
)

// replayFlags are the flags of onceover replay.
type replayFlags struct {
	profile          *profileFlag
	watched          propertiesFlag
	json             bool
	checkDeterminism countFlag
	minimise         bool
	out              string // where --minimise writes; empty for the default
	pictures         pictureFlags
	store            storeFlags
	argument         string // seed or file
}

func (p *program) replayCommand() *cobra.Command {
	f := replayFlags{
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
--html draws all of this on one page, which needs no network.

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
  onceover replay 17 --store postgres
  onceover replay 17 --check-determinism 100`,
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) == 1 {
				return nil
			}
			return fmt.Errorf("%s takes one seed or replay file, but was given %d; see '%[1]s --help'", command.CommandPath(), len(arguments))
		},
		RunE: func(command *cobra.Command, arguments []string) error {
			recorded, err := findRun(arguments[0], f.profile.name, command.Flags().Changed("profile"))
			if err != nil {
				return err
			}
			if command.Flags().Changed("properties") {
				recorded.Properties = f.watched
			}
			if err := f.checkMinimise(); err != nil {
				return err
			}
			if err := f.pictures.check(f.json); err != nil {
				return err
			}
			if err := f.store.check(command.Flags()); err != nil {
				return err
			}
			f.argument = arguments[0]
			return p.onStore(command.Context(), &f.store, func(ctx context.Context) error {
				if f.minimise {
					return p.replayMinimised(ctx, &f, recorded)
				}
				return p.replay(ctx, &f, recorded)
			})
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(f.profile, "profile", profileUsage+"; a replay file names its own")
	flags.Var(&f.watched, "properties", propertiesUsage+"; a replay file names its own")
	flags.BoolVar(&f.json, "json", false, jsonUsage)
	flags.BoolVar(&f.minimise, "minimise", false, "search for the smallest run that fails in the same way, and print its story")
	flags.StringVar(&f.out, "out", "", "write the replay of the minimised run to `FILE` (default \""+failuresDirectory+"/PROFILE-SEED-min.json\")")
	f.store.add(flags)
	f.pictures.add(flags)
	flags.Var(&f.checkDeterminism, "check-determinism", "run it `N` times, in fresh worlds and used ones, and compare")
	return command
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

// replay carries out onceover replay.
func (p *program) replay(ctx context.Context, f *replayFlags, recorded run.Replay) error {
	spec := recorded.Spec()
	events := bufio.NewWriter(p.stdout)
	if !f.json {
		_, _ = fmt.Fprintf(events, "seed %d, profile %s%s\n\n", recorded.Seed, recorded.Profile, watching(recorded.Properties))
		if p.store != nil {
			_, _ = fmt.Fprintf(events, "store: %s\n\n", p.store.text)
		}
		spec.Trace = printEvents(ctx, events, p.stdout.paint())
	}
	var outcome run.Result
	var mismatch *campaign.Mismatch
	var err error
	if times := int(f.checkDeterminism.value); times > 0 {
		outcome, mismatch, err = campaign.CheckDeterminism(spec, times, p.newWorld)
	} else {
		w := p.newWorld()
		if outcome, err = run.Once(w, spec); err == nil {
			w.Close()
		}
	}
	if err != nil {
		return errors.Join(err, events.Flush()) // with what led to it
	}
	verdict := mismatch.Verdict(outcome)
	if f.json {
		var store *runner.Store
		if p.store != nil {
			used := describeStore(p.store)
			store = &used
		}
		replayed := runner.NewReplayed(&recorded, outcome, store)
		if times := f.checkDeterminism.value; times > 0 {
			replayed.Repeated(times, mismatch)
		}
		err = json.NewEncoder(events).Encode(replayed)
	} else {
		text := replayEnd{recorded: &recorded, outcome: outcome, mismatch: mismatch, times: f.checkDeterminism.value, store: p.store, paint: p.stdout.paint()}
		_, err = io.WriteString(events, text.String())
	}
	if err == nil {
		err = events.Flush()
	}
	if err != nil {
		return fmt.Errorf("print the replay: %w", err)
	}
	spec.Trace = nil
	if err := p.pictures(ctx, &f.pictures, spec, outcome, f.command(&recorded)+p.sameFlags(), f.json); err != nil {
		return err
	}
	if verdict != run.Pass {
		return verdictError(verdict)
	}
	return nil
}

// command returns the command that runs the same again.
func (f *replayFlags) command(recorded *run.Replay) string {
	command := self() + " replay " + shellWord(f.argument)
	if _, notSeed := run.ParseSeed(f.argument); notSeed == nil {
		command += " --profile " + recorded.Profile
		if len(recorded.Properties) > 0 {
			command += " --properties " + checker.Selection(recorded.Properties)
		}
	}
	return command
}

// printEvents returns a function that prints a trace line by line, until the context ends: the run itself takes
// milliseconds, its text may be on its way to a slow terminal.
func printEvents(ctx context.Context, out io.Writer, paint paint) func(run.Line) {
	width := len("worker-1") // of the widest actor so far
	return func(line run.Line) {
		if ctx.Err() != nil {
			return
		}
		width = max(width, len(line.Actor))
		_, _ = fmt.Fprintln(out, traceText(line, width, paint)) // Flush tells of an error
	}
}
