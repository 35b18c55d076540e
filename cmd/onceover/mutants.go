package main

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/mutants"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// How much a mutant has to survive unless flags give other numbers.
const (
	mutantsSeedsDefault   = 5000
	mutantsTimeoutDefault = time.Minute
)

// mutantsCommand is onceover mutants.
type mutantsCommand struct {
	*app
	scope    scopeFlag
	seeds    countFlag
	only     patternFlag
	watched  propertiesFlag
	list     bool
	json     bool
	parallel countFlag
	timeout  spanFlag
}

func newMutantsCommand(a *app) *cobra.Command {
	c := mutantsCommand{
		app:      a,
		scope:    scopeCore,
		seeds:    countFlag{value: mutantsSeedsDefault, least: 2, most: 1_000_000_000},
		parallel: countFlag{value: uint64(runtime.GOMAXPROCS(0)), least: 1, most: 1024},
		timeout:  spanFlag(mutantsTimeoutDefault),
	}
	command := &cobra.Command{
		Use:   "mutants",
		Short: "Break the engine in hundreds of small ways, and list which nothing notices",
		Long: `Break the engine in hundreds of small ways, one at a time, and report which of these
mutants the simulation kills. A mutant is one change of one function: a call left
out, an error ignored, a fence dropped. A tenth of its seeds run under profile calm,
then half of the rest under default and half under storm, until one of them fails. No
test runs, and sources are not touched.

Tests judge the scopes outside the core: of rim, httpapi, live and postgres those of
the package; of sql first the tests that compare the stores with their models, with
--seeds histories of operations, and in the end 'onceover certify'. A mutant that makes
tests hang counts as killed only if a test fails. 'onceover help stores' describes how
the server is found.

It builds from source, so it runs inside a clone of the repository. All mutants of the
core take about an hour, those of sql a few. Ctrl-C ends it early, with the report of
the mutants that were done.

` + mutantsHelp() + `

It fails (exit 1) if a mutant survives that ` + mutants.EquivalentsFile + `
(equivalent_sql.txt and equivalent_tested.txt beside it, for the other scopes) does not
list with a reason, and if an entry of that list is killed or stands for no mutant any
more. With --properties, survivors are listed and are no failure: the list
is about all properties.

For the other exit codes, see 'onceover help exit-codes'.`,
		Example: `  onceover mutants                                   all of the core
  onceover mutants --scope engine --only 'drop-key|drop-fence'
  onceover mutants --scope sql --only claim.sql      one statement
  onceover mutants --scope outside                   what tests are worth
  onceover mutants --properties outcome              what users would notice
  onceover mutants --list --only Orchestrator        what would run
  onceover mutants --json | jq .survivors            for machines`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return c.execute(command.Context())
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&c.scope, "scope", "what is mutated: core (engine and store), outside (rim, httpapi, live and postgres), sql, or one of these")
	flags.Var(&c.seeds, "seeds", "how many seeds a mutant must survive: a tenth of calm, then of default and of storm")
	flags.Var(&c.only, "only", "run only mutants with an identity that this regular expression matches")
	flags.Var(&c.watched, "properties", propertiesUsage)
	flags.BoolVar(&c.list, "list", false, "print the identities of the mutants and run none")
	flags.BoolVar(&c.json, "json", false, jsonUsage)
	flags.Var(&c.parallel, "parallel", "how many mutants to run at the same time")
	flags.Var(&c.timeout, "timeout", "how long a mutant's seeds of one profile may take, or 10 times what they take without it, before it counts as run away")
	return command
}

// mutantsHelp lists scopes and operators.
func mutantsHelp() string {
	var out strings.Builder
	out.WriteString("Scopes:\n")
	for _, scope := range mutants.AllScopes() {
		fmt.Fprintf(&out, "  %-22s %s\n", scope.Name, scope.Sentence)
	}
	out.WriteString("\nOperators:\n")
	for _, operator := range mutants.Operators() {
		fmt.Fprintf(&out, "  %-22s %s\n", operator.Name, operator.Sentence)
	}
	out.WriteString("\nOperators of SQL:\n")
	for _, operator := range mutants.SQLOperators() {
		fmt.Fprintf(&out, "  %-22s %s\n", operator.Name, operator.Sentence)
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// execute runs the mutants and prints the report.
func (c *mutantsCommand) execute(ctx context.Context) error {
	tree, err := overlay.Find(".")
	if err != nil {
		return err
	}
	if !c.scope.simulated() {
		return c.test(ctx, tree)
	}
	list, err := mutants.Equivalents()
	if err != nil {
		return err
	}
	all, err := mutants.Generate(ctx, tree.Root(), mutants.Scopes(), tree.Read)
	if err != nil {
		return err
	}
	wanted := slices.DeleteFunc(slices.Clone(all), func(m mutants.Mutant) bool {
		return !c.scope.covers(m.Scope) || !c.only.matches(m.ID())
	})
	if c.list {
		return c.printList(wanted)
	}
	progress := mutantsProgress{of: len(wanted)}
	c.stderr.DrawBar(progress.line())
	runner := mutants.Runner{
		Tree: tree, Stages: mutants.Stages(c.seeds.value), Properties: c.watched, Parallel: int(c.parallel.value), Timeout: time.Duration(c.timeout),
		OnResult: func(r mutants.Result) {
			progress.count(r.Fate)
			c.stderr.DrawBar(progress.line())
		},
	}
	results, err := runner.Run(ctx, wanted)
	c.stderr.Erase()
	if err != nil {
		return err
	}
	return c.print(mutants.NewReport(runner.Stages, c.watched, results, len(wanted), list, all))
}

// printList prints the identities of mutants.
func (c *mutantsCommand) printList(list []mutants.Mutant) error {
	for i := range list {
		if _, err := fmt.Fprintln(c.stdout, list[i].ID()); err != nil {
			return fmt.Errorf("print the mutants: %w", err)
		}
	}
	return nil
}

// print prints a report, and returns the error of its verdict.
func (c *mutantsCommand) print(report *mutants.Report) error {
	write := report.WriteText
	if c.json {
		write = report.WriteJSON
	}
	if err := write(c.stdout); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	if !report.Good() {
		return verdictError(run.Violated)
	}
	return nil
}

// mutantsProgress is how far a run of mutants is.
type mutantsProgress struct{ of, done, killed, survived int }

// count counts a mutant.
func (m *mutantsProgress) count(fate mutants.Fate) {
	m.done++
	switch fate {
	case mutants.Killed, mutants.Blinded, mutants.RanAway:
		m.killed++
	case mutants.NotCompiled:
	default:
		m.survived++
	}
}

// line returns what is shown on a terminal, and how much of the bar is full.
func (m *mutantsProgress) line() (part float64, line string) {
	return float64(m.done) / float64(max(m.of, 1)),
		fmt.Sprintf(" %d of %s: %d killed, %d not", m.done, text.Plural(m.of, "mutant"), m.killed, m.survived)
}

// patternFlag is a regular expression; the zero value matches everything.
type patternFlag struct{ *regexp.Regexp }

func (f *patternFlag) String() string {
	if f.Regexp == nil {
		return ""
	}
	return f.Regexp.String()
}
func (f *patternFlag) Type() string { return "REGEXP" }
func (f *patternFlag) Set(expression string) error {
	pattern, err := regexp.Compile(expression)
	if err != nil {
		return err
	}
	f.Regexp = pattern
	return nil
}

// matches reports whether the pattern matches a word.
func (f *patternFlag) matches(word string) bool { return f.Regexp == nil || f.MatchString(word) }
