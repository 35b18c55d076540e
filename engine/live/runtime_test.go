package live_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/engine/live"
)

// inBubble runs main on a live runtime whose clock is a synctest bubble's.
func inBubble(t *testing.T, main func(ctx context.Context, rt engine.Runtime)) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		rt := live.New(t.Context())
		rt.Go("main", func(ctx context.Context) { main(ctx, rt) })
		if err := rt.Wait(t.Context()); err != nil {
			t.Error(err)
		}
		rt.Stop()
	})
}

func TestRuntime(t *testing.T) { enginetest.TestRuntime(t, inBubble) }

// A task that is asked to stop, and an orderly end.
func ExampleRuntime() {
	rt := live.New(context.Background())
	done := rt.NewSignal()
	rt.Go("cycle", func(ctx context.Context) {
		fmt.Println("cycle")
		done.Notify()
		<-ctx.Done()
		fmt.Println("stopped")
	})
	_ = done.Wait(context.Background())
	rt.Stop()
	fmt.Println(rt.Wait(context.Background()))
	// Output:
	// cycle
	// stopped
	// <nil>
}

func TestStopEndsTasks(t *testing.T) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		rt := live.New(t.Context())
		signal := rt.NewSignal()
		var slept, waited, late error
		rt.Go("sleeper", func(ctx context.Context) { slept = rt.Sleep(ctx, time.Hour) })
		rt.Go("waiter", func(ctx context.Context) { waited = signal.Wait(ctx) })
		synctest.Wait()
		rt.Stop()
		rt.Go("late", func(ctx context.Context) { late = ctx.Err() })
		if err := rt.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{"sleeper": slept, "waiter": waited, "late": late} {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s ended with %v, want %v", name, err, context.Canceled)
			}
		}
	})
}

func TestWaitNamesWhatIsLeft(t *testing.T) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		rt := live.New(t.Context())
		release := rt.NewSignal()
		if err := rt.Wait(t.Context()); err != nil {
			t.Errorf("Wait without tasks: %v", err)
		}
		for _, name := range []string{"renew", "flush", "renew"} {
			rt.Go(name, func(context.Context) { _ = release.Wait(context.Background()) })
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := rt.Wait(short)
		const want = "live: still running: flush, renew (2): context deadline exceeded"
		if err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want %s", err, want)
		}
		for range 3 {
			release.Notify()
			synctest.Wait()
		}
		if err := rt.Wait(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
