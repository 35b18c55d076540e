package world

import (
	"context"
	"errors"
	"testing"

	"github.com/onceover/onceover/sim/kernel"
)

// TestPanicsCompareEqual: what a panic comes to says where it was, and nothing that differs between two runs.
func TestPanicsCompareEqual(t *testing.T) {
	message := func(before int) (cause, message string) {
		k := kernel.New()
		defer k.Close()
		p := k.NewProcess("app-1")
		for range before { // goroutines and addresses are others
			p.Go("idle", idle)
		}
		p.Go("task", broken)
		err := k.Run(1)
		var panicked *kernel.PanicError
		if !errors.As(err, &panicked) {
			t.Fatalf("the run ended with %v", err)
		}
		v := panicViolation(panicked, k.Now())
		return string(v.Cause), v.Message
	}
	cause, text := message(0)
	if cause != "panic/world.broken" {
		t.Errorf("cause %q", cause)
	}
	want := "kernel: task app-1/task panicked at 0s: runtime error: index out of range [3] with length 0\n\tworld.broken (violation_test.go:"
	if len(text) < len(want) || text[:len(want)] != want {
		t.Errorf("message %q, want it to begin with %q", text, want)
	}
	if _, other := message(5); other != text {
		t.Errorf("messages %q and %q differ", text, other)
	}
}

func idle(context.Context) {}

func broken(context.Context) {
	none := []int{}
	none[index()]++
}

func index() int { return 3 }
