package checker

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSelect(t *testing.T) {
	for _, test := range []struct {
		text string
		want []string
	}{
		{"all", nil},
		{"runs-once", []string{"runs-once"}},
		{"linearizable", []string{"linearizable"}},
		{"no-stuck, runs-once,no-stuck", []string{"runs-once", "no-stuck"}},
	} {
		got, err := Select(test.text)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%q: %v, %v; want %v", test.text, got, err, test.want)
		}
		if again, err := Select(Selection(got)); err != nil || !slices.Equal(again, got) {
			t.Errorf("%q: %v is named %q, which is %v, %v", test.text, got, Selection(got), again, err)
		}
	}
	for _, text := range []string{"", ",", "runs-once,", "Runs-Once", "outcome,fence-carried", "all,runs-once", "no-panic"} {
		got, err := Select(text)
		if err == nil {
			t.Errorf("%q: %v, want an error", text, got)
			continue
		}
		for _, part := range []string{"is no property: allowed are all, outcome, protocol, or some of runs-once, ", ", linearizable"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q: error %q lacks %q", text, err, part)
			}
		}
	}
}

func TestEveryPropertyHasAClass(t *testing.T) {
	outcome, err := Select("outcome")
	if err != nil {
		t.Fatal(err)
	}
	protocol, err := Select("protocol")
	if err != nil {
		t.Fatal(err)
	}
	if Selection(nil) != "all" || Selection(outcome) != "outcome" || Selection(protocol) != "protocol" {
		t.Errorf("the classes are named %q, %q and %q", Selection(nil), Selection(outcome), Selection(protocol))
	}
	if got, want := len(outcome)+len(protocol), len(Properties()); got != want {
		t.Errorf("%d properties have a class, want all %d", got, want)
	}
	for _, p := range Properties() {
		if !Watches(nil, p.ID) || Watches(outcome, p.ID) != (p.Class == Outcome) || Watches(protocol, p.ID) != (p.Class == Protocol) {
			t.Errorf("%s is of class %s, but not watched with it alone", p.ID, p.Class)
		}
	}
}

func ExampleSelect() {
	ids, _ := Select("outcome")
	fmt.Println(strings.Join(ids, " "))
	_, err := Select("luck")
	fmt.Println(strings.SplitAfter(err.Error(), ":")[0])
	// Output:
	// runs-once one-live-attempt cancel-wins status-truthful terminal-final valid-transitions retry-bounded newest-head reason-told owner-limit fifo-claim dispatch-parallel deferrals-used no-lost-events no-duplicate-events events-in-order usage-exact shown-as-journaled attempts-remembered refused-truly no-stuck no-starvation
	// "luck" is no property:
}
