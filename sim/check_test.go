package sim_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/world"
)

// TestEngine is a typical test: this module's own engine, with the default profile.
func TestEngine(t *testing.T) {
	sim.Check(t, sim.Config{})
}

// TestEngineInStorms is a test with a configuration.
func TestEngineInStorms(t *testing.T) {
	sim.Check(t, sim.Config{Profile: "storm", From: 50_000, Seeds: 300, Properties: "outcome"})
}

// suspicious reports a violation in every run with a number of crashes, except that one seed is unknown.
type suspicious struct {
	*world.Deployment
	crashes int
}

const unknownSeed = 4

func (s suspicious) Run(spec run.Spec) run.Result {
	crashes := 0
	s.Deployment.OnRecord = func(_ uint64, r *checker.Record) {
		if r.Kind == checker.ProcessCrashed {
			crashes++
		}
	}
	result := s.Deployment.Run(spec)
	switch {
	case spec.Seed == unknownSeed:
		result.Verdict, result.Unknown = run.Unknown, "gave up"
	case crashes >= s.crashes:
		result.Verdict = run.Violated
		result.Violation = &run.Violation{Property: "calm", At: result.Virtual, Cause: "crashes", Message: "there were crashes"}
	}
	return result
}

func suspiciousOf(crashes int) func() sim.World {
	return func() sim.World { return suspicious{world.New(), crashes} }
}

// A probe is a test that records its output and may fail.
type probe struct {
	testing.TB
	name     string
	deadline time.Time
	logged   strings.Builder
	failed   strings.Builder
}

type fatal struct{}

func (p *probe) Name() string                { return p.name }
func (p *probe) Deadline() (time.Time, bool) { return p.deadline, !p.deadline.IsZero() }
func (p *probe) Logf(format string, arguments ...any) {
	fmt.Fprintf(&p.logged, format+"\n", arguments...)
}
func (p *probe) Errorf(format string, arguments ...any) {
	fmt.Fprintf(&p.failed, format+"\n", arguments...)
}
func (p *probe) Fatalf(format string, arguments ...any) {
	p.Errorf(format, arguments...)
	panic(fatal{})
}

// check runs Check and returns the probe.
func check(t *testing.T, name string, config sim.Config, change ...func(*probe)) (p *probe) {
	t.Helper()
	p = &probe{TB: t, name: name}
	for _, c := range change {
		c(p)
	}
	defer func() {
		if value := recover(); value != nil && value != (fatal{}) {
			panic(value)
		}
	}()
	sim.Check(p, config)
	return p
}

// shows checks that an output of the probe contains some parts.
func (p *probe) shows(t *testing.T, output string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(output, part) {
			t.Errorf("missing: %q in\n%s", part, output)
		}
	}
}

