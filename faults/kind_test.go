package faults

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestKindText(t *testing.T) {
	for k := range Kind(Count) {
		name := k.String()
		parsed, err := ParseKind(name)
		if err != nil || parsed != k {
			t.Errorf("ParseKind(%q) = %v, %v", name, parsed, err)
		}
		if !strings.HasPrefix(name, string(k.Category())+".") {
			t.Errorf("%s is of category %s", name, k.Category())
		}
	}
}

func TestKindsFollowTheirCategories(t *testing.T) {
	categories := Categories()
	at := 0
	for k := range Kind(Count) {
		if k.Category() != categories[at] {
			at++ // the next category begins
		}
		if at == len(categories) || k.Category() != categories[at] {
			t.Fatalf("%s is of category %s, out of order", k, k.Category())
		}
	}
	if at != len(categories)-1 {
		t.Errorf("no kind is of category %s", categories[at+1])
	}
}

func TestParseKindErrors(t *testing.T) {
	for _, test := range []struct{ name, given, wantIn string }{
		{"right category", "network.lost", "the kinds of category network are network.request-lost, network.answer-lost"},
		{"category alone", "clock", "the kinds of category clock are clock.skew, clock.jump"},
		{"wrong category", "disk.full", "the categories are process, network, database"},
		{"empty", "", "a kind is written category.name, like network.delay"},
		{"upper case", "Network.Delay", "the categories are process"},
		{"spaces", " network.delay", "the categories are process"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseKind(test.given)
			var unknown *UnknownKindError
			if !errors.As(err, &unknown) || unknown.Name != test.given {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), test.wantIn) {
				t.Errorf("%q lacks %q", err, test.wantIn)
			}
		})
	}
}

func TestNoKind(t *testing.T) {
	k := Kind(Count)
	if k.Valid() || k.String() != fmt.Sprintf("faults.Kind(%d)", Count) {
		t.Errorf("%d: valid %t, %s", k, k.Valid(), k)
	}
}

func FuzzParseKind(f *testing.F) {
	for k := range Kind(Count) {
		f.Add(k.String())
	}
	f.Add("")
	f.Add("network.")
	f.Add("faults.Kind(255)")
	f.Fuzz(func(t *testing.T, name string) {
		k, err := ParseKind(name)
		if err == nil && k.String() != name {
			t.Errorf("%q was taken for %s", name, k)
		}
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
