package main

import (
	"context"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"

	"github.com/onceover/onceover/cmd/onceover/internal/mutants"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// How much a mutant has to survive unless flags say.
const (
	mutantsSeedsDefault   = 5000
	mutantsTimeoutDefault = time.Minute
)

// mutantsFlags are the flags of onceover mutants.
type mutantsFlags struct {
	scope    scopeFlag
	seeds    countFlag
	only     patternFlag
	list     bool
	json     bool
	parallel countFlag
	timeout  spanFlag
}

func (p *program) mutantsCommand() *cobra.Command {
	f := mutantsFlags{
		scope:    scopeAll,
		seeds:    countFlag{value: mutantsSeedsDefault, least: 2, most: 1_000_000_000},
		parallel: countFlag{value: uint64(runtime.GOMAXPROCS(0)), least: 1, most: 1024},
		timeout:  spanFlag(mutantsTimeoutDefault),
	}
	command := &cobra.Command{
		Use:   "mutants",
		Short: "Break the engine in hundreds of small ways, and list which the simulation misses",
		Long: `Break the engine in hundreds of small ways, one at a time, and report which of these
mutants the simulation kills. A mutant is one change of one function: a call left
out, an error ignored, a fence dropped. Half of its seeds run under profile default,
then half under storm, until one of them fails. No test runs, and sources are not
touched.

It builds from source, so it runs inside a clone of the repository. All mutants take
about an hour. Ctrl-C ends it early, with the report of the mutants that were done.

` + mutantsHelp() + `

It fails (exit 1) if a mutant survives that ` + mutants.EquivalentsFile + `
does not list with a reason, and if an entry of that list is killed or stands for no
mutant any more.

For the other exit codes, see 'onceover help exit-codes'.`,
		Example: `  onceover mutants                                   all of them
  onceover mutants --scope engine --only 'drop-key|drop-fence'
  onceover mutants --list --only Orchestrator        what would run
  onceover mutants --json | jq .survivors            for machines`,
		Args: noArguments,
		RunE: func(command *cobra.Command, _ []string) error {
			return p.mutants(command.Context(), &f)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.Var(&f.scope, "scope", "what is mutated: engine, store or all")
	flags.Var(&f.seeds, "seeds", "how many seeds a mutant must survive, half of default and half of storm")
	flags.Var(&f.only, "only", "run only mutants with an identity that this regular expression matches")
	flags.BoolVar(&f.list, "list", false, "print the identities of the mutants and run none")
	flags.BoolVar(&f.json, "json", false, jsonUsage)
	flags.Var(&f.parallel, "parallel", "how many mutants to run at the same time")
	flags.Var(&f.timeout, "timeout", "how long half of a mutant's seeds may take, or 10 times what they take without it, before it counts as run away")
	return command
}

// mutantsHelp lists scopes and operators.
func mutantsHelp() string {
	var text strings.Builder
	text.WriteString("Scopes:\n")
	for _, scope := range mutants.Scopes() {
		fmt.Fprintf(&text, "  %-22s %s\n", scope.Name, scope.Sentence)
	}
	text.WriteString("\nOperators:\n")
	for _, operator := range mutants.Operators() {
		fmt.Fprintf(&text, "  %-22s %s\n", operator.Name, operator.Sentence)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// mutants carries out onceover mutants.
func (p *program) mutants(ctx context.Context, f *mutantsFlags) error {
	tree, err := overlay.Find(".")
	if err != nil {
		return err
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
		return !f.scope.covers(m.Scope) || !f.only.matches(m.ID())
	})
	if f.list {
		for i := range wanted {
			if _, err := fmt.Fprintln(p.stdout, wanted[i].ID()); err != nil {
				return fmt.Errorf("print the mutants: %w", err)
			}
		}
		return nil
	}
	progress := mutantsProgress{terminal: p.stderr, of: len(wanted)}
	runner := mutants.Runner{
		Tree: tree, Stages: mutants.Stages(f.seeds.value), Parallel: int(f.parallel.value), Timeout: time.Duration(f.timeout),
		OnResult: progress.count,
	}
	progress.draw()
	results, err := runner.Run(ctx, wanted)
	clearBar(p.stderr)
	if err != nil {
		return err
	}
	report := mutants.NewReport(runner.Stages, results, len(wanted), list, all)
	write := report.WriteText
	if f.json {
		write = report.WriteJSON
	}
	if err := write(p.stdout); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	if !report.Good() {
		return verdictError(run.Violated)
	}
	return nil
}

// mutantsProgress shows on a terminal how far a run is.
type mutantsProgress struct {
	terminal               *output
	of                     int
	done, killed, survived int
}

// count counts a result.
func (m *mutantsProgress) count(r mutants.Result) {
	m.done++
	switch r.Fate {
	case mutants.Killed, mutants.Blinded, mutants.RanAway:
		m.killed++
	case mutants.NotCompiled:
	default:
		m.survived++
	}
	m.draw()
}

func (m *mutantsProgress) draw() {
	drawBar(m.terminal, m.done, max(m.of, 1), fmt.Sprintf(" %d of %s: %d killed, %d not", m.done, plural(m.of, "mutant"), m.killed, m.survived))
}

// scopeAll stands for all scopes.
const scopeAll = "all"

// scopeFlag is a scope of mutants by name, or all of them.
type scopeFlag string

func (f *scopeFlag) String() string { return string(*f) }
func (f *scopeFlag) Type() string   { return "SCOPE" }
func (f *scopeFlag) Set(text string) error {
	names := []string{scopeAll}
	for _, scope := range mutants.Scopes() {
		names = append(names, scope.Name)
	}
	if !slices.Contains(names, text) {
		return fmt.Errorf("allowed are %s", strings.Join(names, ", "))
	}
	*f = scopeFlag(text)
	return nil
}

// covers reports whether the flag chooses a scope.
func (f *scopeFlag) covers(scope string) bool { return *f == scopeAll || string(*f) == scope }

// patternFlag is a regular expression; the zero value matches everything.
type patternFlag struct{ *regexp.Regexp }

func (f *patternFlag) String() string {
	if f.Regexp == nil {
		return ""
	}
	return f.Regexp.String()
}
func (f *patternFlag) Type() string { return "REGEXP" }
func (f *patternFlag) Set(text string) error {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return fmt.Errorf("%w", err)
	}
	f.Regexp = pattern
	return nil
}

// matches reports whether the pattern matches a text.
func (f *patternFlag) matches(text string) bool { return f.Regexp == nil || f.MatchString(text) }