// TestFailureIsKept finds a failure, repeats it, and runs it again after it is gone.
func TestFailureIsKept(t *testing.T) {
	directory := t.TempDir()
	config := sim.Config{Seeds: 50, NewWorld: suspiciousOf(1), Directory: directory}

	found := check(t, "TestReviews/in parallel", config)
	found.shows(t, found.failed.String(), "calm: crashes", "there were crashes", "!!", "minimised   faults ", " → 1, reviews ",
		"kept        "+filepath.Join(directory, "TestReviews_in_parallel", "calm-"),
		"again       go test -run '^TestReviews$/^in parallel$' -sim.seed=", " github.com/onceover/onceover/sim")
	kept, err := filepath.Glob(filepath.Join(directory, "*", "*.json"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %v (%v), want one file", kept, err)
	}

	again := check(t, "TestReviews/in parallel", config)
	again.shows(t, again.failed.String(), kept[0]+" is still there", "overridden decisions still apply")
	if n := strings.Count(again.failed.String(), "there were crashes"); n != 1 {
		t.Errorf("the failure was shown %d times, want once", n)
	}

	other := check(t, "TestReviews/in parallel", sim.Config{Seeds: 1, From: 9, Directory: directory})
	other.shows(t, other.logged.String(), kept[0]+" is gone", "keep the file as a regression test, or delete it", "1 seeds from 9")
	if other.failed.Len() > 0 {
		t.Errorf("failed: %s", other.failed.String())
	}

	if err := os.WriteFile(kept[0], []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	malformed := check(t, "TestReviews/in parallel", sim.Config{Seeds: 1, From: 9, Directory: directory})
	malformed.shows(t, malformed.failed.String(), "kept failure ", kept[0], "correct the file or delete it")
}

func TestUnknownFails(t *testing.T) {
	p := check(t, "TestUnknown", sim.Config{From: unknownSeed, Seeds: 1, NewWorld: suspiciousOf(1_000), Directory: t.TempDir()})
	p.shows(t, p.failed.String(), "seed 4 of profile default is unknown, which is not a pass: gave up")
}

func TestDeadline(t *testing.T) {
	passed := func(p *probe) { p.deadline = time.Now().Add(-time.Second) }
	p := check(t, "TestDeadline", sim.Config{Directory: t.TempDir()}, passed)
	p.shows(t, p.failed.String(), "seeds fit before the test's deadline", "raise -timeout")
}

// TestPageOfAFailure asks for pages: one for each failure, with the command that repeats it.
func TestPageOfAFailure(t *testing.T) {
	pages := t.TempDir()
	setFlags(t, map[string]string{"sim.html": pages})
	p := check(t, "TestReviews/drawn", sim.Config{Seeds: 50, NewWorld: suspiciousOf(1), Directory: t.TempDir()})
	p.shows(t, p.failed.String(), "page        "+filepath.Join(pages, "TestReviews_drawn", "calm-"), "again       go test -run '^TestReviews$/^drawn$' -sim.seed=")
	drawn, err := filepath.Glob(filepath.Join(pages, "TestReviews_drawn", "*.html"))
	if err != nil || len(drawn) != 1 {
		t.Fatalf("pages %v (%v), want one", drawn, err)
	}
	page, err := os.ReadFile(drawn[0])
	if err != nil || !strings.Contains(string(page), "-sim.seed=") {
		t.Errorf("the page (%v) has no command that repeats the failure", err)
	}
}

// TestNoTime gives a test too little time for a single seed: nothing was tested, so it fails.
func TestNoTime(t *testing.T) {
	p := check(t, "TestNoTime", sim.Config{Directory: t.TempDir(), Time: 1})
	p.shows(t, p.failed.String(), "no seed began within 1ns, which is not a pass")
}

func TestInvalidConfigs(t *testing.T) {
	for _, test := range []struct {
		name   string
		config sim.Config
		flags  map[string]string
		want   string
	}{
		{"profile", sim.Config{Profile: "bad"}, nil, `unknown fault profile "bad": allowed are calm, default,`},
		{"properties", sim.Config{Properties: "luck"}, nil, `"luck" is not a property`},
		{"time", sim.Config{Time: -1}, nil, "allowed are positive durations"},
		{"seed flag", sim.Config{}, map[string]string{"sim.seed": "twelve"}, "-sim.seed: "},
		{"profile flag", sim.Config{Profile: "calm"}, map[string]string{"sim.profile": "worse"}, `unknown fault profile "worse"`},
		{"time flag", sim.Config{}, map[string]string{"sim.time": "-1s"}, "allowed are positive durations"},
	} {
		t.Run(test.name, func(t *testing.T) {
			setFlags(t, test.flags)
			test.config.Directory = t.TempDir()
			p := check(t, t.Name(), test.config)
			p.shows(t, p.failed.String(), "sim.Check: ", test.want)
		})
	}
}

func TestFlagsOverrideConfig(t *testing.T) {
	for _, test := range []struct {
		name  string
		flags map[string]string
		want  string
	}{
		{"seeds", map[string]string{"sim.seeds": "7"}, "7 seeds from 3, profile calm"},
		{"seed", map[string]string{"sim.seed": "0x11"}, "1 seeds from 17, profile calm"},
		{"profile", map[string]string{"sim.profile": "network"}, "5 seeds from 3, profile network"},
		{"time and seeds", map[string]string{"sim.time": "1h", "sim.seeds": "2"}, "2 seeds from 3, profile calm"},
	} {
		t.Run(test.name, func(t *testing.T) {
			setFlags(t, test.flags)
			p := check(t, t.Name(), sim.Config{Profile: "calm", From: 3, Seeds: 5, Directory: t.TempDir()})
			p.shows(t, p.logged.String(), test.want, "no violation")
		})
	}
}

// setFlags sets flags of go test until the end of the test.
func setFlags(t *testing.T, values map[string]string) {
	t.Helper()
	for name, value := range values {
		f := flag.Lookup(name)
		before := f.Value.String()
		if err := f.Value.Set(value); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := f.Value.Set(before); err != nil {
				t.Error(err)
			}
		})
	}
}
