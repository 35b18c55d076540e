package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/nightly"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A nightWorld is a world that finds what the variable FINDINGS names, in every eighth seed: the seeds of a night are
// not for a test to choose.
type nightWorld struct {
	*world.Deployment
	findings string
}

func newNightWorld() run.World { return nightWorld{world.New(), os.Getenv("FINDINGS")} }

// nightRuns makes runs differ that should be the same.
var nightRuns atomic.Uint64

func (w nightWorld) Run(spec run.Spec) run.Result {
	found := func(what string, of uint64) bool { return strings.Contains(w.findings, what) && spec.Seed%8 == of }
	if found("broken", 0) {
		panic("made up")
	}
	outcome := w.Deployment.Run(spec)
	violated := func(property, cause string) {
		outcome.Verdict = run.Violated
		outcome.Violation = &run.Violation{
			Property: property, Cause: cause, Message: fmt.Sprintf("review R1 was wrong, because %s", cause),
		}
	}
	switch {
	case found("twice", 1) || found("twice", 2) && spec.Profile == "storm":
		violated("runs-once", "it was made up")
	case found("lost", 3):
		violated("no-lost-events", "a | b <c>")
	case found("unknown", 4):
		outcome.Verdict, outcome.Unknown = run.Unknown, "linearizable: gave-up after 5 s"
	case found("different", 5):
		violated("runs-once", "it is never the same")
		outcome.Hash += nightRuns.Add(1)
	}
	return outcome
}

// TestInterruptedNight ends a night without end, as a cluster does that needs the machine for something else.
func TestInterruptedNight(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	command := exec.CommandContext(t.Context(), "onceover-night", "nightly", "--run", "1", "--shard", "1/2", "--time", "1000h", "--profiles", "calm,storm", "--out", out)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	// The title is printed when signals are already listened to.
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() || !strings.HasPrefix(lines.Text(), "onceover nightly: run 1, shard 1/2, 1000h") {
		t.Fatalf("first line %q, want the title", lines.Text())
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	last := ""
	for lines.Scan() {
		last = lines.Text()
	}
	err = command.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != run.Unknown.ExitCode() || !strings.HasPrefix(last, "unknown: ") {
		t.Errorf("ended with %v and %q, want the verdict unknown", err, last)
	}
	left, err := nightly.ReadResult(out)
	if err != nil || !left.Interrupted {
		t.Errorf("the result is %+v (%v), want one that was interrupted", left.Result, err)
	}
}
