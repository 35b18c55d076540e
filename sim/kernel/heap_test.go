package kernel

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHeapSorts compares the heap with a sorted slice, under drawn operations.
func TestHeapSorts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h heap
		var model []entry
		sequence := uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"push": func(t *rapid.T) {
				sequence++
				// Few times and few priorities, so that each part of the order decides sometimes.
				e := newEntry(rapid.Int64Range(0, 5).Draw(t, "at"), rapid.SampledFrom([]uint64{
					0, 1, 1 << 31, 1 << 60, 1<<60 | 1}).Draw(t, "priority"), sequence)
				h.push(e)
				at, _ := slices.BinarySearchFunc(model, e, compareEntries)
				model = slices.Insert(model, at, e)
			},
			"take": func(t *rapid.T) {
				e := h.minimum()
				if (e == nil) != (len(model) == 0) {
					t.Fatalf("minimum %v with %d entries", e, len(model))
				}
				if e == nil {
					return
				}
				if *e != model[0] {
					t.Fatalf("minimum %v, want %v", *e, model[0])
				}
				model = model[1:]
				h.take()
			},
			"keep": func(t *rapid.T) {
				odd := rapid.Uint64Range(0, 1).Draw(t, "odd")
				h.keep(func(e *entry) bool { return e.rest&1 == odd })
				model = slices.DeleteFunc(model, func(e entry) bool { return e.rest&1 != odd })
			},
			"": func(t *rapid.T) {
				places := len(h.entries)
				if h.hole {
					places--
				}
				if places != len(model) {
					t.Fatalf("%d entries, want %d", places, len(model))
				}
			},
		})
	})
}

func compareEntries(a, b entry) int {
	if a.before(&b) {
		return -1
	}
	return 1
}

// TestTimers compares scheduled, stopped and fired timers with a list of what is due.
func TestTimers(t *testing.T) {
	k := New()
	defer k.Close()
	rapid.Check(t, func(t *rapid.T) {
		type pending struct {
			timer Timer
			at    time.Duration
			fired bool
			over  bool
		}
		k.Reset(Config{Seed: rapid.Uint64().Draw(t, "seed")})
		var all []*pending
		steps := uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"schedule": func(t *rapid.T) {
				after := time.Duration(rapid.IntRange(0, 20).Draw(t, "milliseconds")) * time.Millisecond
				p := &pending{at: k.Now() + after}
				p.timer = k.After(after, pointTestEvent, func() {
					if p.over || p.fired || k.Now() != p.at {
						t.Fatalf("fired at %v: %+v", k.Now(), p)
					}
					p.fired = true
				})
				all = append(all, p)
			},
			"schedule and stop many": func(t *rapid.T) {
				for range 3 * compactAt {
					k.After(time.Millisecond, pointTestEvent, func() { t.Fatal("a stopped event fired") }).Stop()
				}
			},
			"stop": func(t *rapid.T) {
				if len(all) == 0 {
					return
				}
				p := all[rapid.IntRange(0, len(all)-1).Draw(t, "which")]
				if stopped := p.timer.Stop(); stopped != !p.over {
					t.Fatalf("Stop: %v of %+v", stopped, p)
				}
				p.over = true
			},
			"run": func(t *rapid.T) {
				until := k.Now() + time.Duration(rapid.IntRange(0, 10).Draw(t, "milliseconds"))*time.Millisecond
				if err := k.Run(until); err != nil {
					t.Fatal(err)
				}
				for _, p := range all {
					if !p.over && p.at <= until {
						if !p.fired {
							t.Fatalf("not fired by %v: %+v", until, p)
						}
						p.over = true
						steps++
					}
				}
			},
			"": func(t *rapid.T) {
				left := 0
				for _, p := range all {
					if p.timer.Pending() != !p.over {
						t.Fatalf("Pending: %v of %+v", p.timer.Pending(), p)
					}
					if !p.over {
						left++
					}
				}
				if k.queue.pending() != left || k.Idle() != (left == 0) || k.Steps() != steps {
					t.Fatalf("%d pending, want %d; %d steps, want %d", k.queue.pending(), left, k.Steps(), steps)
				}
			},
		})
	})
}

func TestTimerOfAnEarlierRun(t *testing.T) {
	k := New()
	old := k.After(time.Second, pointTestEvent, func() {})
	k.Reset(Config{})
	fired := false
	k.After(time.Second, pointTestEvent, func() { fired = true })
	if old.Stop() || old.Pending() {
		t.Error("a timer of an earlier run still has an effect")
	}
	if err := k.Run(time.Minute); err != nil || !fired {
		t.Errorf("fired: %v, error %v", fired, err)
	}
}

func TestRoundingUp(t *testing.T) {
	for _, test := range []struct{ given, want time.Duration }{
		{-1, 0}, {0, 0}, {1, time.Microsecond}, {time.Microsecond, time.Microsecond},
		{time.Microsecond + 1, 2 * time.Microsecond}, {1<<63 - 1, 1<<63 - 1},
	} {
		if got := duration(microseconds(test.given)); got != test.want {
			t.Errorf("%d ns: %v, want %v", test.given, got, test.want)
		}
	}
}
