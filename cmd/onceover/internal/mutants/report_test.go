package mutants

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// judged is what the report's tests are about: one result of each kind.
func judged() (results []Result, list []Equivalent, all []Mutant) {
	mutant := func(function, before, after string) *Mutant {
		return &Mutant{Scope: "engine", File: "engine/a.go", Function: function, Operator: "drop-call", Before: before, After: after, Ordinal: 1, Line: 7}
	}
	results = []Result{
		{Mutant: mutant("f", "d.claim()", ""), Fate: Killed, By: "one-claimant", Profile: "storm", Seed: 12, Seeds: 2512},
		{Mutant: mutant("f", "d.count()", ""), Fate: Blinded, By: "claim-lost-race", Profile: "default", Seeds: 2500},
		{Mutant: mutant("f", "d.log()", ""), Fate: Survived, Seeds: 5000, SameTrace: true},
		{Mutant: mutant("g", "d.hint()", ""), Fate: Survived, Seeds: 5000},
		{Mutant: mutant("g", "d.spin()", ""), Fate: RanAway, By: "not done after 2m0s", Profile: "default"},
		{Mutant: mutant("g", "d.spend()", ""), Fate: NotCompiled, By: "declared and not used: n"},
		{Mutant: mutant("h", "d.fence()", ""), Fate: Killed, By: "fence-respected", Profile: "default", Seed: 3, Seeds: 3},
	}
	for _, result := range results {
		all = append(all, *result.Mutant)
	}
	list = []Equivalent{
		{results[3].Mutant.ID(), "The sweep finds it.", 1},
		{results[6].Mutant.ID(), "Nobody sees it.", 3},
		{"engine/a.go gone drop-call: d.old() → nothing", "It was so.", 5},
	}
	return results, list, all
}

func TestReport(t *testing.T) {
	results, list, all := judged()
	report := NewReport(Stages(5000), nil, results, len(results)+1, list, all)
	for _, test := range []struct {
		name  string
		write func(*strings.Builder) error
	}{
		{"report.txt", func(out *strings.Builder) error { return report.WriteText(out) }},
		{"report.json", func(out *strings.Builder) error { return report.WriteJSON(out) }},
	} {
		var out strings.Builder
		if err := test.write(&out); err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", test.name)
		if *update {
			if err := os.WriteFile(golden, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if out.String() != string(want) {
			t.Errorf("not as in %s; run with -update if that is meant:\n%s", golden, out.String())
		}
	}
}

func TestReportIsGoodOnlyWhenTheListAccountsForEverything(t *testing.T) {
	results, list, all := judged()
	for _, test := range []struct {
		name    string
		watched []string
		results []Result
		list    []Equivalent
		want    bool
	}{
		{"all is killed or argued", nil, []Result{results[0], results[1], results[3], results[4]}, list[:1], true},
		{"a survivor", nil, results[2:3], nil, false},
		{"a survivor of some properties", []string{"runs-once"}, results[2:3], nil, true},
		{"one that was killed is called equivalent", nil, results[6:], list[1:2], false},
		{"one that some properties kill is called equivalent", []string{"runs-once"}, results[6:], list[1:2], false},
		{"one that never ends is called equivalent", nil, results[4:5], []Equivalent{{results[4].Mutant.ID(), "It ends.", 1}}, false},
		{"an entry without a mutant", nil, nil, list[2:], false},
	} {
		if got := NewReport(Stages(2), test.watched, test.results, 0, test.list, all).Good(); got != test.want {
			t.Errorf("%s: good is %t, want %t", test.name, got, test.want)
		}
	}
}
