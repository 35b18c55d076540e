package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onceover/onceover/cmd/onceover/internal/files"
	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
)

const (
	nightlyTimeDefault = 30 * time.Minute
	nightlyDirectory   = "onceover-nightly"
)

// Names of the files that a night writes beside [nightly.ResultName] and those of its failures.
const (
	nightlySummaryName = "summary.md"
	nightlyJUnitName   = "junit.xml"
)

// nightlyCommand is onceover nightly.
type nightlyCommand struct {
	*app
	run      runNumberFlag
	shard    shardFlag
	shards   countFlag
	time     spanFlag
	seeds    countFlag
	profiles mixFlag
	parallel countFlag
	known    string
	out      directoryFlag
	bugs     bool
	baseline string
	json     bool
}

func newNightlyCommand(a *app) *cobra.Command {
	c := nightlyCommand{
		app:      a,
		shards:   countFlag{least: 1, most: nightly.ShardsMax},
		time:     spanFlag(nightlyTimeDefault),
		seeds:    countFlag{least: 1, most: math.MaxUint64},
		profiles: mixFlag(nightly.DefaultMix()),
		parallel: countFlag{value: uint64(runtime.GOMAXPROCS(0)), least: 1, most: 1024},
		out:      nightlyDirectory,
	}
	command := &cobra.Command{
		Use:   "nightly",
		Short: "Look for failures with seeds that nobody has tried, and keep track of them",
		Long: fmt.Sprintf(`Simulate deployments with fresh seeds for as long as there is time, under several
profiles, and minimise each different failure. The seeds follow from the number of the
run, the shard and the profile, so no night repeats another, and each can be repeated.

The number of the run is --run, or else the first of these variables that is set:
%s.

Machines that share a night have a shard each, such as 2/4 for the second of four:
--shard, or else the first of these variables that is set:
%s.
Each shard writes a directory; 'onceover nightly merge' makes one report of all of them.

In --out are %s, %s and %s (for the page of a job,
and for its list of tests). For each failure there are a replay file of the run, one of
the smallest run that fails in the same way, its story and its page.

Failures are the same if property and cause are. With --known FILE, which is kept from
night to night, each is new, still there, gone, or back again. A failure that no seed
shows is replayed before it counts as gone.

A night fails (exit 1) on a violation, known or not, on a coverage goal that %s
seeds of profiles default and storm do not reach, and, with --bugs, on a bug of
'onceover bugs' that is not found any more. It is unknown (exit 3) if a check gave up, or
if a shard left no result or was interrupted.

For the values of --profiles, see 'onceover help profiles'; for the other exit codes, see
'onceover help exit-codes'.`, runVariables(), shardVariables(), nightly.ResultName, nightlySummaryName, nightlyJUnitName, text.Count(uint64(nightly.GoalSeeds))),
		Example: `  onceover nightly --run 17 --time 2m                     a short night of its own
  onceover nightly --known known/failures.json            what is new since the last
  onceover nightly --profiles default:3,storm:2,clock     three quarters and a bit of two
  onceover nightly --run 17 --shard 2/4 --out shard-2     one of four machines
  onceover nightly merge shard-* --known known/failures.json --summary summary.md
  onceover nightly --bugs --baseline cmd/onceover/internal/bugs/baseline.json   in a clone of the repository`,
		Args: func(command *cobra.Command, arguments []string) error {
			if len(arguments) == 0 {
				return nil
			}
			return fmt.Errorf("unknown command %q of %s: allowed is merge; see '%[2]s --help'", arguments[0], command.CommandPath())
		},
		RunE: func(command *cobra.Command, _ []string) error {
			if command.Flags().Changed("seeds") && !command.Flags().Changed("time") {
				c.time = 0 // no limit
			}
			if err := c.place(command.Flags()); err != nil {
				return err
			}
			return c.execute(command.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&c.run, "run", "number of the run, which decides the seeds")
	flags.Var(&c.shard, "shard", "which part of the night to do")
	flags.Var(&c.shards, "shards", "how many shards there are, where a variable has only the index: JOB_COMPLETION_INDEX of Kubernetes")
	flags.Var(&c.time, "time", "how long to begin new seeds, for all profiles together; what follows takes longer")
	flags.Var(&c.seeds, "seeds", "how many seeds to run, for all profiles together; without --time, there is no limit of time")
	flags.Var(&c.profiles, "profiles", "profiles with weights, for their shares of the time and the seeds (default all, and most of default and storm)")
	flags.Var(&c.parallel, "parallel", "how many deployments to simulate at the same time")
	flags.StringVar(&c.known, "known", "", "read the known failures from `FILE`, and write them back; their replay files are beside it")
	flags.Var(&c.out, "out", "directory for all files; created if needed")
	flags.BoolVar(&c.bugs, "bugs", false, "also look for the bugs of 'onceover bugs', divided among the shards")
	flags.StringVar(&c.baseline, "baseline", "", "with --bugs, compare the medians with those of `FILE`")
	flags.BoolVar(&c.json, "json", false, jsonUsage)
	flags.Lookup("profiles").DefValue = "" // too long for a line
	command.AddCommand(newMergeCommand(a))
	return command
}

// place fills in run and shard from the environment where no flag has them, and refuses flags that do not go together.
func (c *nightlyCommand) place(flags *pflag.FlagSet) error {
	if !flags.Changed("run") {
		number, err := nightly.RunOf(os.Getenv)
		if err != nil {
			return err
		}
		c.run = runNumberFlag(number)
	}
	switch given := flags.Changed("shard"); {
	case given && flags.Changed("shards") && c.shards.value != uint64(c.shard.Of):
		return fmt.Errorf("--shards %d contradicts --shard %s: leave it out", c.shards.value, nightly.Shard(c.shard))
	case !given:
		shard, err := nightly.ShardOf(os.Getenv, int(c.shards.value))
		if err != nil {
			return err
		}
		c.shard = shardFlag(shard)
	}
	switch shard := nightly.Shard(c.shard); {
	case c.known != "" && shard.Of > 1:
		return fmt.Errorf("--known is for whole nights, and this is shard %s: give it to 'onceover nightly merge'", shard)
	case c.baseline != "" && !c.bugs:
		return errors.New("--baseline is about the bugs of --bugs: give both or neither")
	case c.seeds.value > 0 && c.seeds.value < uint64(len(c.profiles)):
		return fmt.Errorf("--seeds %d is too few for %s: allowed are %d and more, or fewer --profiles", c.seeds.value,
			text.Plural(len(c.profiles), "profile"), len(c.profiles))
	}
	return nil
}

// execute does the part of the night, and prints the report.
func (c *nightlyCommand) execute(ctx context.Context) error {
	// What is wrong with files is reported now, not after half an hour.
	report := nightReport{app: c.app, knownPath: c.known, json: c.json}
	if err := report.read(); err != nil {
		return err
	}
	out := string(c.out)
	var plan files.Plan
	plan.Reads("--baseline", c.baseline)
	report.planKnown(&plan)
	plan.WritesInto("--out", out)
	for _, name := range []string{nightly.ResultName, nightlySummaryName, nightlyJUnitName} {
		plan.WritesBelow("--out", filepath.Join(out, name))
	}
	if err := plan.Check(); err != nil {
		return err
	}
	trials, err := c.newTrials()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	tuneMemory(int(c.parallel.value))

	explainer := &nightly.Explainer{Directory: out, NewWorld: c.newWorld, OnProgress: drawExplanation(c.stderr)}
	night := c.newNight(explainer)
	if !c.json {
		c.stdout.Printf("%s\n\n", c.stdout.Fit(nightlyTitle(night)))
		night.OnPart = func(part *nightly.Part) { c.stdout.Printf("%s\n", c.stdout.Fit(nightlyPartLine(part))) }
	}
	result, err := night.Simulate(ctx)
	c.stderr.Erase()
	if err := explainer.Err(); err != nil {
		c.warn(fmt.Errorf("%w; the failures can still be replayed by their seeds", err))
	}
	var broken *run.BrokenError
	if err != nil && !errors.As(err, &broken) {
		return err
	}
	if trials != nil && broken == nil {
		trials.Try(ctx, result)
		c.stderr.Erase()
	}
	if err := result.WriteFile(out); err != nil {
		return err
	}
	left := nightly.Left{Dir: out, Result: result}
	report.summary, report.junit = filepath.Join(out, nightlySummaryName), filepath.Join(out, nightlyJUnitName)
	if err := report.conclude(ctx, left.Report()); broken == nil {
		return err
	}
	return broken
}

// newNight returns the part of the night that the flags ask for. Progress is drawn on a terminal.
func (c *nightlyCommand) newNight(explainer *nightly.Explainer) *nightly.Night {
	night := &nightly.Night{
		Run:       uint64(c.run),
		Shard:     nightly.Shard(c.shard),
		Mix:       nightly.Mix(c.profiles),
		Seeds:     c.seeds.value,
		Time:      time.Duration(c.time),
		Parallel:  int(c.parallel.value),
		NewWorld:  c.newWorld,
		OnFailure: explainer.Found,
		Explain:   explainer.Explain,
	}
	if c.stderr.Live {
		night.OnProfile = func(_ string, _, seeds uint64, limit time.Duration) {
			night.OnProgress = drawCampaign(c.stderr, seeds, limit)
		}
		night.OnProgress = func(campaign.Progress) {} // until there is a profile
	}
	return night
}

// newTrials returns the trials of bugs of this shard; nil without --bugs.
func (c *nightlyCommand) newTrials() (*nightly.BugTrials, error) {
	if !c.bugs {
		return nil, nil
	}
	catalogue, err := c.catalogue()
	if err != nil {
		return nil, err
	}
	trials, err := nightly.NewBugTrials(catalogue, nightly.Shard(c.shard), int(c.parallel.value), c.baseline)
	if err != nil {
		return nil, err
	}
	trials.Trials.OnProgress = drawTrials(c.stderr)
	return trials, nil
}
