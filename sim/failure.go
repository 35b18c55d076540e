package sim

import (
	"bytes"
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// runKept runs the failures that earlier runs have kept, in the order of the file names.
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
			c.Errorf("sim.Check: kept failure %v; correct the file or delete it", err)
			continue
		}
		c.runAgain(path, &kept, kept.Spec())
	}
}

// runAgain runs one kept failure.
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
		c.Errorf("sim.Check: %s is %s, which is not a pass: %s", path, result.Verdict, result.Unknown)
	default:
		c.Logf("%s is gone (%s); keep the file as a regression test, or delete it", path, applied)
	}
}

// fail reports a failing run and keeps it.
func (c *check) fail(spec run.Spec, result run.Result) {
	c.Helper()
	signature := result.Violation.Signature()
	if c.shown[signature] {
		return
	}
	c.shown[signature] = true
	if len(c.shown) > shownMax {
		c.Errorf("another failure: %s (seed %d)", signature, result.Seed)
		return
	}
	c.Errorf("%s", c.describe(spec, result, ""))
}

// describe explains a failing run. path is the file of a run that is already kept; if it is empty, the run is kept now.
func (c *check) describe(spec run.Spec, result run.Result, path string) string {
	again := explain.Note{Name: "again", Text: c.command(spec.Seed)}
	w := c.newWorld()
	drawn := *flagHTML != ""
	f, err := explain.Explain(context.Background(), w, spec, explain.Options{Minimise: true, Pictures: drawn, PointOfNoReturn: drawn})
	if err != nil {
		return unexplained(spec, result, err, again)
	}
	w.Close()
	var notes []explain.Note
	if path == "" {
		if kept, err := c.keep(f); err != nil {
			notes = append(notes, explain.Note{Name: "not kept", Text: err.Error()})
		} else {
			notes = append(notes, explain.Note{Name: "kept", Text: kept + ", which runs first from now on"})
		}
	}
	if drawn {
		if page, err := c.drawPage(f, again.Text); err != nil {
			notes = append(notes, explain.Note{Name: "not drawn", Text: err.Error()})
		} else {
			notes = append(notes, explain.Note{Name: "page", Text: page})
		}
	}
	return f.Text(nil, append(notes, again)...)
}

// drawPage writes the page of a failure to the directory of -sim.html, and returns its path.
func (c *check) drawPage(f *explain.Failure, command string) (path string, err error) {
	directory := filepath.Join(*flagHTML, unfit.ReplaceAllString(c.Name(), "_"))
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", err
	}
	var page bytes.Buffer
	if err := f.HTML(&page, command); err != nil {
		return "", err
	}
	path = filepath.Join(directory, fileName(f)+".html")
	return path, run.WriteFile(path, page.Bytes())
}

// fileName returns the name of the files about a failure, which is the same for all runs that fail in its way.
func fileName(f *explain.Failure) string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(f.Signature)) // writing to a hash never fails
	return fmt.Sprintf("%s-%08x", f.Violation.Property, hash.Sum32())
}

// explainIn explains a failing run and returns the text. The world can still be used afterwards.
func explainIn(w World, spec run.Spec, result run.Result, options explain.Options) string {
	f, err := explain.Explain(context.Background(), w, spec, options)
	if err != nil {
		return unexplained(spec, result, err)
	}
	return f.Text(nil)
}

// unexplained returns the text of a failure that cannot be explained, with the reason.
func unexplained(spec run.Spec, result run.Result, why error, notes ...explain.Note) string {
	facts := explain.Describe(spec, result)
	return facts.Text(nil, append(notes, explain.Note{Name: "no story", Text: why.Error()})...)
}

// keep writes a replay file of the failure to the directory that [Check] reads.
func (c *check) keep(f *explain.Failure) (path string, err error) {
	directory := c.keptIn()
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return "", err
	}
	path = filepath.Join(directory, fileName(f)+".json")
	replay := f.Replay()
	return path, replay.WriteFile(path)
}

var unfit = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)

// keptIn returns the directory of the failures of the test.
func (c *check) keptIn() string {
	return filepath.Join(c.directory, unfit.ReplaceAllString(c.Name(), "_"))
}

// escapeGlob returns a pattern that matches only the path.
func escapeGlob(path string) string {
	return regexp.MustCompile(`[*?[\\]`).ReplaceAllString(path, `\$0`)
}

// command returns the command that repeats a seed of this test.
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

// packageUnderTest returns the import path of the running test, as recorded by the build.
func packageUnderTest() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		if path, is := strings.CutSuffix(build.Path, ".test"); is {
			return path
		}
	}
	return "."
}
