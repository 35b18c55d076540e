package story_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/minimise"
	"github.com/onceover/onceover/sim/story"
	"github.com/onceover/onceover/sim/world"
)

// A recorded world tells a trace that was written by hand.
type recorded struct {
	trace     []world.Line
	violation *checker.Violation
}

func (w recorded) Run(spec world.Spec) world.Outcome {
	for _, line := range w.trace {
		spec.Trace(line)
	}
	outcome := world.Outcome{Seed: spec.Seed, Violation: w.violation}
	if w.violation != nil {
		outcome.Verdict = checker.Violated
	}
	return outcome
}

// told returns a story, a line for each entry: marks, actor, text, count.
func told(s *story.Story) string {
	var out strings.Builder
	for _, e := range s.Entries {
		mark := ""
		switch {
		case e.Necessary:
			mark = "!! "
		case e.Fault:
			mark = "! "
		}
		count := ""
		if e.Count != 1 {
			count = fmt.Sprintf(" ×%d", e.Count)
		}
		fmt.Fprintf(&out, "%s%s %s%s\n", mark, e.Actor, e.Text, count)
	}
	return out.String()
}

func key(review engine.ReviewID) engine.AttemptKey {
	return engine.AttemptKey{Review: review, Attempt: 1}
}

func about(review engine.ReviewID, kind checker.Kind, actor, text string) world.Line {
	return world.Line{Actor: actor, Kind: kind, Key: key(review), Owner: "acme", Text: text}
}

var (
	crash     = kernel.Key{Actor: "app-1", Operation: "process/process.crash"}
	lost      = kernel.Key{Actor: "app-1", Operation: "worker.start/network.answer-lost", Occurrence: 2}
	violation = &checker.Violation{Property: "runs-once", Key: key("R1"), Cause: "executed twice", Message: "review R1 was executed twice"}
)

