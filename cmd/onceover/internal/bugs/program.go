package bugs

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

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// A Program is this module's command, built from a tree in which something may have been replaced. It stands in a
// temporary directory of its own.
type Program struct {
	directory string
	path      string // of the executable
}

// command is the package that holds the command.
const command = "./cmd/onceover"

// Build builds the command with a bug, or, of nil, as it is; Close is to be called when it is needed no more. Errors are
// an [*overlay.StalePatchError] if the bug does not fit the tree any more, and an [*overlay.BuildError] if it does not
// compile.
func Build(ctx context.Context, tree overlay.Tree, b *Bug) (*Program, error) {
	var edits overlay.Edits
	name := "the engine as it is"
	if b != nil {
		var err error
		if edits, err = b.Edits(tree); err != nil {
			return nil, err
		}
		name = "bug " + b.ID
	}
	directory, err := os.MkdirTemp("", "onceover-bugs-*")
	if err != nil {
		return nil, err
	}
	p := &Program{directory: directory, path: filepath.Join(directory, "onceover")}
	if err := tree.Build(ctx, edits, command, p.path); err != nil {
		return nil, errors.Join(fmt.Errorf("%s does not compile: %w", name, err), p.Close())
	}
	return p, nil
}

// Close removes the program and all that it has written.
func (p *Program) Close() error { return os.RemoveAll(p.directory) }

// Path returns where the executable is.
func (p *Program) Path() string { return p.path }

// A Failure is a run in which a property was violated.
type Failure struct {
	Seed      uint64 `json:"seed,string"`
	Property  string `json:"property"`
	Signature string `json:"signature"`
	Faults    uint64 `json:"faults"` // that struck
	Steps     uint64 `json:"steps"`
}

// smaller tells whether a failure is easier to understand than another: it has fewer faults, and then fewer steps.
func (f *Failure) smaller(other *Failure) bool {
	switch {
	case f.Faults != other.Faults:
		return f.Faults < other.Faults
	case f.Steps != other.Steps:
		return f.Steps < other.Steps
	}
	return f.Seed < other.Seed
}

// A campaign is what a program is asked to run.
type campaign struct {
	from, seeds uint64
	profile     string
	watched     []string // empty for all
	parallel    int
	failFast    bool
}

// findings are what a campaign came to: the part of `onceover run --json` that matters here.
type findings struct {
	Seeds      uint64    `json:"seeds"`
	Violations uint64    `json:"violations"`
	Unknown    uint64    `json:"unknown"`
	Failures   []Failure `json:"failures"`
}

// arguments returns the command line of a campaign.
func (c campaign) arguments() []string {
	arguments := []string{
		"run",
		"--from", strconv.FormatUint(c.from, 10),
		"--seeds", strconv.FormatUint(c.seeds, 10),
		"--profile", c.profile,
		"--properties", checker.Selection(c.watched),
		"--parallel", strconv.Itoa(c.parallel),
	}
	if c.failFast {
		arguments = append(arguments, "--fail-fast")
	}
	return arguments
}

// run carries out a campaign.
func (p *Program) run(ctx context.Context, c campaign) (*findings, error) {
	arguments := append(c.arguments(), "--json", "--out", filepath.Join(p.directory, "failures"))
	f := &findings{}
	return f, p.ask(ctx, f, arguments...)
}

// ask runs the program and reads the JSON object that it prints. A verdict is no error; having nothing to say is.
func (p *Program) ask(ctx context.Context, answer any, arguments ...string) error {
	process := exec.CommandContext(ctx, p.path, arguments...)
	var stdout, stderr bytes.Buffer
	process.Stdout, process.Stderr = &stdout, &stderr
	err := process.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil && !errors.As(err, &exit):
		return fmt.Errorf("run onceover %s: %w", strings.Join(arguments, " "), err)
	case stdout.Len() == 0:
		said, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return fmt.Errorf("onceover %s says: %s", strings.Join(arguments, " "), strings.TrimPrefix(said, "onceover: "))
	}
	if err := json.Unmarshal(stdout.Bytes(), answer); err != nil {
		return fmt.Errorf("what onceover %s prints is no JSON: %w", strings.Join(arguments, " "), err)
	}
	return nil
}
