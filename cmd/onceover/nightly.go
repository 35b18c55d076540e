package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/sim/campaign"
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

// nightlyFlags are the flags of onceover nightly.
type nightlyFlags struct {
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

func (p *program) nightlyCommand() *cobra.Command {
	f := nightlyFlags{
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
'onceover help exit-codes'.`, runVariables(), shardVariables(), nightly.ResultName, nightlySummaryName, nightlyJUnitName, count(uint64(nightly.GoalSeeds))),
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
				f.time = 0 // no limit
			}
			return p.nightly(command, &f)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&f.run, "run", "number of the run, which decides the seeds")
	flags.Var(&f.shard, "shard", "which part of the night to do")
	flags.Var(&f.shards, "shards", "how many shards there are, where a variable has only the index: JOB_COMPLETION_INDEX of Kubernetes")
	flags.Var(&f.time, "time", "how long to begin new seeds, for all profiles together; what follows takes longer")
	flags.Var(&f.seeds, "seeds", "how many seeds to run, for all profiles together; without --time, there is no limit of time")
	flags.Var(&f.profiles, "profiles", "profiles with weights, for their shares of the time and the seeds (default all, and most of default and storm)")
	flags.Var(&f.parallel, "parallel", "how many deployments to simulate at the same time")
	flags.StringVar(&f.known, "known", "", "read the known failures from `FILE`, and write them back; their replay files are beside it")
	flags.Var(&f.out, "out", "directory for all files; created if needed")
	flags.BoolVar(&f.bugs, "bugs", false, "also look for the bugs of 'onceover bugs', divided among the shards")
	flags.StringVar(&f.baseline, "baseline", "", "with --bugs, compare the medians with those of `FILE`")
	flags.BoolVar(&f.json, "json", false, jsonUsage)
	flags.Lookup("profiles").DefValue = "" // too long for a line
	command.AddCommand(p.nightlyMergeCommand())
	return command
}

// place fills in run and shard from the environment where no flag says.
func (f *nightlyFlags) place(command *cobra.Command) error {
	flags := command.Flags()
	if !flags.Changed("run") {
		run, err := nightly.RunOf(os.Getenv)
		if err != nil {
			return err
		}
		f.run = runNumberFlag(run)
	}
	switch given := flags.Changed("shard"); {
	case given && flags.Changed("shards") && f.shards.value != uint64(f.shard.Of):
		return fmt.Errorf("--shards %d contradicts --shard %s: leave it out", f.shards.value, nightly.Shard(f.shard))
	case !given:
		shard, err := nightly.ShardOf(os.Getenv, int(f.shards.value))
		if err != nil {
			return err
		}
		f.shard = shardFlag(shard)
	}
	switch shard := nightly.Shard(f.shard); {
	case f.known != "" && shard.Of > 1:
		return fmt.Errorf("--known is for whole nights, and this is shard %s: give it to 'onceover nightly merge'", shard)
	case f.baseline != "" && !f.bugs:
		return errors.New("--baseline is about the bugs of --bugs: give both or neither")
	case f.seeds.value > 0 && f.seeds.value < uint64(len(f.profiles)):
		return fmt.Errorf("--seeds %d is too few for %s: allowed are %d and more, or fewer --profiles", f.seeds.value,
			plural(len(f.profiles), "profile"), len(f.profiles))
	}
	return nil
}

// nightly carries out onceover nightly.
func (p *program) nightly(command *cobra.Command, f *nightlyFlags) error {
	ctx := command.Context()
	if err := f.place(command); err != nil {
		return err
	}
	// What is wrong with these is told now, not after half an hour.
	known, err := readKnown(f.known)
	if err != nil {
		return err
	}
	var bugs *nightlyBugs
	if f.bugs {
		if bugs, err = p.newNightlyBugs(f); err != nil {
			return err
		}
	}
	out := string(f.out)
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	tuneMemory(int(f.parallel.value))

	night := p.newNight(f)
	explainer := &nightlyExplainer{program: p, directory: out}
	night.OnFailure, night.Explain = explainer.found, explainer.explain
	if !f.json {
		p.stdout.say("%s\n\n", nightlyTitle(night))
		night.OnPart = func(part *nightly.Part) { p.stdout.say("%s\n", nightlyPartLine(part)) }
	}
	result, err := night.Simulate(ctx)
	if p.stderr.terminal {
		p.stderr.say(eraseLine)
	}
	if explainer.failed != nil {
		p.stderr.say("onceover: %v; the failures can still be replayed by their seeds\n", explainer.failed)
	}
	var broken *run.BrokenError
	if err != nil && !errors.As(err, &broken) {
		return err
	}
	if bugs != nil && broken == nil {
		bugs.try(ctx, result)
	}
	if err := result.WriteFile(out); err != nil {
		return err
	}
	left := nightly.Left{Dir: out, Result: result}
	end := nightlyEnd{
		report: left.Report(), knownPath: f.known, known: known, json: f.json,
		summary: filepath.Join(out, nightlySummaryName), junit: filepath.Join(out, nightlyJUnitName),
	}
	if err := p.concludeNight(ctx, &end); broken == nil {
		return err
	}
	return broken
}

// newNight returns what the flags ask for.
func (p *program) newNight(f *nightlyFlags) *nightly.Night {
	night := &nightly.Night{
		Run:      uint64(f.run),
		Shard:    nightly.Shard(f.shard),
		Mix:      nightly.Mix(f.profiles),
		Seeds:    f.seeds.value,
		Time:     time.Duration(f.time),
		Parallel: int(f.parallel.value),
		NewWorld: p.newWorld,
	}
	if p.stderr.terminal {
		night.OnProfile = func(_ string, _, seeds uint64, limit time.Duration) {
			night.OnProgress = drawProgress(p.stderr, seeds, limit)
		}
		night.OnProgress = func(campaign.Progress) {} // the profile says which
	}
	return night
}

// readKnown reads the file of --known. Without one, nothing is compared.
func readKnown(path string) (*nightly.Known, error) {
	if path == "" {
		return nil, nil
	}
	return nightly.ReadKnown(path)
}
