package model_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

var update = flag.Bool("update", false, "write the golden traces under testdata anew")

// The life of a review as the store sees it, to be read from top to bottom.
func TestLifeOfAReview(t *testing.T) {
	store := model.NewReviews()
	var trace strings.Builder
	step := func(story string, ops ...model.ReviewsOp) {
		fmt.Fprintf(&trace, "# %s\n", story)
		for _, op := range ops {
			result := run(store, op)
			fmt.Fprintf(&trace, "%s\n    -> %s\n", &op, &result)
		}
	}
	step("The review of a pull request's first head is submitted, reserved and claimed.",
		submit("a", 0), model.Reserve("ann", 2, at(1)), claim("a", 0, 4))
	step("The dispatch is lost. The claim goes stale and is claimed again; the first claimant has lost it.",
		model.Sweep(engine.Search{Now: at(64), Max: 9, Limit: 20}), claim("a", 1, 65), model.Release(key("a", 1), 1, at(70), at(66)))
	step("The worker runs it, then its host is lost: the next attempt follows by itself.",
		withToken(report("a", 1, engine.Running, 67), 2), broken("a", 1, 80))
	step("The preparation of the second attempt fails once, then it is claimed and runs.",
		model.Defer(key("a", 2), 2, at(90), at(86)), claimAttempt("a", 2, 2, 91), report("a", 2, engine.Running, 92))
	step("The first attempt's callback arrives again, late.",
		broken("a", 1, 93))
	step("A newer head supersedes the review. Its session keeps the slot until it is known to be over.",
		model.Submit(head("a2", 2), at(94)), model.Reserve("ann", 1, at(94)), model.Stopped(key("a", 2), at(95)),
		model.Reserve("ann", 1, at(95)))
	step("What is superseded stays so. What the store remembers of it:",
		model.Retrigger(key("a", 2), at(96)), model.Attempts("a"))
	compareGolden(t, "review.txt", trace.String())
}

// The life of an attempt as the journal sees it.
func TestLifeOfAnAttempt(t *testing.T) {
	j := model.NewJournal()
	var trace strings.Builder
	step := func(story string, ops ...model.JournalOp) {
		fmt.Fprintf(&trace, "# %s\n", story)
		for _, op := range ops {
			result := record(j, op)
			fmt.Fprintf(&trace, "%s\n    -> %s\n", &op, &result)
		}
	}
	step("A start is accepted; its duplicate touches nothing.",
		create("a", 0), create("a", 1))
	step("The host intends to call the agent and journals the first events.",
		fenced(model.JournalRecordIntent, "a", 2), journal("a", 3, 1, 2))
	step("The host renews its lease, is then paused, and is seen to stand still.",
		hold("h1", 9), hold("h2", 9), held("h2"), hold("h2", 9), held("h2"))
	step("Another one takes over; the first finds its writes refused.",
		hold("h2", 9, beat("h1", 1)), held("h2"), journal("a", 61, 3), hold("h1", 9, beat("h2", 2)), held("h1"))
	step("The second resumes behind the last journaled event, and the session ends.",
		underEpoch(lastly(journal("a", 62, 2, 3, 4), engine.EventCompleted, ""), 2))
	step("A cancel comes too late. The app takes the callback, and the outbox is empty.",
		requestCancel("a", 63), underEpoch(fenced(model.JournalClearOutbox, "a", 64), 2))
	step("Events are read, and forgotten when their time is over. A late start is still refused.",
		events("a", 2, 9), purge(65, 9), events("a", 0, 9), create("a", 99))
	compareGolden(t, "attempt.txt", trace.String())
}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
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
		t.Errorf("the trace differs from %s; if that is meant, run go test ./checker/model -update\n%s", path, got)
	}
}
