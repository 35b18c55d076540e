package sim

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// Fuzz makes a fuzz target of a simulation: go test -fuzz changes the decisions of runs, and keeps what leads the code
// under simulation along new paths. What a schedule means stands at [Schedule].
//
//	func FuzzSchedule(f *testing.F) { sim.Fuzz(f, sim.Config{}) }
//
// A failure is minimised and explained, and go test keeps the schedule under testdata/fuzz. Of config Seeds, From, Time and
// Directory do not count.
func Fuzz(f *testing.F, config Config) {
	f.Helper()
	r, err := config.resolve(true)
	if err != nil {
		f.Fatalf("sim.Fuzz: %v", err)
	}
	for _, schedule := range []string{"", "\x01\x00\x00\x00\x00\x00\x00\x00", "\x11\x00\x00\x00\x00\x00\x00\x00\x00\xff\x40\xff\x00\x80"} {
		f.Add([]byte(schedule))
	}
	w := r.newWorld()
	f.Cleanup(func() { w.Close() })
	f.Fuzz(func(t *testing.T, schedule []byte) {
		s := NewSchedule(schedule)
		spec := r.spec(s.Seed)
		spec.Tape = s.Decide
		result, err := run.Once(w, spec)
		if err != nil {
			t.Fatal(err)
		}
		switch result.Verdict {
		case run.Pass:
		case run.Violated:
			spec.Tape, spec.Overrides = nil, s.Overrides()
			t.Fatal(explainIn(w, spec, result, explain.Options{Minimise: true}))
		default:
			t.Fatalf("seed %d is %s, which is no pass: %s", s.Seed, result.Verdict, result.Unknown)
		}
	})
}

// A Schedule makes decisions out of bytes. The first eight are the seed, little-endian, missing ones 0. Each byte after
// them is one decision, in the order in which the run asks: 0 is the calm one, 255 the wildest (a fault strikes if it
// can), 1 to 127 leave it to the seed, and 128 to 254 are its eight highest bits. When the bytes are used up, the seed
// decides all the rest.
type Schedule struct {
	Seed uint64

	decisions []byte
	made      []kernel.Override
}

// NewSchedule reads a schedule. Any bytes are one.
func NewSchedule(schedule []byte) *Schedule {
	var seed [8]byte
	n := copy(seed[:], schedule)
	return &Schedule{Seed: binary.LittleEndian.Uint64(seed[:]), decisions: schedule[n:]}
}

// Decide is the tape, for [run.Spec]: it takes the next byte.
func (s *Schedule) Decide(key kernel.Key) (value uint64, ok bool) {
	if len(s.decisions) == 0 {
		return 0, false
	}
	next := s.decisions[0]
	s.decisions = s.decisions[1:]
	switch {
	case next == 0:
	case next == math.MaxUint8:
		value = math.MaxUint64
	case next < 128:
		return 0, false
	default:
		value = uint64(next) << 56
	}
	s.made = append(s.made, kernel.Override{Key: key, Value: value})
	return value, true
}

// Overrides are the decisions that were made so far: without the schedule, but with them, the seed gives the same run.
func (s *Schedule) Overrides() []kernel.Override { return s.made }
