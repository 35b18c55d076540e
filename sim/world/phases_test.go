package world

import (
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// heavy is a profile of single kinds, at their highest rates.
func heavy(kinds ...faults.Kind) faults.Profile {
	p := faults.Profile{Name: "heavy"}
	for _, kind := range kinds {
		rates := faults.Lookup(kind).Rates
		p.Intensities[kind] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: rates.High, High: rates.High}}
	}
	return p
}

// TestHealingBringsEverythingUp looks at the deployment when the quiet phase begins: whatever the storm has done, every
// process is up and running, no cut lasts, and nothing is planned against anybody.
func TestHealingBringsEverythingUp(t *testing.T) {
	w := New()
	defer w.Close()
	for _, test := range []struct {
		name    string
		profile faults.Profile
	}{
		{"crash", heavy(faults.ProcessCrash, faults.ProcessCrashLoop)},
		{"pause", heavy(faults.ProcessPause)},
		{"slow", heavy(faults.ProcessSlow)},
		{"partition", heavy(faults.NetworkPartition)},
		{"failover", heavy(faults.DatabaseFailover)},
		{"all of them", heavy(faults.ProcessCrash, faults.ProcessCrashLoop, faults.ProcessPause, faults.ProcessSlow,
			faults.ProcessOldConfig, faults.NetworkPartition, faults.DatabaseFailover)},
	} {
		t.Run(test.name, func(t *testing.T) {
			quiet, gone := 0, 0
			for seed := range uint64(300) {
				ailing, healed := false, false
				outcome := w.Run(run.Spec{Seed: seed, Profile: w.Use(test.profile), Trace: func(line run.Line) {
					switch line.Text {
					case "no more faults strike, and what is broken is mended":
						healed = true
					case "faults may strike from now on": // storms come back in some seeds
						healed = false
					case "all is mended, and everything has to finish now":
						quiet++
						for _, n := range append(append([]*node(nil), w.apps...), w.hosts...) {
							switch {
							case n.gone:
								gone++
							case !n.process.Alive():
								// A graceful shutdown may still be coming to its end.
								ailing = !n.closing
							case n.process.Paused(), n.cut.until > line.At, n.oneWay.until > line.At, n.stalled.until > line.At, n.crashPoint != pointNone, n.loops != 0:
								ailing = true
							}
							if ailing {
								t.Errorf("seed %d: %s is not well: alive %v, paused %v, cut off until %s, crashes at point %d",
									seed, n.name, n.process.Alive(), n.process.Paused(), n.cut.until, n.crashPoint)
							}
						}
						if w.database.down > line.At || w.database.failing {
							t.Errorf("seed %d: the database is down", seed)
						}
					case "is paused", "crashes: its memory is gone":
						if healed {
							t.Errorf("seed %d: %s %s after the storm", seed, line.Actor, line.Text)
						}
					}
				}})
				if outcome.Verdict != run.Pass {
					t.Fatalf("seed %d is %s: %v", seed, outcome.Verdict, outcome.Violation)
				}
			}
			if gone == 0 {
				t.Error("no process was ever taken down for good")
			}
			if quiet < 50 {
				t.Errorf("only %d runs came to the quiet phase", quiet)
			}
		})
	}
}

// TestSlowProcessesRecover measures preparations, which take 3 to 5 s on a healthy machine.
func TestSlowProcessesRecover(t *testing.T) {
	w := New()
	defer w.Close()
	slowest := map[bool]time.Duration{} // by whether the storm is over
	for seed := range uint64(200) {
		healed := false
		began := map[string]time.Duration{}
		w.Run(run.Spec{Seed: seed, Profile: w.Use(heavy(faults.ProcessSlow)), Trace: func(line run.Line) {
			var key string
			switch {
			case line.Text == "no more faults strike, and what is broken is mended":
				healed = true
				clear(began) // what began slowly ends slowly
			case len(line.Text) > 9 && line.Text[:9] == "prepares ":
				began[line.Actor+line.Text[9:]] = line.At
			case len(line.Text) > 13 && line.Text[:13] == "has prepared ":
				key = line.Actor + line.Text[13:]
			}
			if at, ok := began[key]; ok {
				slowest[healed] = max(slowest[healed], line.At-at)
				delete(began, key)
			}
		}})
	}
	if slowest[false] < 10*time.Second {
		t.Errorf("in the storm no preparation took longer than %s", slowest[false])
	}
	if slowest[true] == 0 || slowest[true] > 5*time.Second {
		t.Errorf("after the storm a preparation took %s", slowest[true])
	}
}

