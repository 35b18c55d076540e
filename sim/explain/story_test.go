package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// inLines returns a story, a line for each entry: marks, actor, text, count.
func inLines(story []Entry) string {
	var out strings.Builder
	for _, e := range story {
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

// lineAbout returns a line about a review; what happens is the text without its numbers.
func lineAbout(review string, weight run.Weight, actor, text string) run.Line {
	return run.Line{Actor: actor, Weight: weight, Subject: review, Part: review + "/1", Group: "acme", Text: text, Event: eventOf(text)}
}

// eventOf returns a text without its numbers.
func eventOf(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text)
}

var (
	crash     = kernel.Key{Actor: "app-1", Operation: "process/process.crash"}
	lost      = kernel.Key{Actor: "app-1", Operation: "worker.start/network.answer-lost", Occurrence: 2}
	violation = &run.Violation{Property: "runs-once", Subject: "R1", Subjects: []string{"R1"}, Cause: "executed-twice", Message: "review R1 was executed twice"}
)

func TestStory(t *testing.T) {
	many := func(n int, line run.Line) (lines []run.Line) {
		for i := range n {
			line.Text = fmt.Sprintf("asks the agent to end the session of R1/1, try %d", i+1)
			line.Event = eventOf(line.Text)
			line.At = time.Duration(i) * time.Second
			lines = append(lines, line)
		}
		return lines
	}
	sweep := func(actor string) run.Line {
		return run.Line{Actor: actor, Weight: run.Nothing, Event: "sweep", Text: "sweeps: owners [], 0 silent"}
	}
	others := []run.Line{
		lineAbout("R2", run.Turning, "app-1", "R2/1 is pending"), lineAbout("R3", run.Turning, "app-1", "R3/1 is pending"),
	}
	for _, test := range []struct {
		name      string
		trace     []run.Line
		violation run.Violation
		necessary []kernel.Key
		want      string
		leftOut   int
	}{
		{
			"what is about other reviews is left out",
			append(others, lineAbout("R1", run.Turning, "app-1", "R1/1 is pending"), lineAbout("R1", run.Turning, "agent", "starts s1")),
			*violation, nil, "app-1 R1/1 is pending\nagent starts s1\n", 2,
		},
		{
			"unless the violation involves them",
			append(others, lineAbout("R1", run.Turning, "app-1", "R1/1 is pending")),
			run.Violation{Subject: "R1", Subjects: []string{"R1", "R3"}, Message: "R1 waits although R3, which is younger, was claimed"}, nil,
			"app-1 R3/1 is pending\napp-1 R1/1 is pending\n", 1,
		},
		{
			"or their owner",
			append(others, lineAbout("R1", run.Turning, "app-1", "R1/1 is pending")),
			run.Violation{Subject: "R1", Subjects: []string{"acme", "R1"}, Message: "more than owner acme may have"}, nil,
			"app-1 R2/1 is pending\napp-1 R3/1 is pending\napp-1 R1/1 is pending\n", 0,
		},
		{
			"two reviews are few enough for both", append(others[:1:1], lineAbout("R1", run.Turning, "app-1", "R1/1 is pending")),
			*violation, nil, "app-1 R2/1 is pending\napp-1 R1/1 is pending\n", 0,
		},
		{
			"a submission that supersedes another review is about both",
			append(others, lineAbout("R1", run.Turning, "app-1", "R1/1 is pending"),
				run.Line{Actor: "app-1", Subject: "R3", Part: "R3/1", Cause: "R1", Text: "R1 supersedes R3"}),
			*violation, nil, "app-1 R1/1 is pending\napp-1 R1 supersedes R3\n", 2,
		},
		{
			"a fault is shown by what it does to its process",
			[]run.Line{
				lineAbout("R1", run.Turning, "app-1", "R1/1 is pending"),
				{Actor: "app-1", Fault: "process.crash", Step: 7, Decision: crash, Text: "fault: process.crash (process)"},
				{Actor: "app-1", Class: run.Life, Effect: true, Step: 7, Text: "crashes"},
				{Actor: "app-1", Class: run.Life, Weight: run.Acting, Step: 8, Text: "starts, life 2"},
			},
			*violation, []kernel.Key{crash}, "app-1 R1/1 is pending\n!! app-1 crashes (process.crash)\napp-1 starts, life 2\n", 0,
		},
		{
			"necessary faults are told apart from others",
			[]run.Line{
				{Actor: "app-1", Fault: "process.crash", Decision: crash, Text: "fault: process.crash (process)"},
				{Actor: "app-1", Fault: "network.answer-lost", Decision: lost, Text: "fault: network.answer-lost (worker.start)"},
				lineAbout("R1", run.Turning, "agent", "starts s1"),
			},
			*violation, []kernel.Key{lost},
			"! app-1 fault: process.crash (process)\n!! app-1 fault: network.answer-lost (worker.start)\nagent starts s1\n", 0,
		},
		{
			"repetitions are shown once",
			append(many(12, lineAbout("R1", run.Acting, "worker-1", "")), lineAbout("R1", run.Turning, "agent", "ends s1")),
			*violation, nil, "worker-1 asks the agent to end the session of R1/1, try 1 ×12\nagent ends s1\n", 0,
		},
		{
			"so is what comes in turns",
			[]run.Line{
				lineAbout("R1", run.Acting, "worker-1", "reports"), lineAbout("R1", run.Acting, "worker-1", "has no good answer, 1"),
				lineAbout("R1", run.Acting, "worker-1", "reports"), lineAbout("R1", run.Acting, "worker-1", "has no good answer, 2"),
				lineAbout("R1", run.Acting, "worker-1", "reports"),
			},
			*violation, nil, "worker-1 reports ×2\nworker-1 has no good answer, 1 ×2\nworker-1 reports\n", 0,
		},
		{
			"the last line is always shown",
			append(others, lineAbout("R1", run.Turning, "app-1", "R1/1 is pending"),
				run.Line{Actor: "app-1", Weight: run.Nothing, Event: "sweep", Text: "sweeps"}),
			*violation, nil, "app-1 R1/1 is pending\napp-1 sweeps\n", 2,
		},
		{
			"what repeats for ever at the end is shown once",
			[]run.Line{
				sweep("app-1"), lineAbout("R1", run.Turning, "app-1", "R1/1 is queued"), sweep("app-1"), sweep("app-2"), sweep("app-1"), sweep("app-1"),
			},
			*violation, nil, "app-1 R1/1 is queued\napp-1 sweeps: owners [], 0 silent ×3\n", 2,
		},
		{
			"a violation about nobody in particular",
			others, run.Violation{Message: "something is wrong"}, nil, "app-1 R2/1 is pending\napp-1 R3/1 is pending\n", 0,
		},
		{
			"a trace about nothing in particular is shown whole, as far as it has weight",
			[]run.Line{
				{Actor: "client-1", Text: "knows of 1 additions"}, {Actor: "server", Weight: run.Nothing, Text: "waits"},
				{Actor: "network", Fault: "lost", Decision: lost, Text: "loses the answer"}, {Actor: "server", Text: "adds"}, {Actor: "server", Text: "adds"},
			},
			run.Violation{Message: "one is two"}, []kernel.Key{lost},
			"client-1 knows of 1 additions\n!! network loses the answer\nserver adds\nserver adds\n", 1,
		},
		{
			"a phase is shown, and a process only if it does something about the review",
			append(others[:2:2], lineAbout("R1", run.Turning, "app-1", "R1/1 is pending"),
				run.Line{Actor: "world", Class: run.Phase, Text: "the heal phase begins"},
				run.Line{Actor: "app-2", Class: run.Life, Text: "crashes"}, run.Line{Actor: "app-1", Class: run.Life, Text: "crashes"}),
			*violation, nil, "app-1 R1/1 is pending\nworld the heal phase begins\napp-1 crashes\n", 3,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			story, leftOut := tellStory(test.trace, &test.violation, test.necessary)
			if got := inLines(story); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
			if leftOut != test.leftOut {
				t.Errorf("%d left out, want %d", leftOut, test.leftOut)
			}
		})
	}
}

