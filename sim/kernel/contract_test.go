package kernel_test

import (
	"context"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/kernel"
)

var _ engine.Runtime = (*kernel.Process)(nil)

// onProcess runs main in a process until no event is left.
func onProcess(seed uint64) enginetest.RuntimeRunner {
	return func(t *testing.T, main func(ctx context.Context, rt engine.Runtime)) {
		k := kernel.New()
		defer k.Close()
		k.Reset(kernel.Config{Seed: seed})
		p := k.NewProcess("process")
		k.Spawn(p, "main", func(ctx context.Context) { main(ctx, p) })
		if err := k.Run(1_000 * time.Hour); err != nil {
			t.Error(err)
		}
		if !k.Idle() {
			t.Error("events are left after 1000 hours")
		}
	}
}

// A process keeps the contract of a runtime in every order that a seed draws.
func TestProcessIsARuntime(t *testing.T) {
	for seed := range uint64(20) {
		enginetest.TestRuntime(t, onProcess(seed))
	}
}
