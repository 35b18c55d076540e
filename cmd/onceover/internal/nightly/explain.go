package nightly

import (
	"cmp"
	"context"
	"io"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/failures"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// An Explainer explains the failures of a night and writes their files: see [Night].OnFailure and [Night].Explain.
type Explainer struct {
	Directory string
	NewWorld  func() run.World
	// OnProgress, when not nil, is called as in [explain.Options].
	OnProgress func(explain.Progress)

	files map[string]*failures.Files // by profile
	seen  map[string]bool            // profile and signature of failures of which the first run has a replay file
	err   error                      // the first
}

// Err returns the first error of writing a file.
func (e *Explainer) Err() error { return e.err }

// Found writes the replay file of a failure that is the first of its kind under a profile: a night that is killed has
// not lost all.
func (e *Explainer) Found(profile string, failure run.Result) {
	if e.seen == nil {
		e.seen = make(map[string]bool)
	}
	if key := profile + " " + failure.Violation.Signature(); !e.seen[key] {
		e.seen[key] = true
		e.write(profile, failure)
	}
}

// write writes the replay file of a failure, unless it is there, and returns its name; empty if that is not possible.
func (e *Explainer) write(profile string, failure run.Result) string {
	files := e.of(profile)
	if files.Path(failure.Seed) == "" {
		files.Write(failure)
	}
	e.err = cmp.Or(e.err, files.Err())
	return base(files.Path(failure.Seed))
}

// of returns the replay files of a profile.
func (e *Explainer) of(profile string) *failures.Files {
	if e.files == nil {
		e.files = make(map[string]*failures.Files)
	}
	if e.files[profile] == nil {
		e.files[profile] = &failures.Files{Directory: e.Directory, Profile: profile}
	}
	return e.files[profile]
}

// base is the name of a file; empty for none.
func base(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Base(path)
}

// Explain explains a failure, and minimises and draws it if it is to be minimised.
func (e *Explainer) Explain(ctx context.Context, failing Failing) Explanation {
	explained := Explanation{Files: Files{Replay: e.write(failing.Profile, failing.Result)}}
	found, err := failures.Explain(ctx, e.NewWorld, run.Spec{Seed: failing.Result.Seed, Profile: failing.Profile}, explain.Options{
		Minimise: failing.Minimise, PointOfNoReturn: failing.Minimise, Pictures: failing.Minimise, Expected: &failing.Result,
		OnProgress: e.OnProgress,
	})
	explained.Repeats = err == nil
	if err != nil || !failing.Minimise {
		return explained
	}
	explained.Small = &Small{
		Faults: int(found.Minimised.After("faults")), Reviews: int(found.Minimised.After("reviews")), Steps: found.Minimised.After("steps"),
		StoryLines: len(found.Story), Complete: found.Minimised.Complete,
	}
	files := e.of(failing.Profile)
	explained.Files.Minimised = base(files.WriteMinimised(found))
	e.err = cmp.Or(e.err, files.Err())
	// The page is beside the replay file, wherever both are by then.
	command := ""
	if explained.Files.Minimised != "" {
		command = "onceover replay " + text.ShellWord(explained.Files.Minimised)
	}
	beside := strings.TrimSuffix(failures.MinimisedPath(e.Directory, run.Bug{}, failing.Profile, failing.Result.Seed), ".json")
	explained.Files.Story = e.writeFile("story", beside+".txt", func(out io.Writer) error { return writeStory(out, found) })
	explained.Files.Page = e.writeFile("page", beside+".html", func(out io.Writer) error { return found.HTML(out, command) })
	return explained
}

// writeStory writes the text of a failure.
func writeStory(out io.Writer, found *explain.Failure) error {
	var notes []explain.Note
	if found.PointOfNoReturn != nil {
		notes = []explain.Note{{Name: "too late", Text: found.PointOfNoReturn.Sentence()}}
	}
	_, err := io.WriteString(out, found.Text(nil, notes...))
	return err
}

// writeFile writes a file and returns its name; empty if that is not possible.
func (e *Explainer) writeFile(what, path string, write func(io.Writer) error) string {
	if err := failures.WriteFile(what, path, write); err != nil {
		e.err = cmp.Or(e.err, err)
		return ""
	}
	return base(path)
}
