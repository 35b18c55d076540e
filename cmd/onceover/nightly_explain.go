package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/sim/explain"
)

// A nightlyExplainer makes the failures of a night small and writes their files.
type nightlyExplainer struct {
	*program
	directory string
	files     map[string]*replayFiles // by profile
	seen      map[string]bool         // profile and signature of failures whose first run has a replay file
	failed    error                   // the first file that could not be written
}

// found writes the replay file of a failure that is the first of its kind under a profile: a night that is killed has
// not lost all.
func (e *nightlyExplainer) found(profile string, failure run.Result) {
	if e.seen == nil {
		e.seen = make(map[string]bool)
	}
	if key := profile + " " + failure.Violation.Signature(); !e.seen[key] {
		e.seen[key] = true
		e.write(profile, failure)
	}
}

// write writes the replay file of a failure, unless it is there, and returns its name; empty if that is not possible.
func (e *nightlyExplainer) write(profile string, failure run.Result) string {
	if e.files == nil {
		e.files = make(map[string]*replayFiles)
	}
	files := e.files[profile]
	if files == nil {
		files = &replayFiles{directory: e.directory, profile: profile}
		e.files[profile] = files
	}
	if _, written := files.path[failure.Seed]; !written {
		files.write(failure)
	}
	e.note(files.failed)
	return base(files.path[failure.Seed])
}

// base is the name of a file; empty for none.
func base(path string) string {
	if path == "" {
		return ""
	}
	return filepath.Base(path)
}

// note keeps the first error.
func (e *nightlyExplainer) note(err error) {
	if e.failed == nil {
		e.failed = err
	}
}

// explain explains a failure, and minimises and draws it if that is asked for.
func (e *nightlyExplainer) explain(ctx context.Context, failing nightly.Failing) nightly.Explanation {
	explained := nightly.Explanation{Files: nightly.Files{Replay: e.write(failing.Profile, failing.Result)}}
	found, err := e.program.explain(ctx, run.Spec{Seed: failing.Result.Seed, Profile: failing.Profile}, explain.Options{
		Minimise: failing.Minimise, PointOfNoReturn: failing.Minimise, Pictures: failing.Minimise, Expected: &failing.Result,
	})
	explained.Repeats = err == nil || e.store.lost()
	if err != nil || !failing.Minimise {
		return explained
	}
	explained.Small = &nightly.Small{
		Faults: int(found.Minimised.After("faults")), Reviews: int(found.Minimised.After("reviews")), Steps: found.Minimised.After("steps"),
		StoryLines: len(found.Story), Complete: found.Minimised.Complete,
	}
	path, replay := minimisedPath(e.directory, failing.Profile, failing.Result.Seed), found.Replay()
	if err := writeReplay(path, &replay); err == nil {
		explained.Files.Minimised = base(path)
	} else {
		e.note(err)
	}
	// The page is beside the replay file, wherever both are by then.
	command := "onceover replay " + shellWord(base(path))
	if explained.Files.Minimised == "" {
		command = ""
	}
	beside := strings.TrimSuffix(path, ".json")
	explained.Files.Story = e.writeText(beside+".txt", found)
	drawn := e.writePicture("page", beside+".html", func(out io.Writer) error { return found.HTML(out, command) }, true)
	if drawn == nil {
		explained.Files.Page = base(beside + ".html")
	}
	e.note(drawn)
	return explained
}

// writeText writes the text of a failure and returns the name of the file; empty if that is not possible.
func (e *nightlyExplainer) writeText(path string, found *explain.Failure) string {
	var notes []explain.Note
	if found.PointOfNoReturn != nil {
		notes = []explain.Note{{Name: "too late", Text: found.PointOfNoReturn.Sentence()}}
	}
	if err := run.WriteFile(path, []byte(found.Text(nil, notes...))); err != nil {
		e.note(fmt.Errorf("write story %s: %w", path, err))
		return ""
	}
	return base(path)
}
