package perfetto_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/inevitable"
	"github.com/onceover/onceover/sim/perfetto"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/timeline"
)

var update = flag.Bool("update", false, "write the golden file")

// small is a run of one dispatch, whose answer is lost while the worker is down.
func small() (*timeline.Timeline, *inevitable.Result) {
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	t := &timeline.Timeline{
		Actors: []string{"app-1", "worker-1"},
		Lines: []run.Line{
			{At: ms(0), Actor: "world", Text: "the storm phase begins", Class: run.Phase},
			{At: ms(1), Step: 4, Actor: "app-1", Text: `dispatches R1/1 under claim 1 "now"`, Subject: "R1", Part: "R1/1"},
			{At: ms(4), Step: 6, Actor: "worker-1", Text: "fault: process.crash (process)", Fault: "process.crash"},
		},
		Messages: []run.Message{
			{Number: 1, Step: 4, Sent: ms(1), Arrives: ms(3), From: "app-1", To: "worker-1", Name: "worker.start", Subject: "R1", Part: "R1/1"},
			{Number: 2, Of: 1, Step: 5, Sent: ms(4), Arrives: ms(6), From: "worker-1", To: "app-1", Name: "worker.start", Subject: "R1", Part: "R1/1", Answer: true},
			{Number: 3, Step: 5, Sent: ms(5), Arrives: ms(5), From: "app-1", To: "worker-1", Name: "worker.start", Subject: "R1", Part: "R1/1", Lost: true},
		},
		Words: &run.Vocabulary{Subject: "review"},
		Lives: []timeline.Life{{Actor: "worker-1", Outages: []timeline.Span{{From: ms(4), To: ms(9), Open: true, Label: "down"}}}},
		Subjects: []timeline.Subject{{Name: "R1", Group: "acme", Tracks: []timeline.Track{
			{Name: "status", Spans: []timeline.Span{
				{From: ms(0), To: ms(2), Label: "pending", Text: "attempt 1 is pending"},
				{From: ms(2), To: ms(9), Label: "queued, claim 1", Text: "attempt 1 is queued, claim 1"},
			}},
			{Name: "lease", Spans: []timeline.Span{
				{Lane: "worker-1", From: ms(3), To: ms(9), Label: "lease worker-1, epoch 1", Text: "attempt 1 is leased to worker-1.1 in epoch 1"},
			}},
			{Name: "session", Spans: []timeline.Span{{ID: "s1", From: ms(5), To: ms(9), Label: "session s1", Text: "attempt 1 is executed as session s1"}}},
		}}},
		End: ms(9),
	}
	curves := &inevitable.Result{Calm: inevitable.Curve{Future: inevitable.Calm, Branches: 4, Points: []inevitable.Point{{At: ms(2), Same: 1}, {At: ms(4), Same: 4}}}}
	return t, curves
}

func TestWriteGolden(t *testing.T) {
	var out bytes.Buffer
	run, curves := small()
	if err := perfetto.Write(&out, run, curves); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "small.json")
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != string(want) {
		t.Errorf("the trace differs from %s; go test ./sim/perfetto -update writes it anew:\n%s", path, out.String())
	}
}
