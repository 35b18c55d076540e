package world_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/kernel"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// A showing proves one entry of the fault catalogue: in worlds that suffer from this kind alone, what its entry says
// is seen, what its entry rules out is not, and every property holds.
type showing struct {
	kind faults.Kind
	with []faults.Kind // what it needs to happen at all
	rate float64       // what a decision is for the fault with; 0: 0.3
	// overrides help along what is too rare.
	overrides []kernel.Override
	// stays: what was refused once is refused after the storm, too. Nothing else may be.
	stays bool
	sees  []evidence
	// never is what MayNot rules out, as far as a trace shows it.
	never []evidence
}

// An evidence is a sight with what it proves.
type evidence struct {
	what  string
	sight sight
}

// acts matches what a process does of its own accord.
const acts = `^{process} (?:dispatches|prepares|has prepared|reports|asks|opens)`

// prepared begins the sights of what befalls a claim.
func prepared(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{app} has prepared {key}`},
		{is: `^{app} fault: ` + fault.String() + ` \(store.claim\)`, next: true},
	}, then...)
}

// dispatched begins the sights of what befalls a dispatch.
func dispatched(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{app} dispatches {key} under claim {number}`},
		{is: `^{app} fault: ` + fault.String() + ` \(worker.start\)`, next: true},
	}, then...)
}

// reported begins the sights of what befalls a callback.
func reported(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{worker} reports that {key} is {status}`},
		{is: `^{worker} fault: ` + fault.String() + ` \(app.callback\)`, next: true},
	}, then...)
}

// created begins the sights of what befalls the creation of a session.
func created(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{worker} asks the agent for the session of {key}`},
		{is: `^(?:{worker}|agent) fault: ` + fault.String() + ` \(agent.create\)`, next: true},
	}, then...)
}

// preparing begins the sights of what befalls a preparation.
func preparing(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{app} prepares {key}`},
		{is: `^{app} fault: ` + fault.String() + ` \(prepare\)`, next: true},
	}, then...)
}

// received begins the sights of what befalls the journal entry of a start.
func received(fault faults.Kind, then ...step) sight {
	return append(sight{
		{is: `^{worker} receives the start of {key} under claim {number}`},
		{is: `^{worker} fault: ` + fault.String() + ` \(journal.create\)`, next: true},
	}, then...)
}

// resumed is what a worker does when a stream broke off: it reads on behind what it has, until the session ends.
func resumed(fault faults.Kind) sight {
	return sight{
		{is: `^{worker} fault: ` + fault.String() + ` \(stream.event\)`},
		{is: `^{worker} opens the stream of {key} after event [1-9]`, within: time.Minute},
		{is: `^agent ends session {session} of {key}: completed after {number} events`},
		{is: `store: apply of {key}: running becomes completed`},
	}
}

var showings = slices.Concat(groundShowings, partnerShowings, lastingShowings, agentShowings)

// alone returns a profile with nothing but the kind and what it needs.
func (s *showing) alone() faults.Profile {
	rate := s.rate
	if rate == 0 {
		rate = 0.3
	}
	p := faults.Profile{Name: s.kind.String(), Sentence: "nothing but this kind"}
	for _, kind := range append([]faults.Kind{s.kind}, s.with...) {
		p.Intensities[kind] = faults.Intensity{Probability: 1, Rates: faults.Range{Low: rate, High: rate}}
	}
	return p
}

// TestEveryFaultHappens looks at every entry of the catalogue, in readable traces: at its effect and not only at its
// being drawn. Run it with -v to see where, and with what.
func TestEveryFaultHappens(t *testing.T) {
	const (
		fewest = 20  // seeds that every kind is watched in, also when all was seen
		most   = 400 // seeds in which everything has to be seen
	)
	w := world.New()
	defer w.Close()
	for i := range faults.Count {
		kind := faults.Kind(i)
		var s *showing
		for j := range showings {
			if showings[j].kind == kind {
				s = &showings[j]
			}
		}
		if s == nil {
			t.Errorf("%s: nothing shows that it happens; add a row to showings", kind)
			continue
		}
		t.Run(kind.String(), func(t *testing.T) {
			compiled := newPatterns()
			seen := make([]bool, len(s.sees))
			unseen := len(s.sees)
			for seed := uint64(1); seed <= most && (seed <= fewest || unseen > 0); seed++ {
				lines, outcome := traced(w, run.Spec{Seed: seed, Profile: w.Use(s.alone()), Overrides: s.overrides})
				if outcome.Verdict != run.Pass {
					t.Fatalf("seed %d is %s: %v%s\n%s", seed, outcome.Verdict, outcome.Violation, outcome.Unknown, quote(lines, nil))
				}
				s.strikesAlone(t, seed, lines, &outcome)
				o := watch(lines, compiled)
				for _, e := range s.never {
					if found := o.sees(e.sight); found != nil {
						t.Fatalf("seed %d: %s:\n%s", seed, e.what, quote(lines, found))
					}
				}
				for j, e := range s.sees {
					if seen[j] {
						continue
					}
					if found := o.sees(e.sight); found != nil {
						seen[j] = true
						unseen--
						t.Logf("seed %d: %s:\n%s", seed, e.what, quote(lines, found))
					}
				}
			}
			for j, e := range s.sees {
				if !seen[j] {
					t.Errorf("in %d seeds it was not seen that: %s", most, e.what)
				}
			}
		})
	}
}

// strikesAlone checks that no other kind has struck, and that none strikes once the storm is over.
func (s *showing) strikesAlone(t *testing.T, seed uint64, lines []run.Line, outcome *run.Result) {
	t.Helper()
	allowed := map[faults.Kind]bool{s.kind: true}
	for _, kind := range s.with {
		allowed[kind] = true
	}
	for i := range faults.Count {
		kind := faults.Kind(i)
		if n := outcome.Faults.Of(kind.String()); n > 0 && !allowed[kind] {
			t.Fatalf("seed %d: %s has struck %d times", seed, kind, n)
		}
	}
	if !s.stays {
		noFaultAfterStorm(t, seed, lines)
	}
}

func noFaultAfterStorm(t *testing.T, seed uint64, lines []run.Line) {
	t.Helper()
	healing := false
	for i, line := range lines {
		if (line.Fault != "") != strings.HasPrefix(line.Text, "fault: ") {
			t.Fatalf("seed %d: fault or not?\n%s", seed, quote(lines, []int{i}))
		}
		if healing && line.Fault != "" {
			t.Fatalf("seed %d: a fault after the storm:\n%s", seed, quote(lines, []int{i}))
		}
		switch line.Text {
		case "no more faults strike, and what is broken is mended":
			healing = true
		case "faults may strike from now on": // storms come back in some seeds
			healing = false
		}
	}
}

// TestCalmIsCalm runs worlds without any fault.
func TestCalmIsCalm(t *testing.T) {
	w := world.New()
	defer w.Close()
	for seed := range uint64(100) {
		lines, outcome := traced(w, run.Spec{Seed: seed, Profile: "calm"})
		if outcome.Verdict != run.Pass || outcome.Faults.Total() != 0 {
			t.Fatalf("seed %d is %s: %v\n%v", seed, outcome.Verdict, outcome.Violation, outcome.Faults)
		}
		for i, line := range lines {
			if line.Fault != "" || strings.Contains(line.Text, "fault:") {
				t.Fatalf("seed %d: a fault:\n%s", seed, quote(lines, []int{i}))
			}
		}
	}
}
