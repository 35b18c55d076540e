package counter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/counter"
)

// TestCounter is how such a test looks.
func TestCounter(t *testing.T) {
	sim.Check(t, sim.Config{NewWorld: func() sim.World { return counter.NewWorld(&counter.Counter{}) }})
}

func FuzzCounter(f *testing.F) {
	sim.Fuzz(f, sim.Config{NewWorld: func() sim.World { return counter.NewWorld(&counter.Counter{}) }})
}

// forgetful adds with every call, whatever its key.
type forgetful int

func (f *forgetful) Add(string)           { *f++ }
func (f *forgetful) Value() int           { return int(*f) }
func (f *forgetful) Empty() counter.Store { return new(forgetful) }

// A failing is a test that fails on purpose.
type failing struct {
	testing.TB
	said []string
}

func (f *failing) Errorf(format string, arguments ...any) {
	f.said = append(f.said, fmt.Sprintf(format, arguments...))
}

// TestCounterWithoutKeys shows what is told of a server that does not look at idempotency keys.
func TestCounterWithoutKeys(t *testing.T) {
	f := &failing{TB: t}
	sim.Check(f, sim.Config{
		NewWorld:  func() sim.World { return counter.NewWorld(new(forgetful)) },
		Directory: t.TempDir(),
	})
	said := strings.Join(f.said, "\n")
	t.Log(said)
	for _, part := range []string{
		"counts-once: value-differs",
		"!! ", "network   loses the answer to client-",
		"clients have added ", ", and the counter says ",
		"kept ", "go test -run '^TestCounterWithoutKeys$' -sim.seed=",
	} {
		if !strings.Contains(said, part) {
			t.Errorf("not told: %q", part)
		}
	}
}
