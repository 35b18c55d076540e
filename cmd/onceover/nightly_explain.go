package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/page"
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

// explain runs a failure again, and makes it small if it is to be.
func (e *nightlyExplainer) explain(ctx context.Context, failing nightly.Failing) nightly.Explanation {
	explained := nightly.Explanation{Files: nightly.Files{Replay: e.write(failing.Profile, failing.Result)}}
	spec := run.Spec{Seed: failing.Result.Seed, Profile: failing.Profile}
	explained.Repeats = e.repeats(spec, failing.Result)
	if !explained.Repeats || !failing.Minimise {
		return explained
	}
	var options minimise.Options
	if e.stderr.terminal {
		options.OnProgress = drawSearch(e.stderr)
		defer e.stderr.say(eraseLine)
	}
	found, err := e.findSmallest(ctx, spec, options)
	if err != nil {
		explained.Repeats = false // it did a moment ago
		return explained
	}
	explained.Small = &nightly.Small{
		Faults: found.After.Faults, Reviews: int(found.After.Workload.Of("reviews")), Steps: found.After.Steps,
		StoryLines: len(found.story.Entries), Complete: found.Complete,
	}
	path := minimisedPath(e.directory, failing.Profile, failing.Result.Seed)
	if err := found.write(path); err == nil {
		explained.Files.Minimised = base(path)
	} else {
		e.note(err)
	}
	beside := strings.TrimSuffix(path, ".json")
	explained.Files.Story = e.tell(beside+".txt", failing, &found)
	drawn := page.Options{Command: pageCommand(explained.Files.Minimised), Necessary: found.Necessary, Sizes: found.pageSizes()}
	if err := e.pictures(ctx, &pictureFlags{html: beside + ".html"}, found.Spec, found.Outcome, drawn, true); err == nil {
		explained.Files.Page = base(beside + ".html")
	} else {
		e.note(err)
	}
	return explained
}

// pageCommand replays the smallest run from the directory that the page is in, wherever that is by then.
func pageCommand(minimised string) string {
	if minimised == "" {
		return ""
	}
	return "onceover replay " + shellWord(minimised)
}

// tell writes the story of a failure and returns the name of the file; empty if that is not possible.
func (e *nightlyExplainer) tell(path string, failing nightly.Failing, found *smallest) string {
	violation := found.Outcome.Violation
	text := fmt.Sprintf("violated: %s\n  %q\n\n%s\n  %s\n\n  signature   %s\n  found by    seed %d, profile %s\n  minimised   %s (%s)\n",
		violation.Property, propertySentence(violation.Property), tell(&found.story, "", unpainted), found.story.Sentence,
		violation.Signature(), failing.Result.Seed, failing.Profile, found.sizes(), found.effort())
	if err := run.WriteFile(path, []byte(text)); err != nil {
		e.note(fmt.Errorf("write story %s: %w", path, err))
		return ""
	}
	return base(path)
}
