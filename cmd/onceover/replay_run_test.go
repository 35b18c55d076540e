package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

func TestReplayEnd(t *testing.T) {
	pass := run.Result{Seed: 7, Steps: 1234, Virtual: 90 * time.Second, Hash: 255, Faults: run.NewCounts(run.NewNames("a"), 1)}
	unknown := pass
	unknown.Verdict, unknown.Unknown = run.Unknown, "linearizable: gave up"
	failing := violated(7, "second session")
	failing.Hash = 255
	failing.Overrides = 1
	line := func(step uint64, text string) *run.Line {
		return &run.Line{Step: step, At: time.Duration(step) * time.Second, Actor: "app-1", Text: text, Fault: strings.Repeat("f", int(step%2))}
	}
	for _, test := range []struct {
		name string
		end  replayEnd
		want string
	}{
		{"a pass", replayEnd{recorded: &run.Replay{}, result: pass, store: "1 run as on the model"}, `
1,234 steps in 1.5 minutes of virtual time, 1 fault
store: 1 run as on the model
<green>verdict: pass</green>
trace_hash 00000000000000ff
`},
		{"unknown, and the same many times", replayEnd{recorded: &run.Replay{}, result: unknown, times: 1000}, `
1,234 steps in 1.5 minutes of virtual time, 1 fault
ran 1,000 times, in fresh worlds and used ones, and always the same way
<yellow>verdict: unknown: linearizable: gave up</yellow>
trace_hash 00000000000000ff
`},
		{"a violation that is still there", replayEnd{
			recorded: &run.Replay{Signature: "runs-once: second session", TraceHash: 255, Overrides: make([]kernel.Override, 2)}, result: failing,
		}, `
0 steps in 0 ms of virtual time, 0 faults
1 of 2 overrides met a decision
<b>R1 ran twice</b>
<red>verdict: violated: runs-once</red>
  "` + propertySentence("runs-once") + `"
  at 1 h 12 min, signature: runs-once: second session
recorded: the violation of the replay file is still there
trace_hash 00000000000000ff
`},
		{"another violation, of another version", replayEnd{
			recorded: &run.Replay{Signature: "no-stuck: the claim was lost", TraceHash: 1, EngineVersion: "v0.1.0"}, result: failing,
		}, `
0 steps in 0 ms of virtual time, 0 faults
<b>R1 ran twice</b>
<red>verdict: violated: runs-once</red>
  "` + propertySentence("runs-once") + `"
  at 1 h 12 min, signature: runs-once: second session
recorded: with another engine: onceover v0.1.0, and this is ` + run.EngineVersion() + `
recorded: another violation than that of the replay file: no-stuck: the claim was lost
recorded: the run is not the same any more: trace_hash was 0000000000000001 with onceover v0.1.0, this is ` + run.EngineVersion() + `
trace_hash 00000000000000ff
`},
		{"a violation that is gone", replayEnd{recorded: &run.Replay{Signature: "no-stuck: the claim was lost", TraceHash: 1}, result: pass}, `
1,234 steps in 1.5 minutes of virtual time, 1 fault
<green>verdict: pass</green>
recorded: the violation of the replay file is gone: no-stuck: the claim was lost
recorded: the run is not the same any more: trace_hash was 0000000000000001 with onceover an unknown version, this is ` + run.EngineVersion() + `
trace_hash 00000000000000ff
`},
		{"not deterministic", replayEnd{recorded: &run.Replay{}, result: pass, times: 2, mismatch: &campaign.Mismatch{
			Circumstances: "in a fresh world", Before: line(2, "claims R1"), Expected: line(3, "crashes"), First: pass, Other: run.Result{Hash: 1},
		}}, `
1,234 steps in 1.5 minutes of virtual time, 1 fault

<red>not deterministic: it ran differently in a fresh world</red>
  both       step 2    00:02.000  app-1  claims R1
  first run  step 3 !  00:03.000  app-1  crashes
  other run  (nothing more)
  trace_hash 00000000000000ff, and then 0000000000000001

<green>verdict: pass</green>
trace_hash 00000000000000ff
`},
		{"not deterministic, and nothing shows it", replayEnd{recorded: &run.Replay{}, result: pass, times: 2, mismatch: &campaign.Mismatch{
			Circumstances: "without a trace", First: pass, Other: pass,
		}}, `
1,234 steps in 1.5 minutes of virtual time, 1 fault

<red>not deterministic: it ran differently without a trace</red>
  The traces read the same; what differs does not show in them.
  trace_hash 00000000000000ff, and then 00000000000000ff

<green>verdict: pass</green>
trace_hash 00000000000000ff
`},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.end.paint = tagged
			expectText(t, test.end.String(), test.want)
		})
	}
}

func TestPrintEvents(t *testing.T) {
	var out strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	print := printEvents(ctx, &out, tagged, func(line string, _ ...string) string { return line })
	print(run.Line{At: time.Second, Actor: "app-1", Text: "claims R1"})
	print(run.Line{At: 2 * time.Second, Actor: "a-long-name", Text: "crashes", Fault: "process.crash"})
	print(run.Line{At: 3 * time.Second, Actor: "app-1", Text: "starts"})
	cancel() // a slow terminal, and Ctrl-C
	print(run.Line{At: 4 * time.Second, Actor: "app-1", Text: "is never seen"})
	expectText(t, out.String(), `   00:01.000  app-1     claims R1
<yellow>!  00:02.000  a-long-name  crashes</yellow>
   00:03.000  app-1        starts
`)
}

func TestPointText(t *testing.T) {
	point := &explain.PointOfNoReturn{Complete: false}
	point.Calm.Branches, point.Calm.Jump, point.Stormy.Jump = 32, -1, -1
	got := pointText(point, 80, text.Unpainted)
	if !strings.HasPrefix(got, "\nHow many of 32 continuations fail in the same way") || !strings.HasSuffix(got, "\nEnded early: fewer moments were looked at.\n") {
		t.Errorf("shown as %q", got)
	}
	point.Complete = true
	if got := pointText(point, 80, text.Unpainted); strings.Contains(got, "Ended early") {
		t.Errorf("shown as %q", got)
	}
}
