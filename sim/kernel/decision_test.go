package kernel

import (
	"encoding/json"
	"math/bits"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// draws returns the keys and values of all decisions of a busy run.
func draws(t *testing.T, config Config) map[Key]uint64 {
	t.Helper()
	k := New()
	defer k.Close()
	k.Reset(config)
	decisions := map[Key]uint64{}
	k.OnDecision = func(key Key, value uint64) {
		if _, ok := decisions[key]; ok {
			t.Errorf("%v was decided twice", key)
		}
		decisions[key] = value
	}
	busy(k)
	if err := k.Run(time.Second); err != nil {
		t.Fatal(err)
	}
	return decisions
}

func TestOverrideKeepsOtherDecisions(t *testing.T) {
	key := Key{Actor: "process-0", Operation: "test.span", Occurrence: 3}
	plain := draws(t, Config{Seed: 5})
	overridden := draws(t, Config{Seed: 5, Overrides: []Override{{Key: key, Value: 0}}})
	if overridden[key] != 0 || plain[key] == 0 {
		t.Errorf("%v: %d, overridden %d", key, plain[key], overridden[key])
	}
	common := 0
	for other, value := range overridden {
		if original, ok := plain[other]; ok && other != key {
			common++
			if value != original {
				t.Errorf("%v changed from %d to %d", other, original, value)
			}
		}
	}
	if common < 100 {
		t.Errorf("only %d decisions in common", common)
	}
}

func TestDecisionsDoNotDependOnEachOther(t *testing.T) {
	k := New()
	values := func(prepare func()) []uint64 {
		k.Reset(Config{Seed: 9})
		prepare()
		a := k.Actor("a")
		return []uint64{k.Draw(a, pointTestPick), k.Draw(a, pointTestPick), k.Draw(a, pointTestSpan)}
	}
	want := values(func() {})
	got := values(func() {
		for range 10 {
			k.Draw(k.Actor("b"), pointTestPick)
			k.Draw(k.Actor("a"), pointTestNote)
		}
	})
	if !slices.Equal(got, want) {
		t.Errorf("values %x, want %x", got, want)
	}
	if a := k.Actor("a"); a != k.Actor("a") || NewPoint("test.pick") != pointTestPick {
		t.Error("one name gives two actors or two points")
	}
}

func TestOverridesAndTape(t *testing.T) {
	k := New()
	key := func(n uint32) Key { return Key{Actor: "a", Operation: "test.pick", Occurrence: n} }
	k.Reset(Config{
		Overrides: []Override{{key(0), 1}, {key(1), 2}, {key(99), 3}},
		Tape:      func(asked Key) (uint64, bool) { return 7, asked.Occurrence < 3 },
	})
	a := k.Actor("a")
	got := []uint64{k.Draw(a, pointTestPick), k.Draw(a, pointTestPick), k.Draw(a, pointTestPick)}
	if want := []uint64{1, 2, 7}; !slices.Equal(got, want) {
		t.Errorf("values %d, want %d", got, want)
	}
	if k.Draw(a, pointTestPick) == 7 {
		t.Error("the tape decided although it returned false")
	}
	if k.OverridesApplied() != 2 {
		t.Errorf("%d overrides applied, want 2", k.OverridesApplied())
	}
	text, err := json.Marshal(Override{key(4), 1 << 63})
	if want := `{"actor":"a","operation":"test.pick","occurrence":4,"value":9223372036854775808}`; err != nil ||
		string(text) != want {
		t.Errorf("JSON %s, want %s; error %v", text, want, err)
	}
}

// TestMeaningOfValues checks the extreme values: 0 is calm, the highest is the other end.
func TestMeaningOfValues(t *testing.T) {
	latency := Latency{Min: time.Millisecond, Median: 10 * time.Millisecond, Max: time.Second}
	for _, test := range []struct {
		name    string
		value   uint64
		chance  bool
		pick    int
		between time.Duration
		latency time.Duration
	}{
		{"calm", 0, false, 0, 2 * time.Millisecond, time.Millisecond},
		{"middle", 1 << 63, true, 5, 3 * time.Millisecond, 10 * time.Millisecond},
		{"highest", 1<<64 - 1, true, 9, 4 * time.Millisecond, time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := New()
			k.Reset(Config{Tape: func(Key) (uint64, bool) { return test.value, true }})
			a := k.Actor("a")
			if got := k.Chance(a, pointTestPick, 0.5); got != test.chance {
				t.Errorf("Chance(0.5): %v", got)
			}
			if k.Chance(a, pointTestPick, 0) {
				t.Error("Chance(0) happened")
			}
			if got := k.Chance(a, pointTestPick, 1); got != (test.value != 0) {
				t.Errorf("Chance(1): %v", got)
			}
			if got := k.Pick(a, pointTestPick, 10); got != test.pick {
				t.Errorf("Pick: %d, want %d", got, test.pick)
			}
			if got := k.Between(a, pointTestPick, 2*time.Millisecond, 4*time.Millisecond); got != test.between {
				t.Errorf("Between: %v, want %v", got, test.between)
			}
			if got := k.Between(a, pointTestPick, time.Second, 0); got != time.Second {
				t.Errorf("Between with high below low: %v", got)
			}
			if got := k.Latency(a, pointTestPick, latency); got < test.latency-time.Microsecond ||
				got > test.latency+time.Microsecond {
				t.Errorf("Latency: %v, want %v", got, test.latency)
			}
		})
	}
}

