package live_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onceover/onceover/engine/live"
)

// left returns the error of a wait that is short.
func left(t *testing.T, rt *live.Runtime) string {
	t.Helper()
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := rt.Wait(short); err != nil {
		return err.Error()
	}
	return "nothing"
}

// TestTasksThatHaveEndedAreForgotten ends tasks one by one: those that are left are named, and no others.
func TestTasksThatHaveEndedAreForgotten(t *testing.T) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		rt := live.New(t.Context())
		end := map[string]chan struct{}{"flush": make(chan struct{}), "renew": make(chan struct{})}
		for _, name := range []string{"renew", "flush", "renew"} {
			rt.Go(name, func(context.Context) { <-end[name] })
		}
		for _, step := range []struct{ ends, want string }{
			{"renew", "live: still running: flush, renew: context deadline exceeded"},
			{"flush", "live: still running: renew: context deadline exceeded"},
			{"renew", "nothing"},
		} {
			end[step.ends] <- struct{}{}
			synctest.Wait()
			if got := left(t, rt); got != step.want {
				t.Errorf("after the end of %s: %s, want %s", step.ends, got, step.want)
			}
		}
	})
}

// TestWaitsEndTogether waits twice at the same time, and again after more tasks.
func TestWaitsEndTogether(t *testing.T) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		rt := live.New(t.Context())
		for range 2 {
			end := make(chan struct{})
			rt.Go("task", func(context.Context) { <-end })
			waited := make(chan error, 3)
			for range cap(waited) {
				go func() {
					limited, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					waited <- rt.Wait(limited)
				}()
			}
			synctest.Wait()
			close(end)
			for range cap(waited) {
				if err := <-waited; err != nil {
					t.Error(err)
				}
			}
		}
	})
}

// TestATaskThatIsCutShortHasNotEnded leaves a task in its middle, as a panic does: nobody may take that for its end,
// since what it was changing is half changed.
func TestATaskThatIsCutShortHasNotEnded(t *testing.T) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		rt := live.New(t.Context())
		rt.Go("half", func(context.Context) { runtime.Goexit() })
		synctest.Wait()
		if got, want := left(t, rt), "live: still running: half: context deadline exceeded"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// TestEndedWaitLeavesTheNotification waits under a context that has ended, for a signal that was notified.
func TestEndedWaitLeavesTheNotification(t *testing.T) {
	live.Bound(t)
	rt := live.New(t.Context())
	signal := rt.NewSignal()
	ended, end := context.WithCancel(t.Context())
	end()
	for range 64 { // what a select would take is a matter of chance
		signal.Notify()
		if err := signal.Wait(ended); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		if err := signal.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}
