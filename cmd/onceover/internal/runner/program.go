// Package runner runs this command as a program: built from a tree in which something may have been replaced, such as a
// line of the engine. What is broken on purpose is judged in this way, by the same simulation that judges the engine.
//
// [Build] returns a [Program]. [Program.Run] runs seeds with it, [Program.Replay] one run from its file, and
// [Program.Minimise] makes a failure small. What these read is what the command prints for machines: [Summary],
// [Replayed] and [Minimised] are declared here once, for both sides.
package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// A Program is this module's command as an executable. It stands in a temporary directory of its own.
type Program struct{ directory string }

// command is the package that holds the command.
const command = "./cmd/onceover"

// Build builds the command of a tree with edits. Close removes it. The error is an [*overlay.BuildError] if the sources
// do not compile, and that of the context if it ended.
func Build(ctx context.Context, tree overlay.Tree, edits overlay.Edits) (*Program, error) {
	directory, err := os.MkdirTemp("", "onceover-built-*")
	if err != nil {
		return nil, fmt.Errorf("build onceover: %w", err)
	}
	p := &Program{directory}
	if err := tree.Build(ctx, edits, command, p.Path()); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// Close removes the program and all that it has written.
func (p *Program) Close() error { return os.RemoveAll(p.directory) }

// Self returns how a user calls this command: go run builds it somewhere temporary, where it will not be tomorrow.
func Self() string {
	path, err := os.Executable()
	if err != nil || !strings.Contains(path, "go-build") || filepath.Base(filepath.Dir(path)) != "exe" {
		return "onceover"
	}
	if _, err := os.Stat("cmd/onceover/main.go"); err == nil {
		return "go run " + command
	}
	return "go run " + overlay.Module + strings.TrimPrefix(command, ".")
}

// Path returns where the executable is.
func (p *Program) Path() string { return filepath.Join(p.directory, "onceover") }

// An Invocation is one run of a program.
type Invocation struct {
	Arguments []string
	// Directory is where it runs; empty for that of this process.
	Directory string
	// Environment is what is added to that of this process, as KEY=value.
	Environment []string
	// MemoryMax limits the address space, in KiB; 0 is no limit.
	MemoryMax uint64
}

// An Exit is how a program ended.
type Exit struct {
	Code   int // -1: by a signal
	Stdout []byte
	Stderr []byte
}

// Complaint returns the first line of standard error, without the name of the command.
func (e *Exit) Complaint() string {
	line, _, _ := strings.Cut(strings.TrimSpace(string(e.Stderr)), "\n")
	return strings.TrimPrefix(line, "onceover: ")
}

// OutOfMemory reports whether the Go runtime ended the program, which it does when there is no memory left.
func (e *Exit) OutOfMemory() bool {
	return e.Code == runtimeExit && bytes.Contains(e.Stderr, []byte("runtime"))
}

// runtimeExit is the exit code of the Go runtime. The command has the same for wrong usage.
const runtimeExit = 2

// Start runs a program and waits for it. An exit code is no error. Errors are a program that cannot be started, and
// that of the context, which kills it.
func (p *Program) Start(ctx context.Context, in Invocation) (*Exit, error) {
	return Execute(ctx, p.Path(), in)
}

// Execute is [Program.Start] for any executable.
func Execute(ctx context.Context, path string, in Invocation) (*Exit, error) {
	arguments := append([]string{path}, in.Arguments...)
	if in.MemoryMax > 0 { // by the shell: the limit is for the program alone
		arguments = append([]string{"sh", "-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, in.MemoryMax)}, arguments...)
	}
	process := exec.CommandContext(ctx, arguments[0], arguments[1:]...)
	process.Env, process.Dir = append(os.Environ(), in.Environment...), in.Directory
	process.WaitDelay = time.Second
	var stdout, stderr bytes.Buffer
	process.Stdout, process.Stderr = &stdout, &stderr
	err := process.Run()
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil && !errors.As(err, &failed):
		return nil, fmt.Errorf("run %s %s: %w", filepath.Base(path), strings.Join(in.Arguments, " "), err)
	}
	return &Exit{process.ProcessState.ExitCode(), stdout.Bytes(), stderr.Bytes()}, nil
}

// A Campaign is many seeds for a program to run.
type Campaign struct {
	From, Seeds uint64
	Profile     string   // of faults, by name
	Properties  []string // that are watched; empty for all
	Parallel    int      // how many worlds run at the same time, from 1
	FailFast    bool     // the first violation ends it
}

// Arguments returns the command line that runs the campaign and prints its [Summary].
func (c *Campaign) Arguments() []string {
	arguments := []string{
		"run",
		"--from", strconv.FormatUint(c.From, 10),
		"--seeds", strconv.FormatUint(c.Seeds, 10),
		"--profile", c.Profile,
		"--properties", checker.Selection(c.Properties),
		"--parallel", strconv.Itoa(c.Parallel),
	}
	if c.FailFast {
		arguments = append(arguments, "--fail-fast")
	}
	return append(arguments, "--json")
}

// Run runs a campaign. If the program was interrupted, as by Ctrl-C in a terminal, that is the error [context.Canceled]: it may
// know that before this process does.
func (p *Program) Run(ctx context.Context, c Campaign) (*Summary, error) {
	arguments := append(c.Arguments(), "--out", p.File("failures"))
	s := &Summary{}
	err := p.ask(ctx, s, arguments)
	if err == nil && s.Interrupted {
		err = context.Canceled
	}
	return s, err
}

// Replay runs what a replay file holds.
func (p *Program) Replay(ctx context.Context, path string) (*Replayed, error) {
	r := &Replayed{}
	return r, p.ask(ctx, r, []string{"replay", path, "--json"})
}

// Minimise makes the failure of a seed small. The replay file of the smallest run that it finds is at path.
func (p *Program) Minimise(ctx context.Context, seed uint64, profile string, properties []string, path string) (*Minimised, error) {
	m := &Minimised{}
	return m, p.ask(ctx, m, []string{
		"replay", strconv.FormatUint(seed, 10), "--profile", profile, "--properties", checker.Selection(properties),
		"--minimise", "--json", "--out", path,
	})
}

// File returns a path in the directory of the program; Close removes what is there.
func (p *Program) File(name string) string { return filepath.Join(p.directory, name) }

// ask runs the program and reads the JSON object that it prints. A verdict is no error; printing nothing is.
func (p *Program) ask(ctx context.Context, answer any, arguments []string) error {
	exit, err := p.Start(ctx, Invocation{Arguments: arguments})
	if err != nil {
		return err
	}
	if err := exit.Read(answer); err != nil {
		return fmt.Errorf("onceover %s: %w", strings.Join(arguments, " "), err)
	}
	return nil
}

// Read reads the JSON object that a program has printed. Without one, the error is what it complains about.
func (e *Exit) Read(answer any) error {
	if len(e.Stdout) == 0 {
		return fmt.Errorf("exit code %d: %s", e.Code, e.Complaint())
	}
	if err := json.Unmarshal(e.Stdout, answer); err != nil {
		return fmt.Errorf("what it prints is not the expected JSON: %w", err)
	}
	return nil
}
