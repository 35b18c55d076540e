package counter_test

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/counter"
)

// TestCounter is a typical test of a world.
func TestCounter(t *testing.T) {
	sim.Check(t, sim.Config{NewWorld: func() sim.World { return counter.NewWorld(&counter.Counter{}) }})
}

func FuzzCounter(f *testing.F) {
	sim.Fuzz(f, sim.Config{NewWorld: func() sim.World { return counter.NewWorld(&counter.Counter{}) }})
}

// forgetful adds one with every call and ignores the key.
type forgetful int

func (f *forgetful) Add(string)           { *f++ }
func (f *forgetful) Value() int           { return int(*f) }
func (f *forgetful) Empty() counter.Store { return new(forgetful) }

// A probe is a test that records its errors.
type probe struct {
	testing.TB
	errors []string
}

func (p *probe) Errorf(format string, arguments ...any) {
	p.errors = append(p.errors, fmt.Sprintf(format, arguments...))
}

// TestCounterWithoutKeys checks the report about a server that ignores idempotency keys.
func TestCounterWithoutKeys(t *testing.T) {
	p := &probe{TB: t}
	sim.Check(p, sim.Config{
		NewWorld:  func() sim.World { return counter.NewWorld(new(forgetful)) },
		Directory: t.TempDir(),
	})
	report := strings.Join(p.errors, "\n")
	t.Log(report)
	for _, part := range []string{
		"counts-once: value-differs",
		"!! ", "network   loses the answer to client-",
		"The counter is ", ", and clients have added ",
		"kept ", "go test -run '^TestCounterWithoutKeys$' -sim.seed=",
	} {
		if !strings.Contains(report, part) {
			t.Errorf("missing: %q", part)
		}
	}
}

// TestLinksKernelAndRunOnly: a system of one's own links the kernel and sim/run, how times are written, and nothing else
// of this module or of others.
func TestLinksKernelAndRunOnly(t *testing.T) {
	output, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const module = "github.com/onceover/onceover"
	want := []string{module + "/checker/times", module + "/sim/kernel", module + "/sim/run", module + "/sim/counter"}
	if got := strings.Fields(string(output)); !slices.Equal(got, want) {
		t.Errorf("the counter links %v, want %v", got, want)
	}
}
