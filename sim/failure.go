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

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/story"
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
		kept, err := run.ReadReplay(path, c.words)
		if err != nil {
			c.Errorf("sim.Check: kept failure %v; mend the file or delete it", err)
			continue
		}
		c.runAgain(path, &kept, kept.Spec())
	}
}

// runAgain runs one failure that was kept.
func (c *check) runAgain(path string, kept *run.Replay, spec run.Spec) {
	c.Helper()
	w := c.newWorld()
	result, err := run.Once(w, spec)
	if err != nil {
		c.Fatalf("sim.Check: %s: %v", path, err)
	}
	w.Close()
	switch applied := fmt.Sprintf("%d of its %d overridden decisions still apply", result.Overrides, len(spec.Overrides)); {
	case result.Verdict == run.Violated:
		c.shown[result.Violation.Signature()] = true
		c.Errorf("%s is %s (%s)\n%s", path, kept.Compare(result), applied, c.describe(spec, result, path))
	case result.Verdict != run.Pass:
		c.Errorf("sim.Check: %s is %s, which is no pass: %s", path, result.Verdict, result.Unknown)
	default:
		c.Logf("%s is gone (%s); keep it as a regression, or delete it", path, applied)
	}
}

// fail reports a failing run, and keeps it.
func (c *check) fail(spec run.Spec, result run.Result) {
	c.Helper()
	signature := result.Violation.Signature()
	if c.shown[signature] {
		return
	}
	c.shown[signature] = true
	if len(c.shown) > shownMax {
		c.Errorf("one more failure, of another kind: %s (seed %d)", signature, result.Seed)
		return
	}
	c.Errorf("%s", c.describe(spec, result, ""))
}

// describe makes a failing run small and tells it. path is where it is kept already; when it is empty, it is kept now.
func (c *check) describe(spec run.Spec, result run.Result, path string) string {
	text, smallest := c.tellSmall(spec, result)
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
func (c *check) tellSmall(spec run.Spec, result run.Result) (text string, smallest *minimise.Result) {
	w := c.newWorld()
	defer w.Close()
	found, err := minimise.Minimise(context.Background(), w, spec, minimise.Options{})
	if err != nil {
		return tell(w, spec, result) + "  " + err.Error(), nil
	}
	told, err := story.Tell(w, found.Spec, found.Necessary)
	if err != nil {
		return tell(w, spec, result) + "  " + err.Error(), nil
	}
	return headed(&told) + fmt.Sprintf("  seed %d, profile %s; minimised in %d runs: %s\n",
		spec.Seed, spec.Profile, found.Runs,
		shrunk(&found)), &found
}

// shrunk describes how much smaller the run has become: its faults, and what its world counts first.
func shrunk(found *minimise.Result) string {
	text := fmt.Sprintf("faults %d to %d", found.Before.Faults, found.After.Faults)
	if found.After.Workload.Len() > 0 {
		name, after := found.After.Workload.At(0)
		text += fmt.Sprintf(", %s %d to %d", name, found.Before.Workload.Of(name), after)
	}
	return text
}

// tell tells a failing run as it is.
func tell(w World, spec run.Spec, result run.Result) string {
	told, err := story.Tell(w, spec, nil)
	if err != nil {
		return fmt.Sprintf("%v; the run does not repeat: %v", result.Violation, err)
	}
	return headed(&told)
}

// headed returns a story between the property and the sentence that contradicts it.
func headed(told *story.Story) string {
	violation := told.Outcome.Violation
	text := violation.Signature() + "\n"
	if violation.Sentence != "" {
		text += fmt.Sprintf("  %q\n", violation.Sentence)
	}
	return text + "\n" + told.Text("    ", nil) + "\n  " + told.Sentence + "\n\n"
}

// keep writes a failure where [Check] finds it the next time.
func (c *check) keep(spec run.Spec, result run.Result) (path string, err error) {
	directory := c.keptIn()
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", err
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(result.Violation.Signature())) // writing to a hash never fails
	path = filepath.Join(directory, fmt.Sprintf("%s-%08x.json", result.Violation.Property, hash.Sum32()))
	replay := run.NewReplay(spec, result)
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
		line += " -sim.profile=" + c.profile
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
