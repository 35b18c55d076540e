package certify

import (
	"strings"
	"testing"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// straying is a world on stores whose answers are the model's. From a step on it runs differently: it decides as another
// seed does.
type straying struct {
	*world.World
	from uint64
}

func (w straying) Run(spec run.Spec) run.Result {
	spec.Branch = run.Branch{After: w.from, Seed: 99}
	return w.World.Run(spec)
}

// TestAnotherRunIsFoundByItsTrace pins the message when the trace hashes differ, but no answer does.
func TestAnotherRunIsFoundByItsTrace(t *testing.T) {
	const from = 200
	tally := new(tally)
	w := &comparedWorld{real: straying{world.NewWorld(), from}, model: world.NewWorld(), tally: tally}
	defer w.Close()
	outcome := w.Run(run.Spec{Seed: 1, Profile: "default"})
	v := outcome.Violation
	if outcome.Verdict != run.Violated || v == nil || v.Signature() != world.StoreAsModel+": another run" || tally.equal.Load() != 0 {
		t.Fatalf("the run is %s: %+v; %d are equal", outcome.Verdict, v, tally.equal.Load())
	}
	lines := strings.Split(v.Message, "\n\t")
	if len(lines) != 4 || !strings.Contains(lines[0], "trace hash is "+run.FormatHash(outcome.Hash)) {
		t.Fatalf("want both hashes and three lines of traces, got %s", v.Message)
	}
	before, model, store := lines[1], lines[2], lines[3]
	for prefix, line := range map[string]string{"both before  step ": before, "on the model step ": model, "on the store step ": store} {
		if !strings.HasPrefix(line, prefix) {
			t.Errorf("%q does not begin with %q", line, prefix)
		}
	}
	if strings.TrimPrefix(model, "on the model ") == strings.TrimPrefix(store, "on the store ") {
		t.Errorf("the steps that differ are equal: %s", model)
	}
}
