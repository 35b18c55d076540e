package kernel

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestOverridesOfClasses draws for two actors at two points.
func TestOverridesOfClasses(t *testing.T) {
	const own = ^uint64(0) // marks a decision that the seed makes
	span := func(actor string, n uint32) Key { return Key{Actor: actor, Operation: "test.span", Occurrence: n} }
	for _, test := range []struct {
		name      string
		overrides []Override
		want      [8]uint64 // a: span ×2, pick ×2; b: the same
		applied   int
	}{
		{"none", nil, [8]uint64{own, own, own, own, own, own, own, own}, 0},
		{"one decision", []Override{{span("a", 1), 1}}, [8]uint64{own, 1, own, own, own, own, own, own}, 1},
		{"every occurrence", []Override{{span("a", Every), 1}}, [8]uint64{1, 1, own, own, own, own, own, own}, 1},
		{"every actor", []Override{{span(AnyActor, 1), 1}}, [8]uint64{own, 1, own, own, own, 1, own, own}, 1},
		{"every occurrence of every actor", []Override{{span(AnyActor, Every), 1}}, [8]uint64{1, 1, own, own, 1, 1, own, own}, 1},
		{
			"operations by their ending",
			[]Override{{Key{"b", "*pick", Every}, 1}, {Key{AnyActor, "*span", 0}, 2}},
			[8]uint64{2, own, own, own, 2, own, 1, 1}, 2,
		},
		{"all", []Override{{Key{AnyActor, "*", Every}, 1}}, [8]uint64{1, 1, 1, 1, 1, 1, 1, 1}, 1},
		{
			"one decision has precedence over its class, in both orders",
			[]Override{{span("a", 0), 1}, {span(AnyActor, Every), 2}, {span("b", 1), 3}},
			[8]uint64{1, 2, own, own, 2, 3, own, own}, 3,
		},
		{
			"the last class decides",
			[]Override{{Key{AnyActor, "*", Every}, 1}, {Key{"a", "*", Every}, 2}},
			[8]uint64{2, 2, 2, 2, 1, 1, 1, 1}, 2,
		},
		{
			"a class that nothing belongs to",
			[]Override{{Key{AnyActor, "*.nothing", Every}, 1}, {Key{"c", "*", Every}, 1}},
			[8]uint64{own, own, own, own, own, own, own, own}, 0,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			k := New()
			draw := func(overrides []Override) (values []uint64) {
				k.Reset(Config{Seed: 3, Overrides: overrides})
				for _, actor := range []string{"a", "b"} {
					for _, point := range []Point{pointTestSpan, pointTestSpan, pointTestPick, pointTestPick} {
						values = append(values, k.Draw(k.Actor(actor), point))
					}
				}
				return values
			}
			plain := draw(nil)
			want := test.want[:]
			for i := range want {
				if want[i] == own {
					want[i] = plain[i]
				}
			}
			if got := draw(test.overrides); !slices.Equal(got, want) {
				t.Errorf("values %d, want %d", got, want)
			}
			if got := k.OverridesApplied(); got != test.applied {
				t.Errorf("%d overrides applied, want %d", got, test.applied)
			}
			if again := draw(nil); !slices.Equal(again, plain) {
				t.Errorf("the next run draws %d, want %d", again, plain)
			}
		})
	}
}

// TestOverridesAgreeWithCovers compares the overridden decisions of a run with the results of Covers.
func TestOverridesAgreeWithCovers(t *testing.T) {
	k := New()
	rapid.Check(t, func(t *rapid.T) {
		given := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Override {
			return Override{Key{
				Actor:      rapid.SampledFrom([]string{"a", "b", AnyActor}).Draw(t, "actor"),
				Operation:  rapid.SampledFrom([]string{"test.span", "test.pick", "*span", "*pick", "*"}).Draw(t, "operation"),
				Occurrence: rapid.SampledFrom([]uint32{0, 1, Every}).Draw(t, "occurrence"),
			}, rapid.Uint64().Draw(t, "value")}
		}), 0, 6).Draw(t, "overrides")
		k.Reset(Config{Overrides: given})
		seen := map[Key]uint64{}
		k.OnDecision = func(key Key, value uint64) { seen[key] = value }
		for _, actor := range []string{"a", "b"} {
			for range 2 {
				k.Draw(k.Actor(actor), pointTestSpan)
				k.Draw(k.Actor(actor), pointTestPick)
			}
			if last := k.LastDecision(k.Actor(actor), pointTestPick); last != (Key{actor, "test.pick", 1}) {
				t.Fatalf("the last decision is %v", last)
			}
		}
		for key, value := range seen {
			want, class := value, true
			for _, o := range given {
				if o.Covers(key) && (class || !o.Class()) {
					want, class = o.Value, o.Class()
				}
			}
			if value != want {
				t.Fatalf("%v is %d, want %d", key, value, want)
			}
		}
	})
}

func TestLastDecisionNeedsOne(t *testing.T) {
	k := New()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	k.LastDecision(k.Actor("a"), pointTestPick)
}
