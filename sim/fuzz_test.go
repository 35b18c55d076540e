package sim_test

import (
	"testing"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/sim"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/world"
)

// FuzzSchedule searches for decisions that reach new code of the engine: go test ./sim -fuzz FuzzSchedule.
func FuzzSchedule(f *testing.F) {
	sim.Fuzz(f, sim.Config{})
}

// TestScheduleIsARun runs a schedule, and then its overrides without the schedule, and compares the runs.
func TestScheduleIsARun(t *testing.T) {
	w := world.New()
	defer w.Close()
	for _, test := range []struct {
		name     string
		schedule []byte
		seed     uint64
		made     int
	}{
		{"nothing", nil, 0, 0},
		{"half a seed", []byte{1, 2}, 0x201, 0},
		{"a seed", []byte{17, 0, 0, 0, 0, 0, 0, 0}, 17, 0},
		{"left to the seed", []byte{17, 0, 0, 0, 0, 0, 0, 0, 1, 127, 64}, 17, 0},
		{"three of four", []byte{17, 0, 0, 0, 0, 0, 0, 0, 0, 255, 64, 128}, 17, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := sim.NewSchedule(test.schedule)
			if s.Seed != test.seed {
				t.Errorf("seed %d, want %d", s.Seed, test.seed)
			}
			first := w.Run(run.Spec{Seed: s.Seed, Profile: "default", Tape: s.Decide})
			if len(s.Overrides()) != test.made {
				t.Errorf("made %d decisions, want %d: %v", len(s.Overrides()), test.made, s.Overrides())
			}
			again := w.Run(run.Spec{Seed: s.Seed, Profile: "default", Overrides: s.Overrides()})
			if first.Hash != again.Hash {
				t.Errorf("trace hash %x with the schedule, %x with its overrides", first.Hash, again.Hash)
			}
		})
	}
}

func TestScheduleValues(t *testing.T) {
	s := sim.NewSchedule([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 127, 128, 254, 255})
	for _, want := range []struct {
		value uint64
		ok    bool
	}{{0, true}, {0, false}, {0, false}, {128 << 56, true}, {254 << 56, true}, {1<<64 - 1, true}, {0, false}} {
		value, ok := s.Decide(kernel.Key{})
		if value != want.value || ok != want.ok {
			t.Errorf("got %#x, %v, want %#x, %v", value, ok, want.value, want.ok)
		}
	}
}
