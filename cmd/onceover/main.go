// Command onceover runs the production engine of this module in simulated deployments, thousands of them, and reports
// whether any review got stuck, ran twice or lost events.
//
//	onceover run                     10,000 deployments, each decided by its seed
//	onceover replay onceover-failures/default-17.json
//
// This package holds flags and printing. What it runs is in [github.com/onceover/onceover/sim] and below, and in the
// packages of cmd/onceover/internal: bugs, mutants and nights. 'onceover help exit-codes' lists the exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	_ "github.com/onceover/onceover" // the version contains the hash of its sources
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// Exit codes that are no verdict, beside those of [run.Verdict.ExitCode].
const (
	exitUsage  = 2
	exitBroken = 3 // the simulator broke, so the verdict is unknown
)

func main() {
	os.Exit(standard().execute(os.Args[1:]))
}

// An app is what the commands reach outside of themselves.
type app struct {
	stdout, stderr *text.Output
	newWorld       func() run.World
	catalogue      func() (*bugs.Catalogue, error)
	// findServer finds the server of --store postgres, at a URL if one is given.
	findServer func(ctx context.Context, url string) (*store.Server, error)

	emergency emergency
}

// standard returns the app as it is installed.
func standard() *app {
	stdout, stderr := text.NewOutputs(os.Stdout, os.Stderr)
	return &app{
		stdout:     stdout,
		stderr:     stderr,
		newWorld:   func() run.World { return world.New() },
		catalogue:  bugs.Load,
		findServer: store.FindServer,
	}
}

// A verdictError ends a command with the exit code of a verdict that it has printed.
type verdictError run.Verdict

func (e verdictError) Error() string { return run.Verdict(e).String() }

// failed returns the error with which a command ends that has printed a verdict; nil for a pass.
func failed(verdict run.Verdict) error {
	if verdict == run.Pass {
		return nil
	}
	return verdictError(verdict)
}

// An exitError ends a command with an exit code. The reason has been printed.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// execute carries out a command line and returns its exit code.
func (a *app) execute(arguments []string) int {
	ctx, restore := a.emergency.listen(context.Background())
	defer restore()

	root := newRootCommand(a)
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
		a.stderr.Printf("onceover: %v\n\nThis is a bug of onceover; please report it with what follows.\n\n%s", broken, broken.Stack)
		return exitBroken
	}
	// One line: a mistyped flag is no reason to scroll.
	a.stderr.Printf("onceover: %s\n", strings.Join(strings.Fields(err.Error()), " "))
	return exitUsage
}

// warn reports an error that does not end the command.
func (a *app) warn(err error) { a.stderr.Printf("onceover: %v\n", err) }

// tuneMemory trades memory for speed, unless the user has decided with GOGC or GOMEMLIMIT. A world needs about 1 MiB
// and leaves 60 kB behind with each run. So a limit decides when to collect, not growth: collections are rare, and the
// peak is the same after a thousand seeds and after a million.
func tuneMemory(workers int) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const base, perWorker = 32 << 20, 8 << 20
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(base + int64(workers)*perWorker)
}