// TestLongStories makes each weight too long in turn: the lightest goes first, misfortunes and the end never.
func TestLongStories(t *testing.T) {
	var trace []run.Line
	letters := func(i int) string { return string([]rune{'a' + rune(i/26), 'a' + rune(i%26)}) } // digits would be folded
	for i := range 40 {
		trace = append(trace,
			lineAbout("R1", run.Looking, "app-1", "looking "+letters(i)), lineAbout("R1", run.Carrying, "worker-1", "carrying "+letters(i)),
			lineAbout("R1", run.Acting, "app-1", "acting "+letters(i)), lineAbout("R1", run.Turning, "app-1", "turning "+letters(i)))
	}
	fault := run.Line{Actor: "app-1", Fault: "network.answer-lost", Decision: lost, Text: "fault: network.answer-lost (worker.start)"}
	trace = append([]run.Line{fault}, trace...)
	for _, test := range []struct {
		lines int // of the trace
		want  int
		least string // weight of the lightest entry
	}{
		{5, 5, "looking"}, {15, 15, "looking"}, {17, 13, "carrying"}, {25, 19, "carrying"}, {33, 17, "acting"},
		{57, 29, "acting"}, {61, 16, "turning"}, {len(trace), linesMost, "turning"},
	} {
		t.Run(fmt.Sprintf("of %d lines", test.lines), func(t *testing.T) {
			story, leftOut := tellStory(trace[:test.lines], violation, []kernel.Key{lost})
			lightest := ""
			for _, name := range []string{"turning", "acting", "carrying", "looking"} {
				if strings.Contains(inLines(story), name) {
					lightest = name
				}
			}
			if len(story) != test.want || lightest != test.least {
				t.Errorf("%d entries down to %s, want %d down to %s", len(story), lightest, test.want, test.least)
			}
			last := story[len(story)-1]
			if !story[0].Necessary || last.Text != trace[test.lines-1].Text {
				t.Errorf("from %q to %q", story[0].Text, last.Text)
			}
			if leftOut != test.lines-len(story) {
				t.Errorf("%d of %d lines left out", leftOut, test.lines)
			}
		})
	}
}

