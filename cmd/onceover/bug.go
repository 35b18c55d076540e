package main

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"

	"github.com/onceover/onceover/sim/run"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
)

// The flags that build this program anew, with a bug: the one that users give, and the one that tells the program what
// it was built with, so that the commands that it prints do the same again.
const (
	bugFlag       = "bug"
	builtWithFlag = "built-with"
)

// withBug adds to a command the flag --bug, which carries it out by a program that is built with a bug.
func (p *program) withBug(command *cobra.Command) *cobra.Command {
	var name string
	flags := command.Flags()
	flags.StringVar(&name, bugFlag, "", "build and run the engine with this `BUG`: an identifier of 'onceover bugs', which also selects the properties, or a path to a patch")
	flags.StringVar(&p.patch, builtWithFlag, "", "the bug that this program was built with")
	flags.Lookup(builtWithFlag).Hidden = true
	as := command.RunE
	command.RunE = func(command *cobra.Command, arguments []string) error {
		if !command.Flags().Changed(bugFlag) {
			return as(command, arguments)
		}
		return p.patched(command, arguments, name)
	}
	return command
}

// patched carries out a command by a program that is built with a bug.
func (p *program) patched(command *cobra.Command, arguments []string, name string) (err error) {
	bug, err := p.findBug(name)
	if err != nil {
		return err
	}
	tree, err := overlay.Find(".")
	if err != nil {
		return err
	}
	drawBar(p.stderr, 0, 1, " building the engine with "+bug.ID)
	built, err := bug.Build(command.Context(), tree)
	clearBar(p.stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, built.Close()) }()
	return p.handOver(built, append(handedOver(command, arguments, bug), "--"+builtWithFlag+"="+name))
}

// findBug returns the bug that a flag names: one of the catalogue, or a patch by its path.
func (p *program) findBug(name string) (*bugs.Bug, error) {
	if strings.ContainsAny(name, "/"+string(os.PathSeparator)) || strings.HasSuffix(name, ".patch") {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		return bugs.OfPatch(name, content)
	}
	catalogue, err := p.catalogue()
	if err != nil {
		return nil, err
	}
	return catalogue.Find(name)
}

// handedOver returns a command line as it was given, without the bug. What is watched follows from the bug, unless it
// was given, or stands in a replay file.
func handedOver(command *cobra.Command, arguments []string, bug *bugs.Bug) []string {
	line := []string{command.Name()}
	command.Flags().Visit(func(flag *pflag.Flag) {
		if flag.Name != bugFlag {
			line = append(line, "--"+flag.Name+"="+flag.Value.String())
		}
	})
	fromFile := false
	if len(arguments) > 0 {
		_, noSeed := run.ParseSeed(arguments[0])
		fromFile = noSeed != nil
	}
	if !command.Flags().Changed("properties") && !fromFile {
		line = append(line, "--properties="+checker.Selection(bug.Watched))
	}
	return append(line, arguments...)
}

// handOver runs a program in the place of this one, and ends with its exit code.
func (p *program) handOver(built *runner.Program, arguments []string) error {
	// Not bound to the context: Ctrl-C reaches both, and the program ends with its summary. What is sent to this
	// process alone is passed on.
	process := exec.Command(built.Path(), arguments...) //nolint:noctx // see above
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, p.stdout.File, p.stderr.File
	if err := process.Start(); err != nil {
		return err
	}
	terminations := make(chan os.Signal, 1)
	signal.Notify(terminations, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-terminations:
				_ = process.Process.Signal(syscall.SIGTERM) // it may have ended just now
			case <-ended:
				return
			}
		}
	}()
	err := process.Wait()
	signal.Stop(terminations)
	close(ended)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit) && exit.Exited():
		return exitError(exit.ExitCode())
	case errors.As(err, &exit):
		return exitError(exitBroken) // by a signal
	}
	return err
}
