package kernel_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/sim/kernel"
)

var pointWanted = kernel.NewPoint("wanted")

// TestInverses overrides a decision with the value for a result, and compares the decision with that result.
func TestInverses(t *testing.T) {
	k := kernel.New()
	defer k.Close()
	deciding := func(t *rapid.T, value uint64) *kernel.Actor {
		k.Reset(kernel.Config{Seed: rapid.Uint64().Draw(t, "seed"), Overrides: []kernel.Override{
			{Key: kernel.Key{Actor: "a", Operation: "wanted"}, Value: value},
		}})
		return k.Actor("a")
	}
	t.Run("pick", rapid.MakeCheck(func(t *rapid.T) {
		n := rapid.IntRange(1, 1<<40).Draw(t, "n")
		i := rapid.IntRange(0, n-1).Draw(t, "i")
		value := kernel.PickValue(i, n)
		if got := k.Pick(deciding(t, value), pointWanted, n); got != i {
			t.Errorf("PickValue(%d, %d) = %#x makes Pick decide on %d", i, n, value, got)
		}
		if value > 0 {
			if got := k.Pick(deciding(t, value-1), pointWanted, n); got != i-1 {
				t.Errorf("PickValue(%d, %d) = %#x is not the least: one less decides on %d", i, n, value, got)
			}
		}
	}))
	t.Run("chance", rapid.MakeCheck(func(t *rapid.T) {
		happens := rapid.Bool().Draw(t, "happens")
		probability := rapid.Float64Range(0.000_001, 0.999_999).Draw(t, "probability")
		if got := k.Chance(deciding(t, kernel.ChanceValue(happens)), pointWanted, probability); got != happens {
			t.Errorf("ChanceValue(%v) makes Chance(%v) decide on %v", happens, probability, got)
		}
	}))
	t.Run("between", rapid.MakeCheck(func(t *rapid.T) {
		microseconds := rapid.Int64Range(0, int64(10*365*24*time.Hour/time.Microsecond))
		low := time.Duration(microseconds.Draw(t, "low")) * time.Microsecond
		span := low + time.Duration(microseconds.Draw(t, "span"))*time.Microsecond
		high := span + time.Duration(microseconds.Draw(t, "rest"))*time.Microsecond
		value := kernel.BetweenValue(span, low, high)
		if got := k.Between(deciding(t, value), pointWanted, low, high); got != span {
			t.Errorf("BetweenValue(%s, %s, %s) = %#x makes Between decide on %s", span, low, high, value, got)
		}
	}))
}

func TestValuesOfWhatCannotBe(t *testing.T) {
	for name, ask := range map[string]func(){
		"alternative below 0":   func() { kernel.PickValue(-1, 3) },
		"alternative n":         func() { kernel.PickValue(3, 3) },
		"no alternatives":       func() { kernel.PickValue(0, 0) },
		"span below low":        func() { kernel.BetweenValue(1, 2, 3) },
		"span above high":       func() { kernel.BetweenValue(4, 2, 3) },
		"low and high reversed": func() { kernel.BetweenValue(2, 3, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			ask()
		})
	}
}
