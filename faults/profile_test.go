package faults

import (
	"errors"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// testDraw is a fixed pseudo-random function of seed, kind and decision: FNV-1a over the names, then the finaliser of
// SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
func testDraw(seed uint64) func(Kind, Decision) uint64 {
	return func(k Kind, d Decision) uint64 {
		x := uint64(14695981039346656037)
		for _, name := range []string{k.String(), "/", string(d)} {
			for i := range len(name) {
				x = (x ^ uint64(name[i])) * 1099511628211
			}
		}
		x += seed * 0x9e3779b97f4a7c15
		x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
		x = (x ^ x>>27) * 0x94d049bb133111eb
		return x ^ x>>31
	}
}

func named(t testing.TB, name string) Profile {
	t.Helper()
	p, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProfiles(t *testing.T) {
	want := []string{"calm", "default", "storm", "http",
		"process", "network", "database", "journal", "worker", "callback", "agent", "preparation", "clock"}
	profiles := Profiles()
	if len(profiles) != len(want) {
		t.Fatalf("%d profiles, want %d", len(profiles), len(want))
	}
	for i, p := range profiles {
		if p.Name != want[i] || p.Sentence == "" {
			t.Errorf("profile %d is %q: %q, want %s", i, p.Name, p.Sentence, want[i])
		}
		if got := named(t, p.Name); got != p {
			t.Errorf("%s is not found by its name", p.Name)
		}
	}
}

func TestUnknownProfile(t *testing.T) {
	_, err := Named("hurricane")
	var unknown *UnknownProfileError
	if !errors.As(err, &unknown) || unknown.Name != "hurricane" || len(unknown.Allowed) != len(Profiles()) {
		t.Fatalf("got %#v", err)
	}
	const want = `unknown fault profile "hurricane": allowed are calm, default, storm, http, ` +
		`process, network, database, journal, worker, callback, agent, preparation, clock`
	if err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

// TestSwarm looks at the subsets that 1000 seeds get: their size, and that each kind takes part and stays away.
func TestSwarm(t *testing.T) {
	const seeds = 1000
	for _, p := range Profiles() {
		t.Run(p.Name, func(t *testing.T) {
			var enabled [Count]int
			var total, lowestSize, highestSize int
			lowestSize = Count
			for seed := range uint64(seeds) {
				m := p.Draw(testDraw(seed))
				kinds := m.Enabled()
				total += len(kinds)
				lowestSize, highestSize = min(lowestSize, len(kinds)), max(highestSize, len(kinds))
				for _, k := range kinds {
					enabled[k]++
					if r := p.Intensities[k].Rates; m.Rate(k) < r.Low || m.Rate(k) > r.High {
						t.Fatalf("seed %d: %s at %v, outside of %v", seed, k, m.Rate(k), r)
					}
				}
			}
			var expected, variance float64
			for k, n := range enabled {
				q := p.Intensities[k].Probability
				expected += q
				variance += q * (1 - q)
				// Six standard deviations: beyond, the draws are not what they claim to be.
				if deviation := math.Abs(float64(n) - q*seeds); deviation > 6*math.Sqrt(seeds*q*(1-q)) {
					t.Errorf("%s is enabled in %d of %d seeds, want about %.0f", Kind(k), n, seeds, q*seeds)
				}
				if category := string(Kind(k).Category()); q == 0 && (p.Name == "default" || p.Name == "storm" || p.Name == category) {
					t.Errorf("%s never has %s", p.Name, Kind(k))
				} else if q > 0 && (n == 0 || n == seeds) {
					t.Errorf("%s is enabled in %d of %d seeds", Kind(k), n, seeds)
				}
			}
			mean := float64(total) / seeds
			if math.Abs(mean-expected) > 6*math.Sqrt(variance/seeds) {
				t.Errorf("subsets have %.2f kinds on average, want about %.2f", mean, expected)
			}
			t.Logf("%.1f kinds on average, %d to %d", mean, lowestSize, highestSize)
		})
	}
}

func TestSwarmSizes(t *testing.T) {
	for _, test := range []struct {
		profile   string
		low, high float64 // of the mean subset's size, as a share of all kinds
	}{
		{"calm", 0, 0},
		{"default", 0.3, 0.37},
		{"storm", 0.63, 0.7},
	} {
		total := 0
		for seed := range uint64(1000) {
			m := named(t, test.profile).Draw(testDraw(seed))
			total += len(m.Enabled())
		}
		if share := float64(total) / 1000 / float64(Count); share < test.low || share > test.high {
			t.Errorf("%s enables %.2f of the kinds, want %v to %v", test.profile, share, test.low, test.high)
		}
	}
}

func TestCalmDrawsNothing(t *testing.T) {
	m := named(t, "calm").Draw(func(k Kind, d Decision) uint64 {
		t.Errorf("calm asked for %s of %s", d, k)
		return math.MaxUint64
	})
	if m != (Mix{}) {
		t.Errorf("calm is %s", m)
	}
}

func TestZeroDrawsAreCalm(t *testing.T) {
	certain := Profile{Name: "certain"}
	for k := range certain.Intensities {
		certain.Intensities[k] = Intensity{Probability: 1, Rates: Lookup(Kind(k)).Rates}
	}
	for _, p := range append(Profiles(), certain) {
		if m := p.Draw(func(Kind, Decision) uint64 { return 0 }); m != (Mix{}) {
			t.Errorf("%s with draws of 0 is %s", p.Name, m)
		}
	}
}

// TestOverrideSwitchesOffOneKind is what minimising relies on: a decision overridden with 0 changes nothing else.
func TestOverrideSwitchesOffOneKind(t *testing.T) {
	p, draw := named(t, "storm"), testDraw(7)
	full := p.Draw(draw)
	for _, off := range full.Enabled() {
		want := full
		if err := want.Set(off, 0); err != nil {
			t.Fatal(err)
		}
		got := p.Draw(func(k Kind, d Decision) uint64 {
			if k == off && d == Enable {
				return 0
			}
			return draw(k, d)
		})
		if got != want {
			t.Errorf("without %s: got %s, want %s", off, got, want)
		}
	}
}

func TestStormIsHeavierThanDefault(t *testing.T) {
	swarm, storm := named(t, "default"), named(t, "storm")
	for k := range Kind(Count) {
		s, d := storm.Intensities[k], swarm.Intensities[k]
		if s.Probability <= d.Probability || s.Rates.Low <= d.Rates.Low || s.Rates.High != d.Rates.High {
			t.Errorf("%s: storm %v, default %v", k, s, d)
		}
	}
}

func TestRatesAreLogUniform(t *testing.T) {
	r := Range{Low: 0.001, High: 0.1}
	var below int
	const draws = 10_000
	draw := testDraw(1)
	for i := range draws {
		if r.logUniform(draw(0, Decision(rune(i)))) < 0.01 { // the geometric mean
			below++
		}
	}
	if below < draws*47/100 || below > draws*53/100 {
		t.Errorf("%d of %d rates are below the geometric mean", below, draws)
	}
}

func TestRateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := Range{Low: rapid.Float64Range(1e-9, 1).Draw(t, "low")}
		r.High = rapid.Float64Range(r.Low, 1).Draw(t, "high")
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		gentle, heavy := r.logUniform(min(a, b)), r.logUniform(max(a, b))
		if gentle > heavy {
			t.Fatalf("the higher draw gives the lower rate: %v, %v", gentle, heavy)
		}
		if gentle < r.Low || heavy > r.High {
			t.Fatalf("%v, %v are outside of %v", gentle, heavy, r)
		}
	})
	for k := range Kind(Count) {
		if r := Lookup(k).Rates; r.logUniform(0) != r.Low {
			t.Errorf("%s: draw 0 gives %v, want %v", k, r.logUniform(0), r.Low)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, name := range []string{"calm", "default", "storm"} {
		b.Run(name, func(b *testing.B) {
			p := named(b, name)
			seed := uint64(0)
			// Cheap bits, so that the figure is the package's own.
			draw := func(k Kind, _ Decision) uint64 { return (seed ^ uint64(k)) * 0x9e3779b97f4a7c15 }
			b.ReportAllocs()
			for b.Loop() {
				seed++
				m := p.Draw(draw)
				_ = m
			}
		})
	}
}
