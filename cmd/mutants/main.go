// Command mutants breaks the engine in hundreds of small ways and tells in how many of them the simulation notices.
// Package [github.com/onceover/onceover/sim/mutation] says how; this command reads flags and prints results. It needs
// the source tree.
//
//	mutants                             all mutants, against 5,000 seeds each
//	mutants --only 'Host.*drop-call'    some of them
//	mutants --list                      what would be run
//
// Exit codes: 0 the committed list of equivalent mutants accounts for every survivor, 1 it does not, 2 wrong usage or
// setup.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/onceover/onceover/sim/mutation"
	"github.com/onceover/onceover/sim/overlay"
)

const (
	exitSurvivors = 1
	exitUsage     = 2

	seedsDefault   = 5000
	timeoutDefault = time.Minute
)

// errSurvivors ends the command with exit code 1, after the report that says why.
var errSurvivors = errors.New("the list of equivalent mutants does not account for what survives")

func main() {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// The first signal ends the run with the report of what was done; a second one ends it at once.
	context.AfterFunc(ctx, restore)
	err := newCommand(os.Stdout, os.Stderr).ExecuteContext(ctx)
	restore()
	switch {
	case errors.Is(err, errSurvivors):
		os.Exit(exitSurvivors)
	case err != nil:
		fmt.Fprintf(os.Stderr, "mutants: %s\n", strings.Join(strings.Fields(err.Error()), " "))
		os.Exit(exitUsage)
	}
}

// options are the flags.
type options struct {
	scope    string
	seeds    uint64
	only     string
	list     bool
	json     bool
	parallel int
	timeout  time.Duration
}

func newCommand(stdout io.Writer, stderr *os.File) *cobra.Command {
	var o options
	command := &cobra.Command{
		Use:   "mutants",
		Short: "Break the engine in small ways, and tell which of them the simulation notices",
		Long: "Break the engine in small ways, one at a time, and tell which of them the\nsimulation alone notices. Sources are never touched.\n\n" +
			describe() + "\n\nExit codes: 0 every survivor is accounted for, 1 one is not, 2 wrong usage or\nsetup.",
		Example: `  mutants                               all mutants; takes about an hour
  mutants --scope engine --only 'drop-key|drop-fence'
  mutants --list --only 'Orchestrator|orchestrator'`,
		Args:              cobra.NoArgs,
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		RunE: func(command *cobra.Command, _ []string) error {
			return run(command.Context(), &o, stdout, stderr)
		},
	}
	flags := command.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.scope, "scope", "all", "what is mutated: engine, store or all")
	flags.Uint64Var(&o.seeds, "seeds", seedsDefault, "seeds that a mutant must survive, half of default and half of storm")
	flags.StringVar(&o.only, "only", "", "run only mutants whose identity this regular expression matches")
	flags.BoolVar(&o.list, "list", false, "print the identities of the mutants and run none")
	flags.BoolVar(&o.json, "json", false, "print one JSON object instead of a report for people")
	flags.IntVar(&o.parallel, "parallel", runtime.GOMAXPROCS(0), "how many mutants to build and run at the same time")
	flags.DurationVar(&o.timeout, "timeout", timeoutDefault, "how long half of a mutant's seeds may take, or 10 times what they take without it, before it counts as run away")
	return command
}

// describe lists scopes and operators.
func describe() string {
	var text strings.Builder
	text.WriteString("Scopes:\n")
	for _, scope := range mutation.Scopes() {
		fmt.Fprintf(&text, "  %-22s %s\n", scope.Name, scope.Sentence)
	}
	text.WriteString("\nOperators:\n")
	for _, operator := range mutation.Operators() {
		fmt.Fprintf(&text, "  %-22s %s\n", operator.Name, operator.Sentence)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

func run(ctx context.Context, o *options, stdout io.Writer, stderr *os.File) error {
	only, err := o.validate()
	if err != nil {
		return err
	}
	tree, err := overlay.Find(".")
	if err != nil {
		return err
	}
	list, err := mutation.Equivalents()
	if err != nil {
		return err
	}
	all, err := mutation.Generate(ctx, tree.Root(), mutation.Scopes(), tree.Read)
	if err != nil {
		return err
	}
	wanted := slices.DeleteFunc(slices.Clone(all), func(m mutation.Mutant) bool {
		return o.scope != "all" && m.Scope != o.scope || !only.MatchString(m.ID())
	})
	if o.list {
		for i := range wanted {
			if _, err := fmt.Fprintln(stdout, wanted[i].ID()); err != nil {
				return fmt.Errorf("print the mutants: %w", err)
			}
		}
		return nil
	}
	show := newProgress(stderr, len(wanted))
	runner := mutation.Runner{
		Tree: tree, Stages: mutation.Stages(o.seeds), Parallel: o.parallel, Timeout: o.timeout, OnResult: show.result,
	}
	show.draw()
	results, err := runner.Run(ctx, wanted)
	show.erase()
	if err != nil {
		return err
	}
	report := mutation.NewReport(runner.Stages, results, len(wanted), list, all)
	write := report.WriteText
	if o.json {
		write = report.WriteJSON
	}
	if err := write(stdout); err != nil {
		return fmt.Errorf("print the report: %w", err)
	}
	if !report.Good() {
		return errSurvivors
	}
	return nil
}

// validate checks what the flags say.
func (o *options) validate() (only *regexp.Regexp, err error) {
	names := []string{"all"}
	for _, scope := range mutation.Scopes() {
		names = append(names, scope.Name)
	}
	switch {
	case !slices.Contains(names, o.scope):
		return nil, fmt.Errorf("--scope is %q; allowed: %s", o.scope, strings.Join(names, ", "))
	case o.seeds < 2:
		return nil, fmt.Errorf("--seeds is %d; allowed: 2 and more, since each mutant runs in two profiles", o.seeds)
	case o.parallel < 1:
		return nil, fmt.Errorf("--parallel is %d; allowed: 1 and more", o.parallel)
	case o.timeout <= 0:
		return nil, fmt.Errorf("--timeout is %s; allowed: positive durations such as 2m", o.timeout)
	}
	only, err = regexp.Compile(o.only)
	if err != nil {
		return nil, fmt.Errorf("--only is %q, which is no regular expression: %w", o.only, err)
	}
	return only, nil
}

// progress tells on a terminal how far a run is; elsewhere it says nothing.
type progress struct {
	terminal       *os.File
	shown          bool
	wanted, done   int
	killed, others int
}

func newProgress(terminal *os.File, wanted int) *progress {
	return &progress{terminal: terminal, shown: term.IsTerminal(int(terminal.Fd())), wanted: wanted}
}

// result counts a result.
func (p *progress) result(r mutation.Result) {
	p.done++
	switch r.Fate {
	case mutation.Killed, mutation.Blinded, mutation.RanAway:
		p.killed++
	case mutation.NotCompiled:
	default:
		p.others++
	}
	p.draw()
}

// eraseLine goes back to the start of a terminal's line and clears it.
const eraseLine = "\r\x1b[K"

func (p *progress) draw() {
	if p.shown {
		_, _ = fmt.Fprintf(p.terminal, "%s%d of %d mutants: %d killed, %d not", eraseLine, p.done, p.wanted, p.killed, p.others)
	}
}

func (p *progress) erase() {
	if p.shown {
		_, _ = fmt.Fprint(p.terminal, eraseLine)
	}
}
