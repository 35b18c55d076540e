package run

import (
	"errors"
	"testing"
)

// plain is a world without vocabulary and histories.
type plain struct{}

func (plain) Run(spec Spec) Result { return Result{Seed: spec.Seed} }
func (plain) Close()               {}

// describing is a world that has a vocabulary and records histories.
type describing struct{ plain }

func (describing) Vocabulary() *Vocabulary         { return words }
func (describing) History(string) (History, error) { return History{}, nil }

// wrapper is a world around another.
type wrapper struct{ World }

func (a wrapper) Unwrap() World { return a.World }

// TestWrappers looks for a vocabulary and a historian in wrapped worlds.
func TestWrappers(t *testing.T) {
	for _, test := range []struct {
		name  string
		world World
		found bool
	}{
		{"plain", plain{}, false},
		{"describing", describing{}, true},
		{"plain, wrapped", wrapper{plain{}}, false},
		{"describing, wrapped twice", wrapper{wrapper{describing{}}}, true},
		{"a wrapper of nil", wrapper{}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if v := VocabularyOf(test.world); (v == words) != test.found {
				t.Errorf("vocabulary %+v", v)
			}
			if _, ok := HistorianOf(test.world); ok != test.found {
				t.Errorf("historian: %v, want %v", ok, test.found)
			}
		})
	}
}

// TestOnce checks that a panic of the world becomes an error with the seed.
func TestOnce(t *testing.T) {
	result, err := Once(plain{}, Spec{Seed: 7})
	if err != nil || result.Seed != 7 {
		t.Errorf("result %+v, error %v", result, err)
	}
	_, err = Once(wrapper{}, Spec{Seed: 17, Profile: "storm"})
	var broken *BrokenError
	if !errors.As(err, &broken) || broken.Seed != 17 || broken.Profile != "storm" || len(broken.Stack) == 0 {
		t.Errorf("error %#v", err)
	}
}
