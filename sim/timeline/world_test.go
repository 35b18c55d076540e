package timeline_test

import (
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/timeline"
	"github.com/onceover/onceover/sim/world"
)

// TestWatch looks at the timelines of whole runs: they do not change the run, spans follow one another and end, what is
// said of a review ends as the run ends, and messages are between actors that have a lane.
func TestWatch(t *testing.T) {
	w := world.NewWorld()
	defer w.Close()
	var outages, lost, events int
	bars := map[string]int{}
	for seed := uint64(1); seed <= 40; seed++ {
		spec := run.Spec{Seed: seed, Profile: "default"}
		watched := timeline.Watch(w, spec)
		if plain := w.Run(spec); plain.Hash != watched.Result.Hash {
			t.Errorf("seed %d: hash %s when watched, %s when not", seed, run.FormatHash(watched.Result.Hash), run.FormatHash(plain.Hash))
		}
		lanes := map[string]bool{}
		for _, actor := range watched.Actors {
			lanes[actor] = true
		}
		follows := func(what string, spans []timeline.Span) {
			last := time.Duration(0)
			for i, s := range spans {
				if s.From < last || s.To < s.From || s.To > watched.End || s.Open && (i != len(spans)-1 || s.To != watched.End) {
					t.Errorf("seed %d, %s: span %d of %d, %+v, after %s, in a run until %s", seed, what, i, len(spans), s, last, watched.End)
				}
				last = s.To
			}
		}
		for _, subject := range watched.Subjects {
			for _, track := range subject.Tracks {
				bars[track.Name] += len(track.Spans)
				byID := map[string][]timeline.Span{}
				for _, s := range track.Spans {
					byID[s.ID] = append(byID[s.ID], s)
					if s.Lane != "" && !lanes[s.Lane] {
						t.Errorf("seed %d: %s %s is about %q, which has no lane", seed, subject.Name, track.Name, s.Lane)
					}
					if s.Label == "" || s.Text == "" || s.Style == "" {
						t.Errorf("seed %d: %s %s: %+v", seed, subject.Name, track.Name, s)
					}
				}
				for _, spans := range byID {
					follows(subject.Name+" "+track.Name, spans)
				}
			}
		}
		follows("phases", watched.Phases)
		for _, life := range watched.Lives {
			outages += len(life.Outages)
			follows(life.Actor, life.Outages)
		}
		for _, m := range watched.Messages {
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
		for i := range watched.Lines {
			if lane := watched.Lines[i].DrawnIn(); lane != "" && !lanes[lane] {
				t.Errorf("seed %d: line %+v has no lane", seed, watched.Lines[i])
			}
		}
	}
	if outages == 0 || lost == 0 || events == 0 || len(bars) != len(run.VocabularyOf(w).Tracks) {
		t.Errorf("%d outages, %d lost messages, %d delivered events, bars %v: one of them never happens", outages, lost, events, bars)
	}
}
