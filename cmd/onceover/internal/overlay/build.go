package overlay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Edits are contents of files by path, with slashes and relative to the root of a tree: they stand in for what is on
// disk there. Files that are not on disk are new.
type Edits map[string]string

// Paths returns the paths of the edits in order.
func (e Edits) Paths() []string { return slices.Sorted(maps.Keys(e)) }

// A BuildError reports that sources do not compile.
type BuildError struct {
	Package string // that was built
	Output  string // of the compiler
}

// Error names the package and the first message of the compiler. All of them are in Output.
func (e *BuildError) Error() string {
	for line := range strings.Lines(e.Output) {
		if !strings.HasPrefix(line, "#") && strings.TrimSpace(line) != "" {
			return fmt.Sprintf("build %s: %s", e.Package, strings.TrimSpace(line))
		}
	}
	return fmt.Sprintf("build %s: the go command failed without a message", e.Package)
}

// killAfter is how long the go command may take to end its compilers when it is interrupted.
const killAfter = 5 * time.Second

// Build builds a package, such as ./cmd/onceover, of the tree with edits into an executable file. It holds no symbols,
// no paths of this machine, and no version: what was edited is none. The error is a [*BuildError] if the sources do
// not compile, and that of the context if it ended.
func (t Tree) Build(ctx context.Context, edits Edits, pkg, output string) error {
	return t.build(ctx, edits, pkg, output, "build")
}

// BuildTest is [Tree.Build] for the tests of a package: the executable is what "go test -c" makes.
func (t Tree) BuildTest(ctx context.Context, edits Edits, pkg, output string) error {
	return t.build(ctx, edits, pkg, output, "test", "-c", "-vet=off")
}

// build builds a package by a subcommand of the go command.
func (t Tree) build(ctx context.Context, edits Edits, pkg, output string, subcommand ...string) (err error) {
	output, err = filepath.Abs(output)
	if err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	scratch, err := os.MkdirTemp("", "onceover-overlay-*")
	if err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	defer func() {
		if removed := os.RemoveAll(scratch); err == nil {
			err = removed
		}
	}()
	list, err := t.writeOverlay(edits, scratch)
	if err != nil {
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	arguments := append(slices.Clone(subcommand), "-overlay", list, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", output, pkg)
	command := exec.CommandContext(ctx, "go", arguments...)
	command.Dir = t.root
	command.Env = append(os.Environ(), "GOTMPDIR="+scratch)                       // interrupted early, it leaves files behind
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // it ends its compilers
	command.WaitDelay = killAfter
	messages, err := command.CombinedOutput()
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &failed):
		// The compiler names the files that it has read: to the reader, they are those of the tree.
		where := regexp.MustCompile(`\S*` + regexp.QuoteMeta(filepath.Base(scratch)+string(filepath.Separator)))
		return &BuildError{Package: pkg, Output: where.ReplaceAllString(string(messages), "")}
	case err != nil:
		return fmt.Errorf("build %s: %w", pkg, err)
	}
	return nil
}

// writeOverlay writes the contents of edits and the list that the go command reads, and returns the path of the list.
func (t Tree) writeOverlay(edits Edits, scratch string) (string, error) {
	replace := make(map[string]string, len(edits))
	for _, path := range edits.Paths() {
		if !filepath.IsLocal(filepath.FromSlash(path)) {
			return "", fmt.Errorf("%s is no path inside the source tree", path)
		}
		file := filepath.Join(scratch, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return "", err
		}
		if err := os.WriteFile(file, []byte(edits[path]), 0o600); err != nil {
			return "", err
		}
		replace[t.file(path)] = file
	}
	content, err := json.Marshal(struct{ Replace map[string]string }{replace})
	if err != nil {
		return "", err
	}
	list := filepath.Join(scratch, ".overlay.json")
	return list, os.WriteFile(list, content, 0o600)
}
