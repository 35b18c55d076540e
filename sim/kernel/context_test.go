package kernel

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// contexts makes the contexts of a scenario: those of the standard library, or those of the kernel.
type contexts struct {
	withCancel  func(context.Context) (context.Context, context.CancelFunc)
	withTimeout func(context.Context, time.Duration) (context.Context, context.CancelFunc)
	sleep       func(time.Duration)
}

type contextTestKey string

// scenarios report their observations as text, which must be the same with both kinds of contexts.
var scenarios = map[string]func(c contexts, see func(name string, ctx context.Context)){
	"cancel reaches descendants only": func(c contexts, see func(string, context.Context)) {
		parent, cancelParent := c.withCancel(context.Background())
		child, cancelChild := c.withCancel(parent)
		grandchild, cancelGrandchild := c.withCancel(child)
		sibling, cancelSibling := c.withCancel(parent)
		defer cancelGrandchild()
		defer cancelSibling()
		cancelChild()
		cancelChild()
		see("parent", parent)
		see("child", child)
		see("grandchild", grandchild)
		see("sibling", sibling)
		cancelParent()
		see("sibling", sibling)
	},
	"deadlines": func(c contexts, see func(string, context.Context)) {
		short, cancelShort := c.withTimeout(context.Background(), time.Second)
		long, cancelLong := c.withTimeout(short, time.Hour)
		shorter, cancelShorter := c.withTimeout(short, time.Millisecond)
		defer cancelShort()
		defer cancelLong()
		see("long in short", long)
		c.sleep(time.Millisecond)
		see("shorter", shorter)
		cancelShorter()
		see("shorter", shorter)
		c.sleep(time.Second)
		see("short", short)
		see("long in short", long)
	},
	"children of the cancelled": func(c contexts, see func(string, context.Context)) {
		parent, cancel := c.withCancel(context.Background())
		cancel()
		child, cancelChild := c.withTimeout(parent, time.Second)
		defer cancelChild()
		see("child", child)
	},
	"no time at all": func(c contexts, see func(string, context.Context)) {
		for _, d := range []time.Duration{0, -time.Second} {
			ctx, cancel := c.withTimeout(context.Background(), d)
			see("none", ctx)
			cancel()
		}
	},
	"values": func(c contexts, see func(string, context.Context)) {
		outer := context.WithValue(context.Background(), contextTestKey("outer"), "seen")
		parent, cancel := c.withCancel(outer)
		inner := context.WithValue(parent, contextTestKey("inner"), "seen")
		child, cancelChild := c.withTimeout(inner, time.Second)
		defer cancelChild()
		see("child", child)
		cancel()
		see("child", child)
		see("value", inner)
	},
	"children of the standard library": func(c contexts, see func(string, context.Context)) {
		parent, cancel := c.withTimeout(context.Background(), time.Second)
		defer cancel()
		child, cancelChild := context.WithCancel(parent)
		defer cancelChild()
		other, cancelOther := context.WithCancel(parent)
		cancelOther()
		detached := context.WithoutCancel(parent)
		see("child", child)
		see("other", other)
		c.sleep(time.Second)
		see("child", child)
		see("other", other)
		see("detached", detached)
	},
}

// describeContext returns the visible state of a context.
func describeContext(name string, ctx context.Context, start time.Time) string {
	text := name + ": " + errorText(ctx.Err()) + ", cause " + errorText(context.Cause(ctx))
	if deadline, ok := ctx.Deadline(); ok {
		text += ", deadline " + deadline.Sub(start).String()
	}
	if done := ctx.Done(); done != nil {
		select {
		case <-done:
			text += ", done"
		default:
			text += ", open"
		}
	}
	for _, key := range []contextTestKey{"outer", "inner", "other"} {
		if value := ctx.Value(key); value != nil {
			text += ", " + string(key) + " " + value.(string)
		}
	}
	return text
}

