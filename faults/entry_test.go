package faults

import (
	"strings"
	"testing"
)

func TestCatalogueIsComplete(t *testing.T) {
	entries := Catalogue()
	if len(entries) != Count {
		t.Fatalf("%d entries for %d kinds", len(entries), Count)
	}
	sentences := map[string]Kind{}
	for i, entry := range entries {
		k := Kind(i)
		t.Run(k.String(), func(t *testing.T) {
			if entry.Kind != k || Lookup(k) != entry {
				t.Errorf("entry %d is of %s", i, entry.Kind)
			}
			for field, text := range map[string]string{"Sentence": entry.Sentence, "May": entry.May, "MayNot": entry.MayNot} {
				if text == "" || !strings.HasSuffix(text, ".") || strings.ToUpper(text[:1]) != text[:1] {
					t.Errorf("%s is no sentence: %q", field, text)
				}
			}
			if entry.Point == "" {
				t.Error("no fault point")
			}
			if other, taken := sentences[entry.Sentence]; taken {
				t.Errorf("has the same text as %s", other)
			}
			sentences[entry.Sentence] = k
			if entry.Effect.String() == "" {
				t.Error("no effect: which error does the caller get?")
			}
			if r := entry.Rates; !(0 < r.Low && r.Low < r.High && r.High <= 1) {
				t.Errorf("rates %v", r)
			}
			// At a higher rate too few seeds would enable the kind without a fault.
			if entry.Unit != PerCall && entry.Rates.High > 0.6 {
				t.Errorf("%s at up to %v", entry.Unit, entry.Rates.High)
			}
		})
	}
}

func TestCatalogueIsTheCallersOwn(t *testing.T) {
	Catalogue()[NetworkDelay].Sentence = "changed"
	if Lookup(NetworkDelay).Sentence == "changed" {
		t.Error("a caller changed the catalogue")
	}
}

func TestEffects(t *testing.T) {
	for _, test := range []struct {
		effect Effect
		want   string
	}{
		{Nothing, "nothing"},
		{Permanent, "permanent"},
		{Rejected | Ambiguous, "rejected or ambiguous"},
		{Lookup(DatabaseLostAfterCommit).Effect, "ambiguous"},
		{Lookup(DatabaseSerialization).Effect, "rejected"},
		{Lookup(DatabaseFailover).Effect, "rejected or ambiguous"},
		{Lookup(NetworkDuplicate).Effect, "nothing"},
		{Lookup(AgentRefuse).Effect, "permanent"},
	} {
		if got := test.effect.String(); got != test.want {
			t.Errorf("effect %d is %q, want %q", test.effect, got, test.want)
		}
	}
	if e := Rejected | Ambiguous; !e.Has(Ambiguous) || e.Has(Ambiguous|Permanent) {
		t.Error("Has wants every member")
	}
}

func TestUnits(t *testing.T) {
	for unit, want := range map[Unit]string{
		PerCall: "per call", PerSession: "per session", PerProcess: "per process", PerRun: "per run", 9: "unknown unit",
	} {
		if got := unit.String(); got != want {
			t.Errorf("unit %d is %q, want %q", unit, got, want)
		}
	}
}
