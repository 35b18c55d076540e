// Package failures keeps the failing runs of a campaign: a replay file for each, and an explanation of the first of each
// kind.
package failures

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/cmd/onceover/internal/runner"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// Files writes the replay files of a campaign as failures are found: one that is killed has lost none. It also knows the
// commands that replay them.
type Files struct {
	Directory  string
	Profile    string
	Properties []string // that are watched; empty for all
	Bug        run.Bug  // of the engine
	// Flags are those with which a command does the same again, each after a space, such as " --store postgres".
	Flags string

	paths map[uint64]string // by seed; of those that were written
	err   error             // the first
}

// Write writes the replay file of a failure.
func (f *Files) Write(failure run.Result) {
	if f.paths == nil {
		f.paths = make(map[uint64]string)
	}
	path := filepath.Join(f.Directory, stem(f.Bug, f.Profile, failure.Seed)+".json")
	replay := run.NewReplay(run.Spec{Seed: failure.Seed, Profile: f.Profile, Properties: f.Properties}, failure)
	replay.Bug = f.Bug
	if err := WriteReplay(path, &replay); err != nil {
		f.err = cmp.Or(f.err, err)
		return
	}
	f.paths[failure.Seed] = path
}

// WriteMinimised writes the replay file of a minimised failure, and returns its path; empty if that is not possible.
func (f *Files) WriteMinimised(found *explain.Failure) (path string) {
	path = MinimisedPath(f.Directory, f.Bug, f.Profile, found.Seed)
	replay := found.Replay()
	replay.Bug = f.Bug
	if err := WriteReplay(path, &replay); err != nil {
		f.err = cmp.Or(f.err, err)
		return ""
	}
	return path
}

// Path returns the path of a seed's replay file; empty if it was not written.
func (f *Files) Path(seed uint64) string { return f.paths[seed] }

// Err returns the first error of writing a file.
func (f *Files) Err() error { return f.err }

// Replay returns the command that replays a seed, from its file if there is one.
func (f *Files) Replay(seed uint64) string {
	if path := f.paths[seed]; path != "" {
		return f.ReplayFile(path)
	}
	return f.ReplaySeed(seed)
}

// ReplayFile returns the command that replays a file.
func (f *Files) ReplayFile(path string) string {
	return runner.Self() + " replay " + text.ShellWord(path) + f.Flags
}

// ReplaySeed returns the command that replays a seed without a file.
func (f *Files) ReplaySeed(seed uint64) string {
	return runner.Self() + " replay " + Seed(seed, f.Profile, f.Properties) + f.Flags
}

// Seed returns the arguments that stand for a seed under a profile with some properties watched; none for all.
func Seed(seed uint64, profile string, properties []string) string {
	arguments := fmt.Sprintf("%d --profile %s", seed, profile)
	if len(properties) > 0 {
		arguments += " --properties " + checker.Selection(properties)
	}
	return arguments
}

// MinimisedPath returns where the replay file of a minimised run belongs.
func MinimisedPath(directory string, bug run.Bug, profile string, seed uint64) string {
	return filepath.Join(directory, stem(bug, profile, seed)+"-min.json")
}

// stem returns the name of the files about a seed, without what tells them apart. Engines with different bugs have different
// names: the identifier of the catalogue, or the name of a patch and its hash, because everybody calls a patch mine.patch.
func stem(bug run.Bug, profile string, seed uint64) string {
	name := fmt.Sprintf("%s-%d", profile, seed)
	if bug == (run.Bug{}) {
		return name
	}
	base := filepath.Base(bug.Name)
	if patch, is := strings.CutSuffix(base, ".patch"); is || base != bug.Name {
		base = patch + "-" + bug.Patch
	}
	return base + "-" + name
}

// WriteReplay writes a replay file, and makes its directory if needed.
func WriteReplay(path string, replay *run.Replay) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return replay.WriteFile(path)
}

// WriteFile writes a file whole or not at all. what names it in the error.
func WriteFile(what, path string, write func(io.Writer) error) error {
	var content bytes.Buffer
	err := write(&content)
	if err == nil {
		err = run.WriteFile(path, content.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write %s %s: %w", what, path, err)
	}
	return nil
}
