package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/certify"
)

const seedsDefault = 10_000

// runFlags are the flags of onceover run.
type runFlags struct {
	seeds    countFlag
	from     seedFlag
	time     spanFlag
	profile  *profileFlag
	watched  propertiesFlag
	parallel countFlag
	failFast bool
	out      directoryFlag
	store    storeFlags
	json     bool
}

func (p *program) runCommand() *cobra.Command {
	f := runFlags{
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

Ctrl-C, SIGTERM and --time end a campaign early, with the summary of the seeds that were
done and the exit code of the verdict so far. A second Ctrl-C ends it at once.

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
		RunE: func(command *cobra.Command, _ []string) error {
			if command.Flags().Changed("time") && !command.Flags().Changed("seeds") {
				f.seeds.value = 0 // as many as the time allows
			}
			if err := f.store.check(command.Flags()); err != nil {
				return err
			}
			if f.store.name == storePostgres && !command.Flags().Changed("parallel") {
				f.parallel.value = uint64(certify.ParallelDefault())
			}
			return p.onStore(command.Context(), &f.store, func(ctx context.Context) error { return p.campaign(ctx, &f) })
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&f.seeds, "seeds", "how many seeds to run; with --time, at most this many")
	flags.Var(&f.from, "from", "first seed; the others follow one by one")
	flags.Var(&f.time, "time", "how long to begin new seeds, such as 30s or 2h; without --seeds, as many as fit")
	flags.Var(f.profile, "profile", profileUsage)
	flags.Var(&f.watched, "properties", propertiesUsage)
	flags.Var(&f.parallel, "parallel", "how many deployments to simulate at the same time; with --store postgres, two per core unless given")
	flags.BoolVar(&f.failFast, "fail-fast", false, "begin no more seeds after the first violation")
	f.store.add(flags)
	flags.Var(&f.out, "out", "directory for the replay files of failures; created if needed")
	flags.BoolVar(&f.json, "json", false, jsonUsage)
	return command
}

// noArguments refuses arguments that are no flags.
func noArguments(command *cobra.Command, arguments []string) error {
	if len(arguments) == 0 {
		return nil
	}
	return fmt.Errorf("%s takes no argument, but was given %q; see '%[1]s --help'", command.CommandPath(), arguments[0])
}

// campaign carries out onceover run.
func (p *program) campaign(ctx context.Context, f *runFlags) error {
	tuneMemory(int(f.parallel.value))

	files := &replayFiles{directory: string(f.out), profile: f.profile.name, watched: f.watched, same: p.sameFlags()}
	c := campaign.Campaign{
		Profile:    f.profile.name,
		Properties: f.watched,
		From:       uint64(f.from),
		Seeds:      f.seeds.value,
		Time:       time.Duration(f.time),
		Parallel:   int(f.parallel.value),
		FailFast:   f.failFast,
		OnFailure:  files.write,
		NewWorld:   p.newWorld,
	}
	if p.stderr.terminal {
		c.OnProgress = drawProgress(p.stderr, c.Seeds, c.Time)
	}
	if !f.json {
		p.stdout.say("%s\n", title(&c))
		if p.store != nil {
			p.stdout.say("store: %s\n", p.store.text)
		}
	}
	summary, err := c.Run(ctx)
	if p.stderr.terminal {
		p.stderr.say(eraseLine)
	}
	if err != nil {
		return err
	}
	store := describeStore(p.store) // before failures are looked at more closely
	return p.conclude(ctx, f, summary, files, store)
}

// conclude prints what a campaign came to, that has done so much on a store.
func (p *program) conclude(ctx context.Context, f *runFlags, summary *campaign.Summary, files *replayFiles, store runner.Store) error {
	// A failure that does not fail the same way again cannot be replayed, and says more about the simulator than about
	// the engine.
	verdict := summary.Verdict()
	var explained []explanation
	for i, failure := range summary.Signatures {
		if i == explainedMax {
			break
		}
		e := p.explainFirst(ctx, summary, failure, files, f.json)
		if !e.repeats {
			verdict = verdict.Worse(run.NotDeterministic)
		}
		explained = append(explained, e)
	}
	if files.failed != nil {
		p.stderr.say("onceover: %v; the failures can still be replayed by their seeds\n", files.failed)
	}
	if f.json {
		if err := json.NewEncoder(p.stdout).Encode(runner.NewSummary(summary, store, files.of)); err != nil {
			return fmt.Errorf("print the summary: %w", err)
		}
	} else {
		text := report{
			summary: summary, explained: explained, verdict: verdict, seedCommand: files.seedCommand,
			width: p.stdout.width(), paint: p.stdout.paint(),
		}
		if p.store != nil {
			text.store = p.store.tally(*store.Runs, *store.Equal)
		}
		if _, err := io.WriteString(p.stdout, text.String()); err != nil {
			return fmt.Errorf("print the summary: %w", err)
		}
	}
	if verdict != run.Pass {
		return verdictError(verdict)
	}
	return nil
}

// tuneMemory trades memory for speed, unless the user has decided with GOGC or GOMEMLIMIT. A world needs about 1 MiB
// and leaves 60 kB behind with each run, so it is a limit that decides when to collect, not growth: collections are
// rare, and the peak is the same after a thousand seeds and after a million.
func tuneMemory(workers int) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const base, perWorker = 32 << 20, 8 << 20
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(base + int64(workers)*perWorker)
}
