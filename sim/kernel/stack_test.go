package kernel_test

import (
	"context"
	"errors"
	"path"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/kernel"
)

// The stack of a panic has only the functions of the simulated code, from the panic on. A panic while another one
// unwinds the stack does not hide the first one.
func TestStackOfAPanic(t *testing.T) {
	for name, test := range map[string]struct {
		task func(context.Context)
		want []string
	}{
		"by a task":                   {func(context.Context) { fails() }, []string{"kernel_test.fails", "kernel_test.TestStackOfAPanic.func1"}},
		"by the runtime":              {func(context.Context) { quotient = divides(0) }, []string{"kernel_test.divides", "kernel_test.TestStackOfAPanic.func2"}},
		"while another one is raised": {func(context.Context) { defer fails(); quotient = divides(0) }, []string{"kernel_test.divides", "kernel_test.TestStackOfAPanic.func3"}},
		"by the kernel, called wrongly": {
			func(context.Context) { runsInsideRun() }, []string{"kernel_test.runsInsideRun", "kernel_test.TestStackOfAPanic.func4"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			k := kernel.New()
			defer k.Close()
			k.NewProcess("p").Go("task", test.task)
			var panicked *kernel.PanicError
			if err := k.Run(time.Second); !errors.As(err, &panicked) {
				t.Fatalf("the run ended with %v", err)
			}
			if len(panicked.Stack) != len(test.want) {
				t.Fatalf("stack %v, want %v", panicked.Stack, test.want)
			}
			for i, frame := range panicked.Stack {
				if path.Base(frame.Function) != test.want[i] || path.Base(frame.File) != "stack_test.go" || frame.Line == 0 {
					t.Errorf("frame %d is %s (%s:%d), want %s", i, frame.Function, frame.File, frame.Line, test.want[i])
				}
			}
		})
	}
}

// An error that the kernel itself reports has no stack.
func TestStackWithoutAPanic(t *testing.T) {
	k := kernel.New()
	defer k.Close()
	p := k.NewProcess("p")
	p.Go("task", func(context.Context) { p.NewMutex().Lock() })
	var panicked *kernel.PanicError
	if err := k.Run(time.Second); !errors.As(err, &panicked) || panicked.Stack != nil {
		t.Errorf("the run ended with %v", err)
	}
}

func fails() { panic("boom") }

// quotient keeps what divides returns.
var quotient int

func divides(by int) int { return 1 / by }

// runsInsideRun continues a run from one of its own events.
func runsInsideRun() {
	k := kernel.New()
	defer k.Close()
	k.After(0, kernel.NewPoint("test"), func() { _ = k.Run(time.Second) })
	if err := k.Run(time.Second); err != nil {
		panic(err)
	}
}
