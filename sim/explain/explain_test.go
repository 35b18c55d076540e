package explain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/onceover/onceover/sim/counter"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// forgetful is a counter that adds with every call, whatever its key.
type forgetful int

func (f *forgetful) Add(string)           { *f++ }
func (f *forgetful) Value() int           { return int(*f) }
func (f *forgetful) Empty() counter.Store { return new(forgetful) }

// failingCounter returns a world that names nothing but its runs, and its first specification that fails.
func failingCounter(t *testing.T) (run.World, run.Spec) {
	t.Helper()
	w := counter.NewWorld(new(forgetful))
	t.Cleanup(w.Close)
	for seed := uint64(1); seed < 100; seed++ {
		spec := run.Spec{Seed: seed}
		if result := w.Run(spec); result.Violated() && result.Faults.Total() > 1 {
			return w, spec
		}
	}
	t.Fatal("no seed fails")
	return nil, run.Spec{}
}

// TestAnyWorld explains a failure of a world that knows no reviews, with all there is.
func TestAnyWorld(t *testing.T) {
	w, spec := failingCounter(t)
	result := w.Run(spec)
	f, err := explain.Explain(t.Context(), w, spec, explain.Options{Minimise: true, PointOfNoReturn: true, Pictures: true, Expected: &result})
	if err != nil {
		t.Fatal(err)
	}
	if m := f.Minimised; !m.Complete || m.After("faults") != 1 || m.After("additions") == 0 || len(f.Necessary) != 1 {
		t.Errorf("minimised to %+v with %v", m, f.Necessary)
	}
	text := f.Text(nil)
	for _, part := range []string{"violated: counts-once\n", "!!", "network   loses the answer to client-", "signature   " + f.Signature} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in\n%s", part, text)
		}
	}
	if p := f.PointOfNoReturn; p == nil || p.Decisive().After() == nil || !strings.Contains(p.Sentence(), "network loses the answer") {
		t.Errorf("point of no return: %+v", p)
	}
	var page, trace bytes.Buffer
	if err := errors.Join(f.HTML(&page, "go test"), f.Trace(&trace)); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"review", "porcupine"} {
		if strings.Contains(strings.ToLower(page.String()), word) {
			t.Errorf("the page has the word %q", word)
		}
	}
	if !json.Valid(trace.Bytes()) {
		t.Error("the trace is no JSON")
	}
	replay := f.Replay()
	if again := w.Run(replay.Spec()); replay.Compare(again) != run.StillThere || again.Hash != replay.TraceHash {
		t.Errorf("the replay comes to %+v", again)
	}
}

// TestFactsSurviveJSON reads the facts of a failure as they were written, and gets the same text.
func TestFactsSurviveJSON(t *testing.T) {
	w, spec := failingCounter(t)
	f, err := explain.Explain(t.Context(), w, spec, explain.Options{Minimise: true, PointOfNoReturn: true, Moments: 3, Branches: 3})
	if err != nil {
		t.Fatal(err)
	}
	written, err := json.Marshal(f.Facts)
	if err != nil {
		t.Fatal(err)
	}
	var read explain.Facts
	if err := json.Unmarshal(written, &read); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, f.Facts) || read.Text(nil) != f.Text(nil) {
		t.Errorf("%s is read as\n%+v, want\n%+v", written, read, f.Facts)
	}
}

// TestNothingIsPaidFor counts the runs that an explanation takes.
func TestNothingIsPaidFor(t *testing.T) {
	w, spec := failingCounter(t)
	for _, test := range []struct {
		name    string
		options explain.Options
		runs    int
	}{
		{"the story", explain.Options{}, 1},
		{"with pictures", explain.Options{Pictures: true}, 1},
		{"with a search that may take one step", explain.Options{Minimise: true, Steps: 1}, 4},
		{"with four continuations of two moments", explain.Options{PointOfNoReturn: true, Moments: 2, Branches: 4}, 1 + 2*2*4},
	} {
		t.Run(test.name, func(t *testing.T) {
			counted := &counted{World: w}
			f, err := explain.Explain(t.Context(), counted, spec, test.options)
			if err != nil || len(f.Story) == 0 {
				t.Fatalf("%+v, %v", f, err)
			}
			// The search for the step itself takes as many runs as it takes.
			if n := counted.runs; n != test.runs && !(test.options.PointOfNoReturn && n > test.runs) {
				t.Errorf("%d runs, want %d", n, test.runs)
			}
			if err := f.Trace(&bytes.Buffer{}); (err == nil) != test.options.Pictures {
				t.Errorf("pictures: %v", err)
			}
		})
	}
}

// A counted world counts its runs.
type counted struct {
	run.World
	runs int
}

func (c *counted) Run(spec run.Spec) run.Result {
	c.runs++
	return c.World.Run(spec)
}

func (c *counted) Unwrap() run.World { return c.World }

func TestExplainRefuses(t *testing.T) {
	w, spec := failingCounter(t)
	expected := w.Run(spec)
	other := expected
	other.Hash++
	var none *explain.NoFailureError
	var not *explain.NotRepeatableError
	var broken *run.BrokenError
	sound := counter.NewWorld(&counter.Counter{})
	defer sound.Close()
	for _, test := range []struct {
		name    string
		world   run.World
		options explain.Options
		target  any
		want    string
	}{
		{"a run that does not fail", sound, explain.Options{}, &none, "has no failure to explain: its verdict is pass"},
		{"one to be minimised", sound, explain.Options{Minimise: true}, &none, "has no failure to explain: its verdict is pass"},
		{"another run than before", w, explain.Options{Expected: &other}, &not, "does not repeat: first it was \"counts-once: "},
		{"another run than before, to be minimised", w, explain.Options{Minimise: true, Expected: &other}, &not, "does not repeat"},
		{"a world that breaks", breaking{}, explain.Options{}, &broken, "the simulator broke at seed"},
		{"a world that breaks in a search", breaking{}, explain.Options{Minimise: true}, &broken, "the simulator broke at seed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := explain.Explain(t.Context(), test.world, spec, test.options)
			if f != nil || !errors.As(err, test.target) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%+v, error %v; want %q", f, err, test.want)
			}
		})
	}
	f, err := explain.Explain(t.Context(), w, spec, explain.Options{Expected: &expected})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.HTML(&bytes.Buffer{}, ""); err == nil || f.Trace(&bytes.Buffer{}) == nil {
		t.Errorf("pictures that nobody asked for: %v", err)
	}
	if err := explain.Trace(&bytes.Buffer{}, breaking{}, spec); !errors.As(err, &broken) {
		t.Errorf("the trace of a world that breaks: %v", err)
	}
}

// A breaking world panics.
type breaking struct{}

func (breaking) Run(run.Spec) run.Result { panic("luck") }
func (breaking) Close()                  {}
