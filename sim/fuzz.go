package sim

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
)

// Fuzz makes a fuzz target of a simulation. go test -fuzz changes the decisions of runs, and keeps the inputs that
// reach new code under simulation. An input is a [Schedule].
//
//	func FuzzSchedule(f *testing.F) { sim.Fuzz(f, sim.Config{}) }
//
// Fuzz minimises and explains a failure, and go test keeps its schedule under testdata/fuzz. The fields Seeds, From,
// Time and Directory of config are not used.
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
			t.Fatalf("seed %d is %s, which is not a pass: %s", s.Seed, result.Verdict, result.Unknown)
		}
	})
}

// A Schedule decides a run by bytes. The first eight bytes are the seed, little-endian; missing ones are 0. Each
// further byte is one decision, in the order of the run. 0 is the calm value and 255 the highest, with which a fault
// happens if it can. 1 to 127 leave the decision to the seed, and 128 to 254 are the eight highest bits of the value.
// After the last byte the seed decides.
type Schedule struct {
	Seed uint64

	decisions []byte
	made      []kernel.Override
}

// NewSchedule returns the schedule of some bytes. All bytes are valid.
func NewSchedule(schedule []byte) *Schedule {
	var seed [8]byte
	n := copy(seed[:], schedule)
	return &Schedule{Seed: binary.LittleEndian.Uint64(seed[:]), decisions: schedule[n:]}
}

// Decide takes the next byte and returns its decision, as the Tape of a [run.Spec].
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

// Overrides returns the decisions so far. With them, the seed gives the same run without the schedule.
func (s *Schedule) Overrides() []kernel.Override { return s.made }