// TestQuietBound derives the bound by hand for a few deployments.
func TestQuietBound(t *testing.T) {
	const (
		minute = time.Minute
		// One attempt, at the worst: a claim of an old configuration goes stale and is swept (11 min), the review is
		// prepared, claimed and dispatched (1 min 20 s), the longest lease runs out and is looked for (3 min 20 s), the
		// session hangs (20 min), both sides back off (1 and 5 min), and the app asks about the silence (15 min). Besides,
		// the agent does not know the session yet (1 min), or any more (6 min), and asks to be left alone twice (15 min
		// each), and so does the worker (5 min).
		attempt = 11*minute + 80*time.Second + 200*time.Second + 20*minute + 1*minute + 5*minute + 15*minute +
			1*minute + 6*minute + 2*15*minute + 5*minute
		// A review has two retries.
		review = 3 * attempt
	)
	for _, test := range []struct {
		name    string
		reviews int
		faults  []faults.Kind
		change  func(*engine.AppConfig, *engine.WorkerConfig)
		want    time.Duration
	}{
		{"one review", 1, nil, nil, review},
		{"each review adds its attempts", 10, nil, nil, 10 * review},
		{"faults that end with the storm add nothing", 1, []faults.Kind{faults.ProcessCrash, faults.NetworkDelay}, nil, review},
		{"a clock that is behind", 2, []faults.Kind{faults.ClockSkew}, nil, 2 * (review + 3*engine.MaxAhead)},
		{"a clock that has jumped", 2, []faults.Kind{faults.ClockJump}, nil, 2 * (review + 3*engine.MaxAhead)},
		{"a pause that began slowly", 1, []faults.Kind{faults.ProcessSlow}, nil, review + 20*2*minute},
		{"a longer stream limit", 3, nil, func(_ *engine.AppConfig, c *engine.WorkerConfig) { c.StreamLimit += minute }, 3 * (review + 3*minute)},
		{"more retries", 1, nil, func(a *engine.AppConfig, _ *engine.WorkerConfig) { a.MaxRetries = 5 }, 6 * attempt},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := New()
			defer w.Close()
			w.appConfig = engine.AppConfig{}.WithDefaults()
			w.workerConfig = engine.WorkerConfig{AgentVersion: "agent-7"}.WithDefaults()
			if test.change != nil {
				test.change(&w.appConfig, &w.workerConfig)
			}
			w.plan.reviews = make([]reviewPlan, test.reviews)
			for _, kind := range test.faults {
				if err := w.mix.Set(kind, 0.1); err != nil {
					t.Fatal(err)
				}
			}
			if got := w.quietBound(); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// TestRunsEndWhenNothingIsLeft compares how long runs last with how long they might.
func TestRunsEndWhenNothingIsLeft(t *testing.T) {
	// Sessions that last for many minutes outlast most storms by themselves.
	noneSlow := []kernel.Override{{Key: kernel.Key{Actor: kernel.AnyActor, Operation: opSlowSession.String(), Occurrence: kernel.Every}}}
	w := New()
	defer w.Close()
	for _, name := range []string{"calm", "default", "storm"} {
		t.Run(name, func(t *testing.T) {
			inStorm := 0
			for seed := range uint64(200) {
				outcome := w.Run(run.Spec{Seed: seed, Profile: name, Overrides: noneSlow})
				if outcome.Verdict != run.Pass {
					t.Fatalf("seed %d is %s: %v", seed, outcome.Verdict, outcome.Violation)
				}
				if what := w.unfinished(); what != "" || w.clientsLeft != 0 || w.anyPaused() {
					t.Errorf("seed %d ends with %s unfinished, %d clients, anybody paused: %v", seed, what, w.clientsLeft, w.anyPaused())
				}
				if latest := w.stormEnd + healFor + w.quietBound(); outcome.Virtual >= latest {
					t.Errorf("seed %d lasts until its last moment, %s", seed, latest)
				}
				if outcome.Virtual < w.lastArrival {
					t.Errorf("seed %d ends at %s, though something arrives at %s", seed, outcome.Virtual, w.lastArrival)
				}
				if outcome.Virtual < w.stormEnd {
					inStorm++
				}
			}
			if name == "calm" && inStorm < 100 {
				t.Errorf("only %d of 200 calm runs end before the storm would", inStorm)
			}
		})
	}
}
