package explain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A scripted world reports a few states.
type scripted []run.State

func (s scripted) Run(spec run.Spec) run.Result {
	for _, state := range s {
		spec.OnState(state)
	}
	return run.Result{Virtual: 10 * time.Second}
}

func (scripted) Close() {}

// TestStates looks at how one state follows another.
func TestStates(t *testing.T) {
	at := func(second int, id, part, label, text string) run.State {
		return run.State{At: time.Duration(second) * time.Second, Track: "state", Subject: "A", ID: id, Part: part, Label: label, Text: text}
	}
	for _, test := range []struct {
		name   string
		states []run.State
		want   string
	}{
		{"one follows the other", []run.State{at(1, "", "", "waits", "it waits"), at(3, "", "", "runs", "it runs")}, "1-3 waits (it waits); 3- runs (it runs)"},
		{"the same changes nothing", []run.State{at(1, "", "A/1", "waits", ""), at(3, "", "A/1", "waits", "")}, "1- waits ()"},
		{"the same of another part does", []run.State{at(1, "", "A/1", "waits", ""), at(3, "", "A/2", "waits", "")}, "1-3 waits (); 3- waits ()"},
		{"an end", []run.State{at(1, "", "A/1", "waits", ""), at(3, "", "A/1", "", "")}, "1-3 waits ()"},
		{"an end that says how", []run.State{at(1, "", "", "runs", "it runs"), at(3, "", "", "", "done")}, "1-3 runs, done (it runs, done)"},
		{"an end of another part", []run.State{at(1, "", "A/2", "waits", ""), at(3, "", "A/1", "", "")}, "1- waits ()"},
		{"an end of nothing", []run.State{at(3, "", "", "", "done")}, ""},
		{
			"two at a time", []run.State{at(1, "s1", "", "s1", ""), at(2, "s2", "", "s2", ""), at(4, "s1", "", "", ""), at(5, "s1", "", "s1", "")},
			"1-4 s1 (); 2- s2 (); 5- s1 ()",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var spans []string
			for _, s := range watch(scripted(test.states), &run.Vocabulary{}, run.Spec{}, true, true).Subjects[0].find("state").Spans {
				to := fmt.Sprint(s.To.Seconds())
				if s.Open {
					to = ""
				}
				spans = append(spans, fmt.Sprintf("%v-%s %s (%s)", s.From.Seconds(), to, s.Label, s.Text))
			}
			if got := strings.Join(spans, "; "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestWatch looks at the timelines of whole runs: they do not change the run, spans follow one another and end, what is
// said of a review ends as the run ends, and messages are between actors that have a lane.
func TestWatch(t *testing.T) {
	w := world.New()
	defer w.Close()
	var outages, lost, events int
	bars := map[string]int{}
	for seed := uint64(1); seed <= 40; seed++ {
		spec := run.Spec{Seed: seed, Profile: "default"}
		watched := watch(w, run.VocabularyOf(w), spec, true, true)
		if plain := w.Run(spec); plain.Hash != watched.Result.Hash {
			t.Errorf("seed %d: hash %s when watched, %s when not", seed, run.FormatHash(watched.Result.Hash), run.FormatHash(plain.Hash))
		}
		lanes := map[string]bool{}
		for _, actor := range watched.Actors {
			lanes[actor] = true
		}
		follows := func(what string, spans []span) {
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
				byID := map[string][]span{}
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
			if m.Number == 0 {
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
