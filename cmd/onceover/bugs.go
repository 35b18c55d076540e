package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// How bugs are looked for unless flags say.
const (
	bugsTrialsDefault   = 20
	bugsMaxSeedsDefault = 2000
)

// bugsFlags are the flags of onceover bugs.
type bugsFlags struct {
	trials   countFlag
	maxSeeds countFlag
	profile  *profileFlag
	parallel countFlag
	json     bool
	show     bool
	sizes    bool
	failures countFlag
	given    func(flag string) bool
	baseline string
	update   string
}

func (p *program) bugsCommand() *cobra.Command {
	f := bugsFlags{
		trials:   countFlag{value: bugsTrialsDefault, least: 1, most: 10_000},
		maxSeeds: countFlag{value: bugsMaxSeedsDefault, least: 1, most: 1_000_000},
		profile:  newProfileFlag(),
		parallel: countFlag{value: uint64(runtime.GOMAXPROCS(0)), least: 1, most: 1024},
		failures: countFlag{value: sizesFailuresDefault, least: 1, most: 1000},
	}
	command := &cobra.Command{
		Use:   "bugs [ID…]",
		Short: "Break the engine in known ways, and measure how soon each bug is found",
		Long: `Build the engine with each bug of a catalogue, run independent campaigns against it, and
print in how many of them the bug was found, by which property, and how many seeds that
took. The bugs are those that the nine commits of a pull request fixed and introduced,
each as a patch to today's engine. Sources are not changed. ID+era is a bug without the
guards that were added after its time. At the end, the unbroken engine must pass as many
seeds as all trials took together.

The command builds from source, so it runs inside a clone of the repository. Without an
identifier it takes all bugs. An identifier stands for the bug and for ID+era.

It fails (exit 1) if a bug is missed in a trial, if only another property than the
expected one catches it, if the unbroken engine fails, or if a bug takes twice as many
seeds (median) as --baseline records.

With --sizes it minimises failures instead: --failures of each bug, and of each of a
number of mutants, one-line changes of today's engine, which have identifiers as well.
It prints what is left of each failure and what the search took, and fails (exit 1) if a
failure changed its signature.

For the other exit codes, see 'onceover help exit-codes'.`,
		Example: `  onceover bugs                                      the whole table
  onceover bugs stale-claim-unfenced                 two rows of it
  onceover bugs start-resets-live+era --show         the story of one bug
  onceover bugs --json | jq '.[] | [.id, .found]'    for machines
  onceover bugs --update baseline.json                accept the medians
  onceover bugs --sizes                              how small failures become
  onceover run --bug ./mine.patch                    a bug of your own`,
		ValidArgsFunction: p.completeBugs,
		RunE: func(command *cobra.Command, ids []string) error {
			f.given = command.Flags().Changed
			return p.bugs(command.Context(), &f, ids)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&f.trials, "trials", "how many independent campaigns against each bug")
	flags.Var(&f.maxSeeds, "max-seeds", "how many seeds a campaign may take to find the bug")
	flags.Var(f.profile, "profile", profileUsage)
	flags.Var(&f.parallel, "parallel", "how many campaigns to run at the same time")
	flags.BoolVar(&f.json, "json", false, "print a JSON list instead of text")
	flags.BoolVar(&f.show, "show", false, "print the story of one bug: what the pull request claims, the smallest run, why it is wrong")
	flags.BoolVar(&f.sizes, "sizes", false, "minimise failures of each bug and of mutants, and measure how small they become")
	flags.Var(&f.failures, "failures", "how many failures of each --sizes minimises")
	flags.StringVar(&f.baseline, "baseline", "", "compare the medians with those of `FILE`, and fail if one has doubled")
	flags.StringVar(&f.update, "update", "", "write the medians of the whole table to `FILE`; with --sizes, the table")
	return command
}

// check refuses flags that contradict each other.
func (f *bugsFlags) check(ids []string) error {
	switch {
	case f.show && len(ids) != 1:
		return fmt.Errorf("--show takes one identifier, but was given %d; see 'onceover bugs --help'", len(ids))
	case f.show && (f.json || f.baseline != "" || f.update != ""):
		return errors.New("--show is for people: leave --json, --baseline and --update out")
	case f.sizes && (f.show || f.baseline != "" || f.given("trials")):
		return errors.New("--sizes minimises failures: leave --show, --baseline and --trials out; --failures is how many of each bug")
	case !f.sizes && f.given("failures"):
		return errors.New("--failures is how many --sizes minimises of each bug: give both or neither")
	case f.update != "" && f.baseline != "":
		return errors.New("--update accepts what --baseline refuses: give one of them")
	case f.update != "" && len(ids) > 0:
		return fmt.Errorf("--update writes the whole table, but was given %s: leave the identifiers out", plural(len(ids), "bug"))
	}
	return nil
}

// bugs carries out onceover bugs.
func (p *program) bugs(ctx context.Context, f *bugsFlags, ids []string) error {
	if err := f.check(ids); err != nil {
		return err
	}
	if f.sizes {
		return p.bugsSizes(ctx, f, ids)
	}
	catalogue, err := p.catalogue()
	if err != nil {
		return err
	}
	chosen, err := catalogue.Choose(ids)
	if err != nil {
		return err
	}
	if f.show {
		one, err := catalogue.Find(ids[0])
		if err != nil {
			return err
		}
		chosen = []*bugs.Bug{one}
	}
	trials := bugs.Trials{
		Bugs:     chosen,
		Trials:   int(f.trials.value),
		MaxSeeds: f.maxSeeds.value,
		Profile:  f.profile.name,
		Parallel: int(f.parallel.value),
	}
	if trials.Tree, err = overlay.Find("."); err != nil {
		return err
	}
	baseline, err := readBaseline(f.baseline, &trials)
	if err != nil {
		return err
	}
	trials.OnProgress = drawBugsProgress(p.stderr)
	table := &bugs.Table{}
	if f.show {
		table.Rows, err = trials.Rows(ctx)
	} else {
		table, err = trials.Run(ctx)
	}
	clearBar(p.stderr)
	switch {
	case ctx.Err() != nil:
		p.stderr.say("onceover: interrupted before all bugs were tried\n")
		return verdictError(run.Unknown)
	case err != nil:
		return err
	case f.show:
		return p.showBug(ctx, &trials, &table.Rows[0])
	}
	return p.concludeBugs(f, &trials, table, baseline, catalogue)
}

// readBaseline reads the file of --baseline, if there is one.
func readBaseline(path string, trials *bugs.Trials) (*bugs.Baseline, error) {
	if path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("baseline %w; write one with --update %s", err, shellWord(path))
	}
	baseline, err := bugs.ParseBaseline(content)
	if err == nil {
		err = baseline.Measured(trials)
	}
	if err != nil {
		return nil, fmt.Errorf("baseline %s %w", path, err)
	}
	return baseline, nil
}

