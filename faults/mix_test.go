package faults

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func mixOf(t testing.TB, rates map[Kind]float64) Mix {
	t.Helper()
	var m Mix
	for k, rate := range rates {
		if err := m.Set(k, rate); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func TestFires(t *testing.T) {
	for _, test := range []struct {
		name string
		rate float64
		draw uint64
		want bool
	}{
		{"off, highest draw", 0, math.MaxUint64, false},
		{"half, highest draw", 0.5, math.MaxUint64, true},
		{"half, lowest that fires", 0.5, 1 << 63, true},
		{"half, highest that does not", 0.5, 1<<63 - 1, false},
		{"quarter, lowest that fires", 0.25, 3 << 62, true},
		{"quarter, highest that does not", 0.25, 3<<62 - 1, false},
		{"always, lowest that fires", 1, 1, true},
		{"always, draw 0", 1, 0, false},
		{"least rate, highest draw", math.SmallestNonzeroFloat64, math.MaxUint64, true},
		{"least rate, next draw", math.SmallestNonzeroFloat64, math.MaxUint64 - 1, false},
		{"just below always, draw 0", math.Nextafter(1, 0), 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := mixOf(t, map[Kind]float64{NetworkDelay: test.rate})
			if got := m.Fires(NetworkDelay, test.draw); got != test.want {
				t.Errorf("rate %v, draw %#x: %t", test.rate, test.draw, got)
			}
			if m.Fires(NetworkReset, test.draw) {
				t.Error("another kind fires")
			}
		})
	}
}

func drawRate(t *rapid.T) float64 {
	return rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0, 1, 0.5, 1e-5, 1e-300})).Draw(t, "rate")
}

func TestFiresProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m, heavier Mix
		k := Kind(rapid.Uint8Range(0, uint8(Count-1)).Draw(t, "kind"))
		rate := drawRate(t)
		m.set(k, rate)
		heavier.set(k, rapid.Float64Range(rate, 1).Draw(t, "higher rate"))
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		if m.Fires(k, min(a, b)) && !m.Fires(k, max(a, b)) {
			t.Fatal("fires for a draw and not for a higher one")
		}
		if m.Fires(k, a) && !heavier.Fires(k, a) {
			t.Fatal("fires at a rate and not at a higher one")
		}
		if m.Fires(k, 0) {
			t.Fatal("fires for 0")
		}
		if m.Rate(k) != rate || m.Fires(k, math.MaxUint64) != (rate > 0) || (len(m.Enabled()) == 1) != (rate > 0) {
			t.Fatalf("rate %v: %s", rate, m)
		}
	})
}

func TestFrequencyIsNearTheRate(t *testing.T) {
	const draws = 200_000
	for _, rate := range []float64{0.002, 0.01, 0.1, 0.5, 0.9} {
		m := mixOf(t, map[Kind]float64{JournalSlow: rate})
		fired := 0
		for i := range uint64(draws) {
			if m.Fires(JournalSlow, testDraw(i)(JournalSlow, "write")) {
				fired++
			}
		}
		if math.Abs(float64(fired)-rate*draws) > 6*math.Sqrt(draws*rate*(1-rate)) {
			t.Errorf("rate %v fired %d times in %d", rate, fired, draws)
		}
	}
}

func TestSetErrors(t *testing.T) {
	for _, rate := range []float64{-0.1, 1.0001, math.NaN(), math.Inf(1), math.Inf(-1)} {
		m := mixOf(t, map[Kind]float64{NetworkDelay: 0.25})
		before := m
		var wrong *RateError
		if err := m.Set(NetworkDelay, rate); !errors.As(err, &wrong) || wrong.Kind != NetworkDelay {
			t.Errorf("rate %v: %v", rate, err)
		}
		if m != before {
			t.Errorf("rate %v changed the mix to %s", rate, m)
		}
	}
	m := mixOf(t, map[Kind]float64{NetworkDelay: math.Copysign(0, -1)})
	if m != (Mix{}) || m.String() != "calm" {
		t.Errorf("minus zero gives %s", m)
	}
}

func TestMixText(t *testing.T) {
	for _, test := range []struct {
		name string
		mix  Mix
		want string
	}{
		{"calm", Mix{}, "calm"},
		{"catalogue order", mixOf(t, map[Kind]float64{ClockJump: 1, NetworkDelay: 0.01, ProcessCrash: 0.3}),
			"process.crash 0.3, network.delay 0.01, clock.jump 1"},
		{"tiny", mixOf(t, map[Kind]float64{AgentLate: 1e-9}), "agent.late 1e-09"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.mix.String(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func BenchmarkFires(b *testing.B) {
	m := mixOf(b, map[Kind]float64{NetworkDelay: 0.01})
	draw, fired := uint64(1), 0
	for b.Loop() {
		draw *= 0x9e3779b97f4a7c15
		if m.Fires(NetworkDelay, draw) {
			fired++
		}
	}
	_ = fired
}
