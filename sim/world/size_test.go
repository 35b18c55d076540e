package world

import (
	"errors"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/sim/run"
)

// TestSizeIsAsAskedFor builds deployments and looks at what they are made of.
func TestSizeIsAsAskedFor(t *testing.T) {
	w := New()
	defer w.Close()
	rapid.Check(t, func(t *rapid.T) {
		asked := Size{
			Apps:    rapid.IntRange(2, 3).Draw(t, "apps"),
			Hosts:   rapid.IntRange(2, 3).Draw(t, "hosts"),
			Limits:  rapid.SliceOfN(rapid.IntRange(1, 3), 1, 3).Draw(t, "limits"),
			Reviews: rapid.IntRange(3, 10).Draw(t, "reviews"),
			Burst:   rapid.Bool().Draw(t, "burst"),
			Storm:   time.Duration(rapid.IntRange(120, 720).Draw(t, "storm")) * time.Second,
		}
		overrides, err := asked.Overrides()
		if err != nil {
			t.Fatal(err)
		}
		outcome := w.Run(run.Spec{Seed: rapid.Uint64().Draw(t, "seed"), Profile: "default", Overrides: overrides})
		if outcome.Overrides != len(overrides) {
			t.Errorf("%d of %d overrides met a decision", outcome.Overrides, len(overrides))
		}
		var limits []int
		for _, owner := range w.plan.owners {
			limits = append(limits, owner.limit)
		}
		if len(w.apps) != asked.Apps || len(w.hosts) != asked.Hosts || len(w.plan.reviews) != asked.Reviews ||
			w.stormEnd != asked.Storm || !slices.Equal(limits, asked.Limits) {
			t.Errorf("asked for %+v, got %d apps, %d hosts, limits %v, %d reviews, a storm of %s",
				asked, len(w.apps), len(w.hosts), limits, len(w.plan.reviews), w.stormEnd)
		}
		if asked.Burst && slices.ContainsFunc(w.plan.reviews, func(r reviewPlan) bool {
			return r.submission.HeadOrder == 1 && r.at > 2*time.Second
		}) {
			t.Errorf("no burst: %v", w.plan.reviews)
		}
	})
}

func TestSizesThatCannotBe(t *testing.T) {
	good := Size{Apps: 2, Hosts: 2, Limits: []int{1}, Reviews: 3, Storm: 2 * time.Minute}
	for field, spoil := range map[string]func(*Size){
		"Apps":        func(d *Size) { d.Apps = 1 },
		"Hosts":       func(d *Size) { d.Hosts = 4 },
		"len(Limits)": func(d *Size) { d.Limits = nil },
		"Limits[1]":   func(d *Size) { d.Limits = []int{1, 4} },
		"Reviews":     func(d *Size) { d.Reviews = 11 },
		"Storm":       func(d *Size) { d.Storm = time.Hour },
	} {
		t.Run(field, func(t *testing.T) {
			d := good
			spoil(&d)
			_, err := d.Overrides()
			var wrong *SizeError
			if !errors.As(err, &wrong) || wrong.Field != field {
				t.Errorf("error %v, want one about %s", err, field)
			}
		})
	}
	if _, err := good.Overrides(); err != nil {
		t.Error(err)
	}
}
