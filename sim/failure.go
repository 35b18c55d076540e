package sim

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/story"
	"github.com/onceover/onceover/sim/world"
)

// runKept runs what was found before, in the order of the files' names.
func (c *check) runKept() {
	c.Helper()
	paths, err := filepath.Glob(filepath.Join(escapeGlob(c.keptIn()), "*.json"))
	if err != nil {
		c.Fatalf("sim.Check: %v", err)
	}
	slices.Sort(paths)
	for _, path := range paths {
		kept, err := world.ReadReplay(path)
		if err == nil {
			var spec world.Spec
			if spec, err = kept.Spec(); err == nil {
				c.runAgain(path, &kept, spec)
				continue
			}
		}
		c.Errorf("sim.Check: kept failure %v; mend the file or delete it", err)
	}
}

// runAgain runs one failure that was kept.
func (c *check) runAgain(path string, kept *world.Replay, spec world.Spec) {
	c.Helper()
	w := c.newWorld()
	outcome, err := campaign.Once(w, spec)
	if err != nil {
		c.Fatalf("sim.Check: %s: %v", path, err)
	}
	w.Close()
	switch applied := fmt.Sprintf("%d of its %d overridden decisions still apply", outcome.Overrides, len(spec.Overrides)); {
	case outcome.Verdict == checker.Violated:
		c.shown[outcome.Violation.Signature()] = true
		c.Errorf("%s is %s (%s)\n%s", path, kept.Compare(outcome), applied, c.describe(spec, outcome, path))
	case outcome.Verdict != checker.Pass:
		c.Errorf("sim.Check: %s is %s, which is no pass: %s", path, outcome.Verdict, outcome.Unknown)
	default:
		c.Logf("%s is gone (%s); keep it as a regression, or delete it", path, applied)
	}
}

// fail reports a failing run, and keeps it.
func (c *check) fail(spec world.Spec, outcome world.Outcome) {
	c.Helper()
	signature := outcome.Violation.Signature()
	if c.shown[signature] {
		return
	}
	c.shown[signature] = true
	if len(c.shown) > shownMax {
		c.Errorf("one more failure, of another kind: %s (seed %d)", signature, outcome.Seed)
		return
	}
	c.Errorf("%s", c.describe(spec, outcome, ""))
}

// describe makes a failing run small and tells it. path is where it is kept already; when it is empty, it is kept now.
func (c *check) describe(spec world.Spec, outcome world.Outcome, path string) string {
	text, smallest := c.tellSmall(spec, outcome)
	if smallest == nil {
		return text
	}
	if path == "" {
		if kept, err := c.keep(smallest.Spec, smallest.Outcome); err != nil {
			text += fmt.Sprintf("  not kept: %v\n", err)
		} else {
			text += fmt.Sprintf("  kept     %s, which runs first from now on\n", kept)
		}
	}
	return text + "  again    " + c.command(spec.Seed)
}

// tellSmall makes a failing run small and tells it. One that can't be made small is told as it is.
func (c *check) tellSmall(spec world.Spec, outcome world.Outcome) (text string, smallest *minimise.Result) {
	w := c.newWorld()
	defer w.Close()
	found, err := minimise.Minimise(context.Background(), w, spec, minimise.Options{})
	if err != nil {
		return tell(w, spec, outcome) + "  " + err.Error(), nil
	}
	told, err := story.Tell(w, found.Spec, found.Necessary)
	if err != nil {
		return tell(w, spec, outcome) + "  " + err.Error(), nil
	}
	return headed(&told) + fmt.Sprintf("  seed %d, profile %s; minimised in %d runs: faults %d to %d, reviews %d to %d\n",
		spec.Seed, spec.Profile.Name, found.Runs,
		found.Before.Faults, found.After.Faults, found.Before.Reviews, found.After.Reviews), &found
}

// tell tells a failing run as it is.
func tell(w World, spec world.Spec, outcome world.Outcome) string {
	told, err := story.Tell(w, spec, nil)
	if err != nil {
		return fmt.Sprintf("%v; the run does not repeat: %v", outcome.Violation, err)
	}
	return headed(&told)
}

// headed returns a story between the property and the sentence that contradicts it.
func headed(told *story.Story) string {
	violation := told.Outcome.Violation
	text := violation.Signature() + "\n"
	for _, property := range checker.Properties() {
		if property.ID == violation.Property {
			text += fmt.Sprintf("  %q\n", property.Sentence)
		}
	}
	return text + "\n" + told.Text("    ", nil) + "\n  " + told.Sentence + "\n\n"
}

// keep writes a failure where [Check] finds it the next time.
func (c *check) keep(spec world.Spec, outcome world.Outcome) (path string, err error) {
	directory := c.keptIn()
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", err
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(outcome.Violation.Signature())) // writing to a hash never fails
	path = filepath.Join(directory, fmt.Sprintf("%s-%08x.json", outcome.Violation.Property, hash.Sum32()))
	replay := world.NewReplay(spec, outcome)
	return path, replay.WriteFile(path)
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// keptIn is the directory of the test's failures.
func (c *check) keptIn() string {
	return filepath.Join(c.directory, unfit.ReplaceAllString(c.Name(), "_"))
}

// escapeGlob returns a pattern that stands for a path and no other.
func escapeGlob(path string) string {
	return regexp.MustCompile(`[*?[\\]`).ReplaceAllString(path, `\$0`)
}

// command returns the line that repeats a seed of this test.
func (c *check) command(seed uint64) string {
	names := strings.Split(c.Name(), "/")
	for i, name := range names {
		names[i] = "^" + regexp.QuoteMeta(name) + "$"
	}
	line := fmt.Sprintf("go test -run '%s' -sim.seed=%d", strings.Join(names, "/"), seed)
	if *flagProfile != "" {
		line += " -sim.profile=" + c.profile.Name
	}
	return line + " " + packageUnderTest()
}

// packageUnderTest is the import path of the running test, as the build recorded it.
func packageUnderTest() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		if path, is := strings.CutSuffix(build.Path, ".test"); is {
			return path
		}
	}
	return "."
}