// TestDrawsAreUniform checks the bits of draws and the documented probabilities, with a fixed seed.
func TestDrawsAreUniform(t *testing.T) {
	k := New()
	a := k.Actor("a")
	const n = 100_000
	ones, chances, aboveMedian, farAbove := 0, 0, 0, 0
	var picks [4]int
	for range n {
		ones += bits.OnesCount64(k.Draw(a, pointTestNote))
		if k.Chance(a, pointTestPick, 0.1) {
			chances++
		}
		picks[k.Pick(a, pointTestSpan, 4)]++
		l := k.Latency(a, pointTestEvent, Latency{Min: time.Millisecond, Median: 10 * time.Millisecond, Max: time.Hour})
		if l > 10*time.Millisecond {
			aboveMedian++
		}
		if l >= 100*time.Millisecond {
			farAbove++
		}
	}
	for _, share := range []struct {
		name      string
		got, want float64
	}{
		{"ones", float64(ones) / n / 64, 0.5},
		{"chance of 0.1", float64(chances) / n, 0.1},
		{"first pick", float64(picks[0]) / n, 0.25},
		{"last pick", float64(picks[3]) / n, 0.25},
		{"latency above the median", float64(aboveMedian) / n, 0.5},
		{"latency above ten times the median", float64(farAbove) / n, 0.005},
	} {
		if share.got < share.want-0.006 || share.got > share.want+0.006 {
			t.Errorf("%s: %.4f, want %.4f", share.name, share.got, share.want)
		}
	}
}

func TestValuesStayInRange(t *testing.T) {
	k := New()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Uint64().Draw(t, "value")
		k.Reset(Config{Tape: func(Key) (uint64, bool) { return value, true }})
		a := k.Actor("a")
		n := rapid.IntRange(1, 1<<62).Draw(t, "n")
		if got := k.Pick(a, pointTestPick, n); got < 0 || got >= n {
			t.Fatalf("Pick(%d): %d", n, got)
		}
		low := time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "low")) * time.Microsecond
		high := low + time.Duration(rapid.Int64Range(0, 1e12).Draw(t, "width"))*time.Microsecond
		if got := k.Between(a, pointTestPick, low, high); got < low || got > high {
			t.Fatalf("Between(%v, %v): %v", low, high, got)
		}
		median := low + (high-low)/3
		if got := k.Latency(a, pointTestPick, Latency{low, median, high}); got < low || got > high+time.Microsecond {
			t.Fatalf("Latency(%v, %v, %v): %v", low, median, high, got)
		}
	})
}
