// Command onceover runs the production engine of this module in simulated deployments, thousands of them, and tells
// whether any review got stuck, ran twice or lost events.
//
//	onceover run                     10,000 deployments, each decided by its seed
//	onceover replay onceover-failures/default-17.json
//
// What it can do stands in package [github.com/onceover/onceover/sim/campaign] and below; this command reads flags
// and prints results. Exit codes: 0 pass, 1 a property was violated, 2 wrong usage or setup, 3 unknown, 4 not
// deterministic.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/sim/world"
)

// Exit codes that are no verdict, beside those of [run.Verdict.ExitCode].
const (
	exitUsage  = 2
	exitBroken = 3 // the simulator broke, so the verdict is unknown
)

func main() {
	os.Exit(standard().run(os.Args[1:]))
}

// program is the command with what it reaches outside.
type program struct {
	stdout, stderr *output
	newWorld       func() run.World
	catalogue      func() (*bugs.Catalogue, error)
	patch          string // that it was built with, as --bug takes it; usually none

	// findServer finds the server of --store postgres: that of a URL, if one is given.
	findServer func(ctx context.Context, url string) (*storeServer, error)
	store      *usedStore // that seeds are run on; nil for the model
}

// standard returns the program as it is installed.
func standard() *program {
	return &program{
		stdout:    newOutput(os.Stdout),
		stderr:    newOutput(os.Stderr),
		newWorld:  func() run.World { return world.NewWorld() },
		catalogue: bugs.Load,

		findServer: findPostgres,
	}
}

// verdictError ends a command with the exit code of a verdict that it has already told of.
type verdictError run.Verdict

func (e verdictError) Error() string { return run.Verdict(e).String() }

// exitError ends a command with an exit code whose reason has been told already.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// run carries out a command line and returns its exit code.
func (p *program) run(arguments []string) int {
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer restore()
	// The first signal lets the command finish with a summary; a second one ends it at once.
	context.AfterFunc(ctx, restore)

	root := p.rootCommand()
	root.SetArgs(arguments)
	err := root.ExecuteContext(ctx)
	var verdict verdictError
	var exit exitError
	var broken *run.BrokenError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &verdict):
		return run.Verdict(verdict).ExitCode()
	case errors.As(err, &exit):
		return int(exit)
	case errors.As(err, &broken):
		p.stderr.say("onceover: %v\n\nThis is a bug of onceover; please report it with what follows.\n\n%s", broken, broken.Stack)
		return exitBroken
	}
	// One line: whoever mistyped a flag does not want to scroll.
	p.stderr.say("onceover: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	return exitUsage
}
