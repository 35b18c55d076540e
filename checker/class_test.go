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
}

// What is no property is named on one line, with the one that was most likely meant.
func TestSelectUnknown(t *testing.T) {
	const all = ` "onceover help properties" lists them all`
	for text, want := range map[string]string{
		"foo":                   `"foo" is not a property; did you mean "fifo-claim"?` + all,
		"runs-onc":              `"runs-onc" is not a property; did you mean "runs-once"?` + all,
		"no-stuck,Runs-Once":    `"Runs-Once" is not a property; did you mean "runs-once"?` + all,
		"stcuk":                 `"stcuk" is not a property; did you mean "no-stuck"?` + all,
		"protocols":             `"protocols" is not a property; did you mean "protocol"?` + all,
		"one-launhc":            `"one-launhc" is not a property; did you mean "one-launch"?` + all,
		"luck":                  `"luck" is not a property; did you mean "no-stuck"?` + all,
		"zzz":                   `"zzz" is not a property;` + all,
		"":                      `"" is not a property;` + all,
		"runs-once,":            `"" is not a property;` + all,
		"outcome,fence-carried": `"outcome" stands for several properties, and must be all that is given`,
		"runs-once, all":        `"all" stands for several properties, and must be all that is given`,
	} {
		if got, err := Select(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
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
	fmt.Println(err)
	// Output:
	// runs-once one-live-attempt cancel-wins agent-waited-for ended-is-read time-kept status-truthful terminal-final valid-transitions retry-bounded reason-kept newest-head newest-head-reviewed owner-limit fifo-claim dispatch-parallel deferrals-used forgotten-when-old no-lost-events no-duplicate-events events-in-order usage-exact shown-as-journaled attempts-remembered refused-truly abandoned-is-over inspected-truly answered-as-decided no-stuck no-starvation start-prompt nothing-late helped-in-turn
	// "luck" is not a property; did you mean "no-stuck"? "onceover help properties" lists them all
}
