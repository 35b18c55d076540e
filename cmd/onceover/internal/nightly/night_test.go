package nightly

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// plannedWorld is a world without any simulation: a function returns the result of each run.
type plannedWorld func(run.Spec) run.Result

func (w plannedWorld) Run(spec run.Spec) run.Result {
	o := w(spec)
	o.Seed = spec.Seed
	return o
}
func (w plannedWorld) Close() {}

// violated is an outcome.
func violated(property, cause string, steps uint64) run.Result {
	return run.Result{
		Verdict: run.Violated, Steps: steps,
		Violation: &run.Violation{Property: property, Cause: cause, Message: "it happened, because of " + cause},
	}
}

// mixOf returns a mix from a text that is right.
func mixOf(t *testing.T, text string) Mix {
	t.Helper()
	mix, err := ParseMix(text)
	if err != nil {
		t.Fatal(err)
	}
	return mix
}

func TestNight(t *testing.T) {
	var parts, explained []string
	night := Night{
		Run: 17, Shard: Shard{2, 4}, Mix: mixOf(t, "default:3,storm"), Seeds: 42, Parallel: 2,
		NewWorld: func() run.World {
			return plannedWorld(func(spec run.Spec) run.Result {
				first := FirstSeed(17, Shard{2, 4}, spec.Profile)
				switch index := spec.Seed - first; {
				case spec.Profile == "default" && index == 3:
					return violated("linearizable", "no order", 10)
				case spec.Profile == "default" && index%8 == 5:
					return violated("runs-once", "two sessions", 10)
				case spec.Profile == "storm" && index == 2:
					return violated("runs-once", "two sessions", 9)
				case spec.Profile == "storm" && index == 4:
					return run.Result{Verdict: run.Unknown, Unknown: "linearizable: gave-up"}
				}
				return run.Result{Steps: 2}
			})
		},
		OnPart: func(p *Part) { parts = append(parts, p.Profile) },
		Explain: func(_ context.Context, f Failing) Explanation {
			explained = append(explained, f.Profile+" "+f.Result.Violation.Signature())
			return Explanation{Repeats: true, Files: Files{Replay: "it.json"}}
		},
	}
	r, err := night.Simulate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Run != 17 || r.Shard != (Shard{2, 4}) || r.Interrupted || len(r.Profiles) != 2 || !slices.Equal(parts, []string{"default", "storm"}) {
		t.Fatalf("the result is of something else: %+v, parts %v", r, parts)
	}
	byDefault, byStorm := r.Profiles[0], r.Profiles[1]
	if byDefault.Seeds != 31 || byStorm.Seeds != 11 {
		t.Errorf("%d and %d seeds, want 42 as 3 to 1, with one for each first", byDefault.Seeds, byStorm.Seeds)
	}
	if byDefault.FirstSeed != FirstSeed(17, Shard{2, 4}, "default") || byDefault.Violations != 5 || len(byDefault.Ways) != 2 {
		t.Errorf("profile default came to %+v", byDefault)
	}
	if way := byDefault.Ways[0]; way.Signature != "runs-once: two sessions" || way.Runs != 4 || way.Seed != byDefault.FirstSeed+5 {
		t.Errorf("runs-once failed as %+v", way)
	}
	if byStorm.Unknown != 1 || len(byStorm.GaveUp) != 1 || byStorm.GaveUp[0].Seed != byStorm.FirstSeed+4 {
		t.Errorf("profile storm came to %+v", byStorm)
	}
	// What a user would notice comes first, by the shortest run of all profiles.
	if want := []string{"storm runs-once: two sessions", "default linearizable: no order"}; !slices.Equal(explained, want) {
		t.Errorf("explained are %q, want %q", explained, want)
	}
	if len(r.Failures) != 2 || r.Failures[0].Profile != "storm" || r.Failures[0].Files.Replay != "it.json" || r.Failures[0].Cause() != "two sessions" {
		t.Errorf("failures are %+v", r.Failures)
	}
}

func TestNightEndsEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	night := Night{
		Run: 1, Shard: Whole, Mix: DefaultMix(), Time: 1000 * time.Hour, Parallel: 1,
		NewWorld: func() run.World {
			return plannedWorld(func(run.Spec) run.Result { cancel(); return run.Result{} })
		},
	}
	r, err := night.Simulate(ctx)
	if err != nil || !r.Interrupted || len(r.Profiles) != 1 || r.Profiles[0].Seeds != 1 {
		t.Errorf("result %+v, error %v; want one seed, and that the night was interrupted", r, err)
	}
	if verdict := (Left{Result: r}).Report().Verdict(); verdict != run.Unknown {
		t.Errorf("verdict %s, want unknown", verdict)
	}
}

func TestNightOfABrokenSimulator(t *testing.T) {
	night := Night{
		Run: 1, Shard: Whole, Mix: mixOf(t, "calm,storm"), Seeds: 10, Parallel: 1,
		NewWorld: func() run.World { return plannedWorld(func(run.Spec) run.Result { panic("made up") }) },
	}
	r, err := night.Simulate(t.Context())
	var broken *run.BrokenError
	if !errors.As(err, &broken) || r == nil || r.Broken == "" || len(r.Profiles) != 1 {
		t.Errorf("result %+v, error %v; want both, and that the simulator broke", r, err)
	}
}

func TestNightsThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		night   Night
		refused string
	}{
		"no profile":    {Night{Seeds: 1}, "without a profile"},
		"no limit":      {Night{Mix: DefaultMix()}, "has no end"},
		"too few seeds": {Night{Mix: DefaultMix(), Seeds: 10}, "10 seeds are too few for 13 profiles"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := test.night.Simulate(t.Context())
			expect(t, err, test.refused)
		})
	}
}

// However seeds are divided, none is lost, each profile has one, and one with more weight has no fewer.
func TestSeedsAreDivided(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		profiles := faults.Profiles()
		var mix Mix
		for i := range rapid.IntRange(1, len(profiles)).Draw(t, "profiles") {
			mix = append(mix, Share{profiles[i].Name, rapid.IntRange(1, WeightMax).Draw(t, "weight")})
		}
		all := rapid.Uint64Min(uint64(len(mix))).Draw(t, "seeds")
		var sum uint64
		parts := mix.seeds(all)
		for i, n := range parts {
			sum += n
			if n < 1 {
				t.Fatalf("profile %d has no seed: %v", i, parts)
			}
			if weight := float64(mix[i].Weight) / float64(mix.weight()); float64(n) > 2+1.000001*weight*float64(all) {
				t.Fatalf("profile %d has %d of %d seeds, by a share of %f", i, n, all, weight)
			}
		}
		if sum != all {
			t.Fatalf("%d seeds are divided into %v, which are %d", all, parts, sum)
		}
	})
}