func TestContextsBehaveLikeTheStandardLibrarys(t *testing.T) {
	for name, play := range scenarios {
		t.Run(name, func(t *testing.T) {
			var want, got []string
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				play(contexts{
					withCancel:  context.WithCancel,
					withTimeout: context.WithTimeout,
					sleep:       func(d time.Duration) { time.Sleep(d); synctest.Wait() },
				}, func(name string, ctx context.Context) { want = append(want, describeContext(name, ctx, start)) })
			})
			k := New()
			defer k.Close()
			p := k.NewProcess("p")
			goroutines := runtime.NumGoroutine()
			p.Go("scenario", func(ctx context.Context) {
				play(contexts{
					withCancel:  p.WithCancel,
					withTimeout: p.WithTimeout,
					sleep: func(d time.Duration) {
						// Deadlines at the same moment come before or after this, as drawn: let them pass.
						_ = p.Sleep(ctx, d)
						_ = p.Sleep(ctx, time.Microsecond)
					},
				}, func(name string, ctx context.Context) { got = append(got, describeContext(name, ctx, StartTime)) })
			})
			if err := k.Run(2 * time.Hour); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n%q, want\n%q", got, want)
			}
			if now := runtime.NumGoroutine(); now > goroutines+1 {
				t.Errorf("%d goroutines, %d before", now, goroutines)
			}
			if !k.Idle() {
				t.Error("a timer is still pending")
			}
		})
	}
}

// TestBlockingCallsWatchTheirContext checks every blocking call with a context that ends first, in every way.
func TestBlockingCallsWatchTheirContext(t *testing.T) {
	k := New()
	defer k.Close()
	for _, call := range []string{"Sleep", "Signal.Wait", "Completion.Wait"} {
		for _, end := range []string{"cancelled by a task", "cancelled by an event", "deadline", "cancelled before",
			"cancelled behind a value"} {
			t.Run(call+" "+end, func(t *testing.T) {
				k.Reset(Config{})
				p := k.NewProcess("p")
				var err error
				p.Go("blocked", func(ctx context.Context) {
					want := context.Canceled
					ctx, cancel := p.WithCancel(ctx)
					at := time.Second
					switch end {
					case "cancelled by a task":
						p.Go("canceller", func(ctx context.Context) { _ = p.Sleep(ctx, time.Second); cancel() })
					case "cancelled by an event":
						k.After(time.Second, pointTestEvent, cancel)
					case "deadline":
						ctx, cancel = p.WithTimeout(ctx, time.Second)
						defer cancel()
						want = context.DeadlineExceeded
					case "cancelled before":
						cancel()
						at = 0
					case "cancelled behind a value":
						k.After(time.Second, pointTestEvent, cancel)
						ctx = context.WithValue(ctx, contextTestKey("key"), "value")
					}
					switch call {
					case "Sleep":
						err = p.Sleep(ctx, time.Hour)
					case "Signal.Wait":
						err = p.NewSignal().Wait(ctx)
					case "Completion.Wait":
						var never Completion
						never.Reset(k)
						err = never.Wait(ctx)
						if never.waiter != nil {
							t.Error("still waiting")
						}
					}
					if !errors.Is(err, want) || k.Now() != at {
						t.Errorf("%v at %v, want %v at %v", err, k.Now(), want, at)
					}
				})
				if err := k.Run(2 * time.Hour); err != nil {
					t.Fatal(err)
				}
				if err == nil || !k.Idle() {
					t.Errorf("error %v, idle %v", err, k.Idle())
				}
			})
		}
	}
}

func TestAfterFunc(t *testing.T) {
	k := New()
	p := k.NewProcess("p")
	ctx, cancel := p.WithCancel(context.Background())
	c := ctx.(*simulatedContext)
	var order []string
	c.AfterFunc(func() { order = append(order, "first") })
	stop := c.AfterFunc(func() { order = append(order, "stopped") })
	stopLast := c.AfterFunc(func() { order = append(order, "last") })
	if !stop() || stop() {
		t.Error("stop: it must report true once")
	}
	cancel()
	if stopLast() {
		t.Error("stop after the function has run reports true")
	}
	c.AfterFunc(func() { order = append(order, "at once") })
	if want := []string{"first", "last", "at once"}; !slices.Equal(order, want) {
		t.Errorf("called %q, want %q", order, want)
	}
}

// TestContextOfAnEarlierRun checks that a cancel function of an earlier run does not cancel a context of the next run.
func TestContextOfAnEarlierRun(t *testing.T) {
	k := New()
	_, cancelOld := k.NewProcess("p").WithCancel(context.Background())
	k.Reset(Config{})
	ctx, cancel := k.NewProcess("p").WithCancel(context.Background())
	defer cancel()
	cancelOld()
	if ctx.Err() != nil {
		t.Errorf("cancelled by the earlier run: %v", ctx.Err())
	}
}
