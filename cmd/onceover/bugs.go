package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/files"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// sizesFailuresDefault is how many failures of each bug are minimised unless a flag gives another number.
const sizesFailuresDefault = 12

// bugsCommand is onceover bugs.
type bugsCommand struct {
	*app
	trials   countFlag
	maxSeeds countFlag
	profile  *profileFlag
	parallel countFlag
	json     bool
	show     bool
	sizes    bool
	failures countFlag
	baseline string
	update   string
}

func newBugsCommand(a *app) *cobra.Command {
	c := bugsCommand{
		app:      a,
		trials:   countFlag{value: bugs.TrialsDefault, least: 1, most: 10_000},
		maxSeeds: countFlag{value: bugs.MaxSeedsDefault, least: 1, most: 1_000_000},
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
		ValidArgsFunction: completeBugs(a.catalogue),
		RunE: func(command *cobra.Command, ids []string) error {
			if err := c.check(ids, command.Flags().Changed); err != nil {
				return err
			}
			switch {
			case c.sizes:
				return c.executeSizes(command.Context(), ids)
			case c.show:
				return c.executeShow(command.Context(), ids[0])
			}
			return c.execute(command.Context(), ids)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&c.trials, "trials", "how many independent campaigns against each bug")
	flags.Var(&c.maxSeeds, "max-seeds", "how many seeds a campaign may take to find the bug")
	flags.Var(c.profile, "profile", profileUsage)
	flags.Var(&c.parallel, "parallel", "how many campaigns to run at the same time")
	flags.BoolVar(&c.json, "json", false, "print a JSON list instead of text")
	flags.BoolVar(&c.show, "show", false, "print the story of one bug: what the pull request claims, the smallest run, why it is wrong")
	flags.BoolVar(&c.sizes, "sizes", false, "minimise failures of each bug and of mutants, and measure how small they become")
	flags.Var(&c.failures, "failures", "how many failures of each --sizes minimises")
	flags.StringVar(&c.baseline, "baseline", "", "compare the medians with those of `FILE`, and fail if one has doubled")
	flags.StringVar(&c.update, "update", "", "write the medians of the whole table to `FILE`; with --sizes, the table")
	return command
}

// check refuses flags that contradict each other.
func (c *bugsCommand) check(ids []string, given func(flag string) bool) error {
	switch {
	case c.show && len(ids) != 1:
		return fmt.Errorf("--show takes one identifier, but was given %d; see 'onceover bugs --help'", len(ids))
	case c.show && (c.json || c.baseline != "" || c.update != ""):
		return errors.New("--show is for people: leave --json, --baseline and --update out")
	case c.sizes && (c.show || c.baseline != "" || given("trials")):
		return errors.New("--sizes minimises failures: leave --show, --baseline and --trials out; --failures is how many of each bug")
	case !c.sizes && given("failures"):
		return errors.New("--failures is how many --sizes minimises of each bug: give both or neither")
	case c.update != "" && c.baseline != "":
		return errors.New("--update accepts what --baseline refuses: give one of them")
	case c.update != "" && len(ids) > 0:
		return fmt.Errorf("--update writes the whole table, but was given %s: leave the identifiers out", text.Plural(len(ids), "bug"))
	}
	var plan files.Plan
	plan.Reads("--baseline", c.baseline)
	plan.Writes("--update", c.update)
	return plan.Check()
}

// newTrials returns the trials of bugs that the flags ask for.
func (c *bugsCommand) newTrials(chosen []*bugs.Bug) (*bugs.Trials, error) {
	tree, err := overlay.Find(".")
	if err != nil {
		return nil, err
	}
	return &bugs.Trials{
		Tree:       tree,
		Bugs:       chosen,
		Trials:     int(c.trials.value),
		MaxSeeds:   c.maxSeeds.value,
		Profile:    c.profile.name,
		Parallel:   int(c.parallel.value),
		OnProgress: drawTrials(c.stderr),
	}, nil
}

// execute tries bugs and prints the table.
func (c *bugsCommand) execute(ctx context.Context, ids []string) error {
	catalogue, err := c.catalogue()
	if err != nil {
		return err
	}
	chosen, err := catalogue.Choose(ids)
	if err != nil {
		return err
	}
	trials, err := c.newTrials(chosen)
	if err != nil {
		return err
	}
	baseline, err := bugs.ReadBaseline(c.baseline, trials)
	if err != nil {
		return err
	}
	table, err := trials.Run(ctx)
	c.stderr.Erase()
	if ctx.Err() != nil && len(table.Rows) > 0 {
		if err := c.printPart(trials, table); err != nil {
			return err
		}
	}
	if err := c.interrupted(ctx, err, "all bugs were tried"); err != nil {
		return err
	}
	problems := table.Problems()
	if baseline != nil {
		for _, problem := range baseline.Compare(table.Rows, catalogue) {
			problems = append(problems, problem+"; to accept that: onceover bugs --update "+text.ShellWord(c.baseline))
		}
	}
	return c.print(trials, table, problems)
}

// printPart prints the rows that there are when the command was interrupted.
func (c *bugsCommand) printPart(trials *bugs.Trials, table *bugs.Table) (err error) {
	if c.json {
		err = json.NewEncoder(c.stdout).Encode(newBugsJSON(trials, table))
	} else {
		shown := bugsTable{trials: trials, table: table, paint: c.stdout.Paint()}
		_, err = io.WriteString(c.stdout, c.stdout.Fit(shown.rows()+"\n", shown.commands()...))
	}
	if err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}

// interrupted returns the error with which a command ends after work that returned err, or that its context has cut short
// before something was done.
func (c *bugsCommand) interrupted(ctx context.Context, err error, before string) error {
	if ctx.Err() != nil {
		c.warn(errors.New("interrupted before " + before))
		return verdictError(run.Unknown)
	}
	return err
}

// print prints the table and what is wrong with it, and writes it as a baseline if a flag asks for that.
func (c *bugsCommand) print(trials *bugs.Trials, table *bugs.Table, problems []string) error {
	shown := bugsTable{trials: trials, table: table, problems: problems, paint: c.stdout.Paint()}
	var err error
	if c.json {
		// The list has no room for what is not about one bug.
		shown.paint = c.stderr.Paint()
		c.stderr.Printf("%s", shown.end())
		err = json.NewEncoder(c.stdout).Encode(newBugsJSON(trials, table))
	} else {
		_, err = io.WriteString(c.stdout, c.stdout.Fit(shown.String(), shown.commands()...))
	}
	if err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	if len(problems) > 0 {
		return verdictError(run.Violated)
	}
	if c.update != "" {
		return bugs.NewBaseline(trials, table.Rows).WriteFile(c.update)
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