// TestManyMisfortunes has more misfortunes than fit, and none is known to be needed: those near the end stay.
func TestManyMisfortunes(t *testing.T) {
	var trace []run.Line
	for i := range 2 * linesMost {
		trace = append(trace, run.Line{Actor: "worker-1", Fault: "network.delay", Text: fmt.Sprintf("fault %d", i)})
	}
	trace = append(trace, lineAbout("R1", run.Turning, "app-1", "ends"))
	story, _ := tellStory(trace, violation, nil)
	if len(story) != linesMost {
		t.Fatalf("%d entries, want %d:\n%s", len(story), linesMost, inLines(story))
	}
	for i, e := range story {
		if want := trace[len(trace)-linesMost+i].Text; e.Text != want {
			t.Fatalf("entry %d is %q, want %q", i+1, e.Text, want)
		}
	}
}

// A claimedTwice world regards it as a violation that a review is claimed twice.
type claimedTwice struct{ *world.Deployment }

func (w claimedTwice) Run(spec run.Spec) run.Result {
	claims := map[string]int{}
	trace := spec.Trace
	var twice run.Line
	spec.Trace = func(line run.Line) {
		if strings.Contains(line.Text, "store: claim of") {
			if claims[line.Part]++; claims[line.Part] == 2 {
				twice = line
			}
		}
		if trace != nil {
			trace(line)
		}
	}
	outcome := w.Deployment.Run(spec)
	if twice.Subject != "" && outcome.Violation == nil {
		outcome.Verdict = run.Violated
		outcome.Violation = &run.Violation{
			Property: "claimed-once", Subject: twice.Subject, Subjects: []string{twice.Subject}, Cause: "claimed twice",
			Message: fmt.Sprintf("review %s was claimed twice", twice.Subject),
		}
	}
	return outcome
}

// TestMinimisedStory shows real runs: each fits on a screen, begins with the submission, and marks every fault.
func TestMinimisedStory(t *testing.T) {
	w := world.New()
	defer w.Close()
	seen := 0
	for seed := uint64(1); seen < 5; seed++ {
		spec := run.Spec{Seed: seed, Profile: "default"}
		if seed > 500 {
			t.Fatal("too few runs claim a review twice")
		}
		if (claimedTwice{w}).Run(spec).Verdict != run.Violated {
			continue
		}
		seen++
		f, err := Explain(t.Context(), claimedTwice{w}, spec, Options{Minimise: true})
		if err != nil {
			t.Fatal(err)
		}
		submissions, claims, necessary := 0, 0, map[string]bool{}
		for _, e := range f.Story {
			if strings.Contains(e.Text, "store: submit of "+f.Violation.Subject) {
				submissions++
			}
			if strings.Contains(e.Text, "store: claim of "+f.Violation.Subject+"/") {
				claims += e.Count
			}
			if e.Fault != e.Necessary {
				t.Errorf("seed %d: %s %s: fault: %v, necessary: %v", seed, e.Actor, e.Text, e.Fault, e.Necessary)
			}
			if e.Necessary {
				necessary[e.Text] = true
			}
		}
		if len(f.Story) > linesMost || submissions != 1 || claims != 2 || len(necessary) < len(f.Necessary) {
			t.Errorf("seed %d: %d entries with %d submissions, %d claims and %d faults, of which %d are necessary",
				seed, len(f.Story), submissions, claims, len(necessary), len(f.Necessary))
		}
	}
}
