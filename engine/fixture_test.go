package engine_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/kernel"
)

var update = flag.Bool("update", false, "rewrite the golden traces under testdata")

var labelStory = kernel.NewPoint("story")

// The durations of calls. They differ, so that no two lines of a trace have the same time by design.
const (
	storeTakes    = 2 * time.Millisecond
	journalTakes  = 3 * time.Millisecond
	workerTakes   = 5 * time.Millisecond
	agentTakes    = 7 * time.Millisecond
	callbackTakes = 11 * time.Millisecond
)

// A fixture runs components of the engine against small fakes in virtual time. It traces their calls, one line per
// call.
type fixture struct {
	t       *testing.T
	kernel  *kernel.Kernel
	trace   strings.Builder
	store   *model.Reviews
	journal *model.Journal
	holds   map[engine.HostID]string // the latest answer; a hold with the same answer is not logged
	// inject, when not nil, returns the fault of a call of the journal.
	inject func(host string, op *model.JournalOp) fault
}

// A fault is what goes wrong with a call.
type fault int

const (
	none           fault = iota
	refused              // no effect, and the caller knows
	refusedForGood       // and it would be so each time
	lostRequest          // no effect, and the caller does not know
	lostAnswer           // the effect, and the caller does not know
)

func newFixture(t *testing.T) *fixture {
	f := &fixture{
		t: t, kernel: kernel.New(), store: model.NewReviews(), journal: model.NewJournal(),
		holds: make(map[engine.HostID]string),
	}
	f.kernel.Reset(kernel.Config{Seed: 1})
	t.Cleanup(f.kernel.Close)
	return f
}

// log adds a line to the trace, unless the process has crashed.
func (f *fixture) log(who, format string, arguments ...any) {
	if !f.kernel.Unwinding() {
		fmt.Fprintf(&f.trace, "%9.3f  %-4s %s\n", f.kernel.Now().Seconds(), who, fmt.Sprintf(format, arguments...))
	}
}

// at runs act at a moment of the story. It logs what happens, unless what is empty.
func (f *fixture) at(moment time.Duration, what string, act func()) {
	f.kernel.After(moment-f.kernel.Now(), labelStory, func() {
		if what != "" {
			f.log("", "* %s", what)
		}
		act()
	})
}

// call runs act as a task of a process, at a moment of the story.
func (f *fixture) call(moment time.Duration, p *kernel.Process, act func(ctx context.Context)) {
	f.at(moment, "", func() { f.kernel.Spawn(p, "call", act) })
}

// run lets time pass up to a moment of the story.
func (f *fixture) run(until time.Duration) {
	f.t.Helper()
	if err := f.kernel.Run(until); err != nil {
		f.t.Fatal(err)
	}
}

// golden compares the trace with a file under testdata.
func (f *fixture) golden(name string) {
	f.t.Helper()
	golden(f.t, name, f.trace.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the trace differs from %s; if the change is intended, run go test ./engine -update\n%s", path, got)
	}
}

// reviews returns the store, as a process reaches it.
func (f *fixture) reviews(p *kernel.Process) engine.ReviewStore {
	return model.NewReviewsPort(func(ctx context.Context, op *model.ReviewsOp, result *model.ReviewsResult) {
		if p.Sleep(ctx, storeTakes) != nil {
			result.Failed, result.Err = true, engine.Rejected
			return
		}
		f.store.Apply(op, result)
		if quiet := op.Kind == model.ReviewsSweep && result.String() == "done"; !quiet {
			f.log(p.Name(), "store.%s -> %s", withoutNow(op.String()), result)
		}
	})
}

// journals returns the journal, as a process reaches it.
func (f *fixture) journals(p *kernel.Process) engine.Journal {
	return model.NewJournalPort(func(ctx context.Context, op *model.JournalOp, result *model.JournalResult) {
		if p.Sleep(ctx, journalTakes) != nil {
			result.Failed, result.Err = true, engine.Rejected
			return
		}
		injected := none
		if f.inject != nil {
			injected = f.inject(p.Name(), op)
		}
		switch injected {
		case refused:
			result.Failed, result.Err = true, engine.Rejected
		case refusedForGood:
			result.Failed, result.Err = true, engine.Permanent
		case lostRequest:
			result.Failed = true
		case lostAnswer:
			f.journal.Apply(op, result)
			*result = model.JournalResult{Failure: model.FailureOf(engine.Ambiguous)}
		default:
			f.journal.Apply(op, result)
		}
		switch news := beatCount.ReplaceAllString(result.String(), ""); {
		case op.Kind == model.JournalRenewLease && news == "done":
			return
		case op.Kind == model.JournalHeld && (f.holds[op.Host] == news || f.holds[op.Host] == "" && news == "done"):
			return
		case op.Kind == model.JournalHeld:
			f.holds[op.Host] = news
		case op.Kind == model.JournalPurge && result.Purged == 0:
			return
		}
		f.log(p.Name(), "journal.%s -> %s", withoutNow(op.String()), result)
	})
}

// beatCount matches what changes from one hold to the next without being of interest.
var beatCount = regexp.MustCompile(` at beat \d+`)

// withoutNow removes the time of an operation, which the trace has at the left.
func withoutNow(op string) string {
	text, _, _ := strings.Cut(op, ", now ")
	return text
}

// answerText returns the answer to a call, as a trace shows it.
func answerText(answer fmt.Stringer, err error) string {
	if err != nil {
		return failureText(err)
	}
	return answer.String()
}

// failureText returns ok or the kind of an error.
func failureText(err error) string {
	if err == nil {
		return "ok"
	}
	return engine.KindOf(err).String()
}

// A reportText is a worker's report, as a trace shows it.
type reportText engine.WorkerReport

// String omits what is zero.
func (r reportText) String() string {
	text := fmt.Sprintf("%s %s", r.Key, r.Status)
	if r.Reason != "" {
		text += " (" + r.Reason + ")"
	}
	if r.Retryable {
		text += ", retryable"
	}
	if r.Events != 0 {
		text += fmt.Sprintf(", %d events, %d tokens", r.Events, r.Tokens)
	}
	return text
}

func keyOf(review string, attempt int) engine.AttemptKey {
	return engine.AttemptKey{Review: engine.ReviewID(review), Attempt: attempt}
}

// submission returns the first head of a pull request of its own.
func submission(review string) engine.Submission {
	return engine.Submission{
		Review: engine.ReviewID(review), Owner: "ann", Platform: "github", Repository: "ann/" + review,
		PullRequest: 1, HeadSHA: "sha-" + review, HeadOrder: 1,
	}
}
