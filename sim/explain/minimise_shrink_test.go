package explain

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestDdmin(t *testing.T) {
	upTo := func(n int) (items []int) {
		for i := range n {
			items = append(items, i)
		}
		return items
	}
	containsAll := func(wanted ...int) func([]int) bool {
		return func(items []int) bool {
			return !slices.ContainsFunc(wanted, func(w int) bool { return !slices.Contains(items, w) })
		}
	}
	for _, test := range []struct {
		name      string
		items     []int
		holds     func([]int) bool
		want      []int
		questions int
	}{
		{"nothing to leave out", nil, containsAll(), nil, 0},
		{"nothing is needed", upTo(100), containsAll(), nil, 1},
		{"one of one", upTo(1), containsAll(0), []int{0}, 1},
		{"one of many", upTo(100), containsAll(42), []int{42}, 13},
		{"two far apart", upTo(64), containsAll(0, 63), []int{0, 63}, 68},
		{"all of them", upTo(4), containsAll(0, 1, 2, 3), []int{0, 1, 2, 3}, 11},
		{"any three", upTo(10), func(items []int) bool { return len(items) >= 3 }, []int{2, 3, 4}, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			questions := 0
			got := ddmin(test.items, func(items []int) bool {
				questions++
				return test.holds(items)
			})
			if !slices.Equal(got, test.want) {
				t.Errorf("got %d, want %d", got, test.want)
			}
			if questions != test.questions {
				t.Errorf("%d questions, want %d", questions, test.questions)
			}
		})
	}
}

// TestDdminLeavesNothingOver asks any question at all, so also such where less may hold where more does not.
func TestDdminLeavesNothingOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 10
		needed := rapid.SliceOfN(rapid.Uint16Range(0, 1<<n-1), 1, 4).Draw(t, "needed")
		excluded := rapid.Uint16Range(0, 1<<n-1).Draw(t, "excluded")
		bits := func(items []int) (set uint16) {
			for _, i := range items {
				set |= 1 << i
			}
			return set
		}
		questions := 0
		holds := func(items []int) bool {
			questions++
			set := bits(items)
			if len(items) < n && set == excluded {
				return false
			}
			return slices.ContainsFunc(needed, func(part uint16) bool { return set&part == part })
		}
		var all []int
		for i := range n {
			all = append(all, i)
		}
		got := ddmin(all, holds)
		if questions > n*n+3*n {
			t.Fatalf("%d questions about %d items", questions, n)
		}
		if !holds(got) {
			t.Fatalf("%v does not hold", got)
		}
		for i := range got {
			if rest := slices.Delete(slices.Clone(got), i, i+1); holds(rest) {
				t.Fatalf("%v holds, but so does %v", got, rest)
			}
		}
	})
}
