package run

import (
	"io"
	"testing"
)

// plain is a world that can do nothing but run.
type plain struct{}

func (plain) Run(spec Spec) Result { return Result{Seed: spec.Seed} }
func (plain) Close()               {}

// speaking is a world that names its vocabulary and draws histories.
type speaking struct{ plain }

func (speaking) Vocabulary() *Vocabulary                  { return words }
func (speaking) VisualizeHistory(io.Writer, string) error { return nil }

// around is a world around another.
type around struct{ World }

func (a around) Unwrap() World { return a.World }

func TestWrappersAreLookedInto(t *testing.T) {
	for _, test := range []struct {
		name  string
		world World
		can   bool
	}{
		{"a plain world", plain{}, false},
		{"a world that can", speaking{}, true},
		{"a wrapped plain world", around{plain{}}, false},
		{"a world that can, wrapped twice", around{around{speaking{}}}, true},
		{"a wrapper of nothing", around{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if v := VocabularyOf(test.world); (v == words) != test.can {
				t.Errorf("vocabulary %+v", v)
			}
			if _, ok := HistorianOf(test.world); ok != test.can {
				t.Errorf("historian: %v, want %v", ok, test.can)
			}
		})
	}
}

// TestOnce turns a panic of the world into an error that names the seed.
func TestOnce(t *testing.T) {
	result, err := Once(plain{}, Spec{Seed: 7})
	if err != nil || result.Seed != 7 {
		t.Errorf("result %+v, error %v", result, err)
	}
	_, err = Once(around{}, Spec{Seed: 17, Profile: "storm"})
	broken, ok := err.(*BrokenError)
	if !ok || broken.Seed != 17 || broken.Profile != "storm" || len(broken.Stack) == 0 {
		t.Errorf("error %#v", err)
	}
}