func TestTell(t *testing.T) {
	many := func(n int, line world.Line) (lines []world.Line) {
		for i := range n {
			line.Text = fmt.Sprintf("asks the agent to end the session of R1/1, try %d", i+1)
			line.At = time.Duration(i) * time.Second
			lines = append(lines, line)
		}
		return lines
	}
	sweep := func(actor string) world.Line {
		return world.Line{Actor: actor, Kind: checker.StoreExecuted, Text: "sweeps: owners [], 0 silent"}
	}
	others := []world.Line{
		about("R2", checker.StoreChanged, "app-1", "R2/1 is pending"), about("R3", checker.StoreChanged, "app-1", "R3/1 is pending"),
	}
	for _, test := range []struct {
		name      string
		trace     []world.Line
		violation checker.Violation
		necessary []kernel.Key
		want      string
		leftOut   int
	}{
		{
			"what is about other reviews is left out",
			append(others, about("R1", checker.StoreChanged, "app-1", "R1/1 is pending"), about("R1", checker.SessionStarted, "agent", "starts s1")),
			*violation, nil, "app-1 R1/1 is pending\nagent starts s1\n", 2,
		},
		{
			"unless the sentence names them",
			append(others, about("R1", checker.StoreChanged, "app-1", "R1/1 is pending")),
			checker.Violation{Key: key("R1"), Message: "R1 waits although R3, which is younger, was claimed"}, nil,
			"app-1 R3/1 is pending\napp-1 R1/1 is pending\n", 1,
		},
		{
			"or their owner",
			append(others, about("R1", checker.StoreChanged, "app-1", "R1/1 is pending")),
			checker.Violation{Key: key("R1"), Message: "more than owner acme may have"}, nil,
			"app-1 R2/1 is pending\napp-1 R3/1 is pending\napp-1 R1/1 is pending\n", 0,
		},
		{
			"two reviews are few enough for both", append(others[:1:1], about("R1", checker.StoreChanged, "app-1", "R1/1 is pending")),
			*violation, nil, "app-1 R2/1 is pending\napp-1 R1/1 is pending\n", 0,
		},
		{
			"a submission that supersedes another review is about both",
			append(others, about("R1", checker.StoreChanged, "app-1", "R1/1 is pending"),
				world.Line{Actor: "app-1", Kind: checker.StoreChanged, Key: key("R3"), Cause: key("R1"), Text: "R1 supersedes R3"}),
			*violation, nil, "app-1 R1/1 is pending\napp-1 R1 supersedes R3\n", 2,
		},
		{
			"a fault is told by what it does to its process",
			[]world.Line{
				about("R1", checker.StoreChanged, "app-1", "R1/1 is pending"),
				{Actor: "app-1", Kind: checker.FaultFired, Fault: true, Step: 7, Decision: crash, Text: "fault: process.crash (process)"},
				{Actor: "app-1", Kind: checker.ProcessCrashed, Step: 7, Text: "crashes"},
				{Actor: "app-1", Kind: checker.ProcessStarted, Step: 8, Number: 2, Text: "starts, life 2"},
			},
			*violation, []kernel.Key{crash}, "app-1 R1/1 is pending\n!! app-1 crashes (process.crash)\napp-1 starts, life 2\n", 0,
		},
		{
			"necessary faults are told from others",
			[]world.Line{
				{Actor: "app-1", Kind: checker.FaultFired, Fault: true, Decision: crash, Text: "fault: process.crash (process)"},
				{Actor: "app-1", Kind: checker.FaultFired, Fault: true, Decision: lost, Text: "fault: network.answer-lost (worker.start)"},
				about("R1", checker.SessionStarted, "agent", "starts s1"),
			},
			*violation, []kernel.Key{lost},
			"! app-1 fault: process.crash (process)\n!! app-1 fault: network.answer-lost (worker.start)\nagent starts s1\n", 0,
		},
		{
			"repetitions are told once",
			append(many(12, about("R1", checker.InterruptSent, "worker-1", "")), about("R1", checker.SessionEnded, "agent", "ends s1")),
			*violation, nil, "worker-1 asks the agent to end the session of R1/1, try 1 ×12\nagent ends s1\n", 0,
		},
		{
			"so is what comes in turns",
			[]world.Line{
				about("R1", checker.CallbackSent, "worker-1", "reports"), about("R1", checker.CallbackAnswered, "worker-1", "has no good answer, 1"),
				about("R1", checker.CallbackSent, "worker-1", "reports"), about("R1", checker.CallbackAnswered, "worker-1", "has no good answer, 2"),
				about("R1", checker.CallbackSent, "worker-1", "reports"),
			},
			*violation, nil, "worker-1 reports ×2\nworker-1 has no good answer, 1 ×2\nworker-1 reports\n", 0,
		},
		{
			"the last line is always told",
			append(others, about("R1", checker.StoreChanged, "app-1", "R1/1 is pending"),
				world.Line{Actor: "app-1", Kind: checker.StoreExecuted, Text: "sweeps"}),
			*violation, nil, "app-1 R1/1 is pending\napp-1 sweeps\n", 2,
		},
		{
			"what goes on for ever at the end is told once",
			[]world.Line{
				sweep("app-1"), about("R1", checker.StoreChanged, "app-1", "R1/1 is queued"), sweep("app-1"), sweep("app-2"), sweep("app-1"), sweep("app-1"),
			},
			*violation, nil, "app-1 R1/1 is queued\napp-1 sweeps: owners [], 0 silent ×3\n", 2,
		},
		{
			"a violation about nobody in particular",
			others, checker.Violation{Message: "something is wrong"}, nil, "app-1 R2/1 is pending\napp-1 R3/1 is pending\n", 0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := story.Tell(recorded{test.trace, &test.violation}, world.Spec{}, test.necessary)
			if err != nil {
				t.Fatal(err)
			}
			if got := told(&s); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
			if s.LeftOut != test.leftOut || s.Sentence != test.violation.Message {
				t.Errorf("%d left out, want %d; sentence %q", s.LeftOut, test.leftOut, s.Sentence)
			}
		})
	}
}

