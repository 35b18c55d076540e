package failures

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// A loopWorld takes five steps, each with a fault that can be overridden, and fails if the third one happened.
type loopWorld struct {
	closed *int
	hash   *uint64 // of the next run; nil for always the same
}

func (w loopWorld) Run(spec run.Spec) run.Result {
	r := run.Result{Seed: spec.Seed, Steps: 5, Virtual: 5 * time.Second, Hash: 1}
	if spec.Seed == 13 {
		panic("made up")
	}
	if w.hash != nil {
		*w.hash++
		r.Hash = *w.hash
	}
	failed := false
	for step := range uint32(5) {
		key := kernel.Key{Actor: "loop", Operation: "step.fault", Occurrence: step}
		value := uint64(1)
		for _, o := range spec.Overrides {
			if o.Key == key || o.Key.Covers(key) {
				value = o.Value
			}
		}
		if spec.OnDecision != nil {
			spec.OnDecision(key, value)
		}
		if spec.Trace != nil && value == 1 {
			spec.Trace(run.Line{Step: uint64(step) + 1, At: time.Duration(step+1) * time.Second, Actor: "loop", Text: "stumbles", Fault: "step", Decision: key})
		}
		failed = failed || step == 2 && value == 1
	}
	if failed {
		r.Verdict, r.Violation = run.Violated, &run.Violation{Property: "no-stumble", Cause: "third step", Message: "the loop stumbled", At: 3 * time.Second}
	}
	return r
}

func (w loopWorld) Close() { *w.closed++ }

// loop returns a function that makes worlds, and the number of those that were closed.
func loop() (newWorld func() run.World, closed *int) {
	closed = new(int)
	return func() run.World { return loopWorld{closed: closed} }, closed
}

// failure returns the failing run of a seed.
func failure(seed uint64) run.Result { return loopWorld{closed: new(int)}.Run(run.Spec{Seed: seed}) }

func TestFiles(t *testing.T) {
	f := &Files{Directory: filepath.Join(t.TempDir(), "my failures"), Profile: "default", Properties: []string{"runs-once"}, Flags: " --store postgres"}
	if got, want := f.Replay(7), "onceover replay 7 --profile default --properties runs-once --store postgres"; got != want {
		t.Errorf("without a file: %s, want %s", got, want)
	}
	f.Write(failure(7))
	path := filepath.Join(f.Directory, "default-7.json")
	if f.Path(7) != path || f.Err() != nil || f.Path(8) != "" {
		t.Errorf("path %q, error %v, of another seed %q", f.Path(7), f.Err(), f.Path(8))
	}
	if got, want := f.Replay(7), "onceover replay '"+path+"' --store postgres"; got != want {
		t.Errorf("with a file: %s, want %s", got, want)
	}
	content, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(content), `"signature": "no-stumble: third step"`) || !strings.Contains(string(content), `"properties": ["runs-once"]`) {
		t.Errorf("the file has %s (%v)", content, err)
	}
}

// The first file that can't be written is reported, and replayed by its seed.
func TestFilesThatCannotBeWritten(t *testing.T) {
	taken := filepath.Join(t.TempDir(), "taken")
	if err := os.WriteFile(taken, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := &Files{Directory: filepath.Join(taken, "below"), Profile: "calm"}
	f.Write(failure(7))
	first := f.Err()
	f.Write(failure(8))
	if first == nil || !errors.Is(f.Err(), first) || f.Path(7) != "" || f.Replay(7) != "onceover replay 7 --profile calm" {
		t.Errorf("error %v and then %v, path %q", first, f.Err(), f.Path(7))
	}
	if err := WriteFile("page", filepath.Join(taken, "page.html"), func(io.Writer) error { return nil }); err == nil || !strings.HasPrefix(err.Error(), "write page "+taken) {
		t.Errorf("a page below a file: %v", err)
	}
	wrong := errors.New("made up")
	path := filepath.Join(t.TempDir(), "page.html")
	if err := WriteFile("page", path, func(io.Writer) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("a page that can't be drawn: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half a page was written: %v", err)
	}
}

func TestExplain(t *testing.T) {
	newWorld, closed := loop()
	f := &Files{Directory: t.TempDir(), Profile: "default"}
	signature := campaign.Signature{First: failure(7), Runs: 3}
	f.Write(signature.First)

	e := f.Explain(t.Context(), store.Model(newWorld), signature, explain.Options{Minimise: true})
	minimised := filepath.Join(f.Directory, "default-7-min.json")
	if !e.Repeats || e.Runs != 3 || e.Replay != "onceover replay "+f.Path(7) || e.ReplayMinimised != "onceover replay "+minimised || f.Err() != nil {
		t.Errorf("explained as %+v (%v)", e, f.Err())
	}
	if e.Facts.Minimised == nil || len(e.Facts.Story) == 0 || e.Facts.Signature != "no-stumble: third step" {
		t.Errorf("its facts are %+v", e.Facts)
	}
	if *closed != 1 {
		t.Errorf("%d worlds were closed, want 1", *closed)
	}
	recorded, err := run.ReadReplay(minimised, &run.Vocabulary{})
	if err != nil {
		t.Fatal(err)
	}
	if again := newWorld().Run(recorded.Spec()); again.Violation == nil || again.Violation.Signature() != e.Facts.Signature {
		t.Errorf("the minimised run comes to %+v", again)
	}

	// When nobody reads it, it is only repeated.
	e = f.Explain(t.Context(), store.Model(newWorld), signature, explain.Options{})
	if !e.Repeats || e.ReplayMinimised != "" || e.Facts.Minimised != nil || len(e.Facts.Story) != 0 {
		t.Errorf("without minimising: %+v", e)
	}
}

func TestExplainOfWhatDoesNotRepeat(t *testing.T) {
	hash := uint64(0)
	newWorld := func() run.World { return loopWorld{closed: new(int), hash: &hash} }
	f := &Files{Directory: t.TempDir(), Profile: "default"}
	e := f.Explain(t.Context(), store.Model(newWorld), campaign.Signature{First: failure(7), Runs: 1}, explain.Options{Minimise: true})
	if e.Repeats || e.Replay != "onceover replay 7 --profile default --check-determinism 100" || e.Facts.Violation == nil {
		t.Errorf("explained as %+v", e)
	}
}

// A world that broke must not be closed.
func TestExplainInABrokenWorld(t *testing.T) {
	newWorld, closed := loop()
	var broken *run.BrokenError
	if _, err := Explain(context.Background(), newWorld, run.Spec{Seed: 13}, explain.Options{}); !errors.As(err, &broken) || *closed != 0 {
		t.Errorf("error %v, %d worlds closed", err, *closed)
	}
	var none *explain.NoFailureError
	spec := run.Spec{Seed: 7, Overrides: []kernel.Override{{Key: kernel.Key{Actor: "loop", Operation: "step.fault", Occurrence: 2}}}}
	if _, err := Explain(context.Background(), newWorld, spec, explain.Options{}); !errors.As(err, &none) || *closed != 1 {
		t.Errorf("error %v, %d worlds closed", err, *closed)
	}
}
