package run

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestCounts(t *testing.T) {
	names := NewNames("crash", "pause", "delay")
	c := NewCounts(names, 2, 0, 5)
	if c.Of("crash") != 2 || c.Of("pause") != 0 || c.Of("flood") != 0 || c.Total() != 7 || c.Reached() != 2 || !slices.Equal(c.Missing(), []string{"pause"}) {
		t.Errorf("%s: total %d, reached %d, missing %v", c, c.Total(), c.Reached(), c.Missing())
	}
	var sum Counts
	for _, other := range []Counts{c, {}, c, NewCounts(NewNames("pause", "flood"), 1, 9)} {
		sum.Merge(other)
	}
	if want := NewCounts(NewNames("crash", "pause", "delay", "flood"), 4, 1, 10, 9); !sum.Equal(want) {
		t.Errorf("merged %s, want %s", sum, want)
	}
	if c.Of("crash") != 2 {
		t.Errorf("a merged operand has changed: %s", c)
	}
}

func TestCountsRoundTripJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.String(), 0, 5, rapid.ID).Draw(t, "names")
		values := rapid.SliceOfN(rapid.Uint64(), len(names), len(names)).Draw(t, "values")
		want := NewCounts(NewNames(names...), values...)
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Counts
		if err := json.Unmarshal(text, &got); err != nil || !got.Equal(want) {
			t.Fatalf("%s is read as %s (%v), want %s", text, got, err, want)
		}
	})
}

func TestCountsRefuse(t *testing.T) {
	for _, text := range []string{`[]`, `{"a":-1}`, `{"a":1.5}`, `{"a":null}`, `{"a":1,"a":2}`, `{"a":18446744073709551616}`} {
		var c Counts
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("%s is read as %s", text, c)
		}
	}
}
