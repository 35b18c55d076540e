package timeline_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/timeline"
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
			for _, s := range timeline.Watch(scripted(test.states), run.Spec{}).Subjects[0].Track("state").Spans {
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
