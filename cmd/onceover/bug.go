package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// The flags that build this program again, with a bug: the one that users give, and those with which that program is
// called, so that the commands and the replay files which it writes name the bug.
const (
	bugFlag          = "bug"
	builtWithFlag    = "built-with"
	builtOfPatchFlag = "built-of-patch"
)

// bugFlags are the flags of commands that can run an engine with a bug.
type bugFlags struct {
	name      string
	builtWith string // of the program that was built with one
	patch     string // hash of what the bug of builtWith changes
}

// add adds the flags to a command, and makes a program that is built with the bug carry it out.
func (f *bugFlags) add(a *app, command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.name, bugFlag, "", "build and run the engine with this `BUG`: an identifier of 'onceover bugs', which also selects the properties, or a path to a patch")
	flags.StringVar(&f.builtWith, builtWithFlag, "", "the bug that this program was built with")
	flags.StringVar(&f.patch, builtOfPatchFlag, "", "the hash of what that bug changes")
	flags.Lookup(builtWithFlag).Hidden = true
	flags.Lookup(builtOfPatchFlag).Hidden = true
	as := command.RunE
	command.RunE = func(command *cobra.Command, arguments []string) error {
		if !command.Flags().Changed(bugFlag) {
			return as(command, arguments)
		}
		return f.execute(a, command, arguments)
	}
}

// again returns the flag with which a command builds this program again, after a space; empty if it has no bug.
func (f *bugFlags) again() string {
	if f.builtWith == "" {
		return ""
	}
	return " --" + bugFlag + " " + text.ShellWord(f.builtWith)
}

// file returns the path of a patch of the user's own; empty if the bug is not one.
func (f *bugFlags) file() string {
	if !bugs.IsFile(f.name) {
		return ""
	}
	return f.name
}

// engine returns what the engine of this program is broken with; the zero value for the engine as it is.
func (f *bugFlags) engine() run.Bug { return run.Bug{Name: f.builtWith, Patch: f.patch} }

// execute carries out a command by a program that is built with the bug, and ends with its exit code.
func (f *bugFlags) execute(a *app, command *cobra.Command, arguments []string) (err error) {
	bug, err := bugs.Named(f.name, a.catalogue)
	if err != nil {
		return err
	}
	tree, err := overlay.Find(".")
	if err != nil {
		return err
	}
	a.stderr.DrawBar(0, " building the engine with "+bug.ID)
	built, err := bug.Build(command.Context(), tree)
	a.stderr.Erase()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, built.Close()) }()
	line := append(withoutBug(command, arguments, bug), "--"+builtWithFlag+"="+f.name, "--"+builtOfPatchFlag+"="+bug.Hash())
	code, err := built.TakeOver(line, a.stdout.File, a.stderr.File)
	switch {
	case err != nil:
		return err
	case code == runner.ExitBySignal:
		return exitError(exitBroken)
	case code != 0:
		return exitError(code)
	}
	return nil
}

// withoutBug returns a command line as it was given, without the bug. The properties follow from the bug, unless they were
// given, or a replay file names them.
func withoutBug(command *cobra.Command, arguments []string, bug *bugs.Bug) []string {
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