// TestLongStories makes each weight too long in turn: the lightest goes first, misfortunes and the end never.
func TestLongStories(t *testing.T) {
	var trace []world.Line
	letters := func(i int) string { return string([]rune{'a' + rune(i/26), 'a' + rune(i%26)}) } // digits would be folded
	for i := range 40 {
		trace = append(trace,
			about("R1", checker.PrepareEnded, "app-1", "looking "+letters(i)), about("R1", checker.StreamSent, "worker-1", "carrying "+letters(i)),
			about("R1", checker.DispatchSent, "app-1", "acting "+letters(i)), about("R1", checker.StoreChanged, "app-1", "turning "+letters(i)))
	}
	fault := world.Line{Actor: "app-1", Kind: checker.FaultFired, Fault: true, Decision: lost, Text: "fault: network.answer-lost (worker.start)"}
	trace = append([]world.Line{fault}, trace...)
	for _, test := range []struct {
		lines int // of the trace
		want  int
		least string // weight of the lightest entry
	}{
		{5, 5, "looking"}, {15, 15, "looking"}, {17, 13, "carrying"}, {25, 19, "carrying"}, {33, 17, "acting"},
		{57, 29, "acting"}, {61, 16, "turning"}, {len(trace), story.LinesMost, "turning"},
	} {
		t.Run(fmt.Sprintf("of %d lines", test.lines), func(t *testing.T) {
			s, err := story.Tell(recorded{trace[:test.lines], violation}, world.Spec{}, []kernel.Key{lost})
			if err != nil {
				t.Fatal(err)
			}
			lightest := ""
			for _, name := range []string{"turning", "acting", "carrying", "looking"} {
				if strings.Contains(told(&s), name) {
					lightest = name
				}
			}
			if len(s.Entries) != test.want || lightest != test.least {
				t.Errorf("%d entries down to %s, want %d down to %s", len(s.Entries), lightest, test.want, test.least)
			}
			last := s.Entries[len(s.Entries)-1]
			if !s.Entries[0].Necessary || last.Text != trace[test.lines-1].Text {
				t.Errorf("from %q to %q", s.Entries[0].Text, last.Text)
			}
			if s.LeftOut != test.lines-len(s.Entries) {
				t.Errorf("%d of %d lines left out", s.LeftOut, test.lines)
			}
		})
	}
}

func TestNoFailure(t *testing.T) {
	_, err := story.Tell(recorded{}, world.Spec{Seed: 3}, nil)
	var none *story.NoFailureError
	if !errors.As(err, &none) || err.Error() != "seed 3 has no failure to tell of: its verdict is pass" {
		t.Errorf("error %v", err)
	}
}

// A failing world calls it a violation that a review is claimed twice.
type failing struct{ *world.World }

func (w failing) Run(spec world.Spec) world.Outcome {
	claims := map[engine.AttemptKey]int{}
	trace := spec.Trace
	var twice engine.AttemptKey
	spec.Trace = func(line world.Line) {
		if strings.Contains(line.Text, "store: claim of") {
			if claims[line.Key]++; claims[line.Key] == 2 {
				twice = line.Key
			}
		}
		if trace != nil {
			trace(line)
		}
	}
	outcome := w.World.Run(spec)
	if twice.Review != "" && outcome.Violation == nil {
		outcome.Verdict = checker.Violated
		outcome.Violation = &checker.Violation{
			Property: "claimed-once", Key: twice, Cause: "claimed twice", Message: fmt.Sprintf("review %s was claimed twice", twice.Review),
		}
	}
	return outcome
}

// TestMinimisedStory tells real runs: each fits on a screen, begins with the submission, and marks every fault.
func TestMinimisedStory(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	usual, err := faults.Named("default")
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for seed := uint64(1); told < 5; seed++ {
		spec := world.Spec{Seed: seed, Profile: usual}
		if seed > 500 {
			t.Fatal("too few runs claim a review twice")
		}
		if (failing{w}).Run(spec).Verdict != checker.Violated {
			continue
		}
		told++
		result, err := minimise.Minimise(t.Context(), failing{w}, spec, minimise.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := story.Tell(failing{w}, result.Spec, result.Necessary)
		if err != nil {
			t.Fatal(err)
		}
		submissions, claims, necessary := 0, 0, map[string]bool{}
		for _, e := range s.Entries {
			if strings.Contains(e.Text, "store: submit of "+string(s.Outcome.Violation.Key.Review)) {
				submissions++
			}
			if strings.Contains(e.Text, "store: claim of "+s.Outcome.Violation.Key.String()) {
				claims += e.Count
			}
			if e.Fault != e.Necessary {
				t.Errorf("seed %d: %s %s: fault: %v, necessary: %v", seed, e.Actor, e.Text, e.Fault, e.Necessary)
			}
			if e.Necessary {
				necessary[e.Text] = true
			}
		}
		if len(s.Entries) > story.LinesMost || submissions != 1 || claims != 2 || len(necessary) < len(result.Necessary) {
			t.Errorf("seed %d: %d entries with %d submissions, %d claims and %d faults, of which %d are necessary",
				seed, len(s.Entries), submissions, claims, len(necessary), len(result.Necessary))
		}
	}
}