// concludeBugs prints the table and what is wrong with it.
func (p *program) concludeBugs(f *bugsFlags, trials *bugs.Trials, table *bugs.Table, baseline *bugs.Baseline, catalogue *bugs.Catalogue) error {
	problems := table.Problems()
	if baseline != nil {
		for _, problem := range baseline.Compare(table.Rows, catalogue) {
			problems = append(problems, problem+"; to accept that: onceover bugs --update "+shellWord(f.baseline))
		}
	}
	text := bugsTable{trials: trials, table: table, problems: problems, paint: p.stdout.paint()}
	var err error
	if f.json {
		// The list has no room for what is not about one bug.
		text.paint = p.stderr.paint()
		p.stderr.say("%s", text.end())
		err = json.NewEncoder(p.stdout).Encode(newBugsJSON(trials, table))
	} else {
		_, err = io.WriteString(p.stdout, text.String())
	}
	if err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	if len(problems) > 0 {
		return verdictError(run.Violated)
	}
	if f.update != "" {
		return bugs.NewBaseline(trials, table.Rows).WriteFile(f.update)
	}
	return nil
}

// bugJSON is one element of what onceover bugs --json prints.
type bugJSON struct {
	ID          string   `json:"id"`
	Expected    string   `json:"expected"`
	Fired       string   `json:"fired"`
	Trials      int      `json:"trials"`
	Found       int      `json:"found"`
	SeedsMedian float64  `json:"seeds_median"`
	SeedsWorst  uint64   `json:"seeds_worst"`
	Signature   string   `json:"signature"`
	Seconds     float64  `json:"seconds"`
	Replay      string   `json:"replay"`
	Other       []string `json:"other"` // properties that fired first instead
}

func newBugsJSON(trials *bugs.Trials, table *bugs.Table) []bugJSON {
	list := []bugJSON{}
	for i := range table.Rows {
		r := &table.Rows[i]
		list = append(list, bugJSON{
			ID:          r.Bug.ID,
			Expected:    r.Bug.Expected,
			Fired:       r.Fired,
			Trials:      r.Trials,
			Found:       r.Found,
			SeedsMedian: r.SeedsMedian,
			SeedsWorst:  r.SeedsWorst,
			Signature:   r.Signature(),
			Seconds:     math.Round(r.Time.Seconds()*1000) / 1000,
			Replay:      replayBugCommand(trials, r),
			Other:       append([]string{}, r.Others...),
		})
	}
	return list
}
