package mutants

import (
	"slices"
	"strings"
	"testing"
)

func TestParseEquivalents(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       []Equivalent
		refused    string
	}{
		{name: "empty", text: "# nothing yet\n\n"},
		{
			name: "one", text: "a.go f drop-call: g() → nothing\n\tNobody waits for g.\n",
			want: []Equivalent{{"a.go f drop-call: g() → nothing", "Nobody waits for g.", 1}},
		},
		{
			name: "several with one reason, and another",
			text: "a.go f x: 1 → 2\na.go f x: 2 → 1\n\tTwo\n\tlines.\n\n# comment\na.go g x: 1 → 2\n\tOther.",
			want: []Equivalent{{"a.go f x: 1 → 2", "Two lines.", 1}, {"a.go f x: 2 → 1", "Two lines.", 2}, {"a.go g x: 1 → 2", "Other.", 7}},
		},
		{name: "no reason", text: "a.go f x: 1 → 2\n", refused: "line 1: a.go f x: 1 → 2 has no reason"},
		{name: "an empty reason", text: "a.go f x: 1 → 2\n\t\n", refused: "line 1: a.go f x: 1 → 2 has no reason"},
		{name: "no mutant", text: "\tWhy?\n", refused: "line 1: a reason without a mutant"},
		{name: "twice", text: "a\n\tr\na\n\tr\n", refused: "line 3: a stands in line 1 already"},
		{name: "spaces", text: "  a\n\tr\n", refused: "line 1: begins or ends with white space"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseEquivalents(test.text)
			if (err != nil) != (test.refused != "") || err != nil && !strings.HasPrefix(err.Error(), test.refused) {
				t.Fatalf("got error %v, want %q", err, test.refused)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// FuzzParseEquivalents: a list that is accepted is the same when it is written anew.
func FuzzParseEquivalents(f *testing.F) {
	f.Add(equivalents)
	f.Add("a\nb\n\tr\n#\n\nc\n\tr\n\ts")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseEquivalents(text)
		if err != nil {
			return
		}
		var anew strings.Builder
		for _, entry := range list {
			anew.WriteString(entry.ID + "\n\t" + entry.Reason + "\n")
		}
		again, err := ParseEquivalents(anew.String())
		if err != nil {
			t.Fatalf("%q was accepted, but not %q: %v", text, anew.String(), err)
		}
		same := slices.EqualFunc(list, again, func(a, b Equivalent) bool { return a.ID == b.ID && a.Reason == b.Reason })
		if !same {
			t.Errorf("%+v became %+v", list, again)
		}
	})
}
