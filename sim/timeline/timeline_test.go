package timeline_test

import (
	"testing"
	"time"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/timeline"
	"github.com/onceover/onceover/sim/world"
)

// TestWatch looks at the timelines of whole runs: they do not change the run, spans follow one another and end, what is
// said of a review ends as the run ends, and messages are between actors that have a lane.
func TestWatch(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	profile, err := faults.Named("default")
	if err != nil {
		t.Fatal(err)
	}
	var outages, leases, sessions, lost, events int
	for seed := uint64(1); seed <= 40; seed++ {
		spec := world.Spec{Seed: seed, Profile: profile}
		run := timeline.Watch(w, spec)
		if plain := w.Run(spec); plain.Hash != run.Outcome.Hash {
			t.Errorf("seed %d: hash %s when watched, %s when not", seed, world.FormatHash(run.Outcome.Hash), world.FormatHash(plain.Hash))
		}
		lanes := map[string]bool{}
		for _, actor := range run.Actors {
			lanes[actor] = true
		}
		follows := func(what string, spans []timeline.Span) {
			last := time.Duration(0)
			for i, s := range spans {
				if s.From < last || s.To < s.From || s.To > run.End || s.Open && (i != len(spans)-1 || s.To != run.End) {
					t.Errorf("seed %d, %s: span %d of %d, %+v, after %s, in a run until %s", seed, what, i, len(spans), s, last, run.End)
				}
				last = s.To
			}
		}
		for i := range run.Reviews {
			r := &run.Reviews[i]
			follows(string(r.ID)+" status", r.Statuses)
			follows(string(r.ID)+" lease", r.Leases)
			leases += len(r.Leases)
			sessions += len(r.Sessions)
			for _, s := range r.Leases {
				if !lanes[s.Lane] {
					t.Errorf("seed %d: %s is leased to %q, which has no lane", seed, r.ID, s.Lane)
				}
			}
		}
		follows("phases", run.Phases)
		outages += len(run.Outages)
		for _, m := range run.Messages {
			if !lanes[m.From] || !lanes[m.To] || m.Arrives < m.Sent {
				t.Errorf("seed %d: message %+v", seed, m)
			}
			if m.Lost {
				lost++
			}
			if m.Number >= 1<<63 {
				events++
			}
		}
		for i := range run.Lines {
			if lane := timeline.Lane(&run.Lines[i]); lane != "" && !lanes[lane] {
				t.Errorf("seed %d: line %+v has no lane", seed, run.Lines[i])
			}
		}
	}
	if outages == 0 || leases == 0 || sessions == 0 || lost == 0 || events == 0 {
		t.Errorf("%d outages, %d leases, %d sessions, %d lost messages, %d delivered events: one of them never happens",
			outages, leases, sessions, lost, events)
	}
}
