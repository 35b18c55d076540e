package house

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite debt.txt, which must not grow")

// debtPath is the list of places that broke a rule when it was made. Each line has the rule, how often the place breaks
// it, and the place. An entry that is not needed any more fails the test, so the list only shrinks. With -update the
// test rewrites it, also for code that has moved, unless it has become longer.
const debtPath = "debt.txt"

// A debt counts findings by place.
type debt map[string]int

// total returns the number of findings.
func (d debt) total() int {
	sum := 0
	for _, count := range d {
		sum += count
	}
	return sum
}

// readDebt returns the debts by rule.
func readDebt(t *testing.T, path string) map[string]debt {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	debts := make(map[string]debt)
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 3)
		count := 0
		if len(fields) == 3 {
			count, _ = strconv.Atoi(fields[1])
		}
		if count < 1 {
			t.Fatalf("%s: line %q is no rule, count and place", path, line)
		}
		if debts[fields[0]] == nil {
			debts[fields[0]] = make(debt)
		}
		debts[fields[0]][fields[2]] = count
	}
	return debts
}

// writeDebt writes what readDebt reads.
func writeDebt(t *testing.T, path string, debts map[string]debt) {
	t.Helper()
	var text strings.Builder
	for _, rule := range slices.Sorted(maps.Keys(debts)) {
		for _, place := range slices.Sorted(maps.Keys(debts[rule])) {
			fmt.Fprintf(&text, "%s %d %s\n", rule, debts[rule][place], place)
		}
	}
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// judge compares the findings of a rule with the list, and returns the places with more of them than are listed.
func judge(t *testing.T, rule string, found debt) []string {
	t.Helper()
	debts := readDebt(t, debtPath)
	grown, stale := compareDebt(debts[rule], found)
	if *update && found.total() <= debts[rule].total() {
		debts[rule] = found
		writeDebt(t, debtPath, debts)
		return nil
	}
	for _, place := range grown {
		t.Errorf("rule %s: %s: %d findings, %d are listed in cmd/onceover/internal/house/%s", rule, place, found[place], debts[rule][place], debtPath)
	}
	for _, place := range stale {
		t.Errorf("rule %s: %s: %d findings, %d are listed in cmd/onceover/internal/house/%s; to shorten the list, run go test ./cmd/onceover/internal/house -update",
			rule, place, found[place], debts[rule][place], debtPath)
	}
	if *update {
		t.Errorf("rule %s: %d findings, but only %d are listed; the list may not grow", rule, found.total(), debts[rule].total())
	}
	return grown
}

// compareDebt returns the places with more findings than are listed, and those with fewer.
func compareDebt(listed, found debt) (grown, stale []string) {
	for place, count := range found {
		if count > listed[place] {
			grown = append(grown, place)
		}
	}
	for place, count := range listed {
		if count > found[place] {
			stale = append(stale, place)
		}
	}
	slices.Sort(grown)
	slices.Sort(stale)
	return grown, stale
}

func TestCompareDebt(t *testing.T) {
	listed := debt{"a.go f": 2, "b.go g": 1, "c.go h": 1}
	found := debt{"a.go f": 1, "b.go g": 2, "d.go i": 1, "c.go h": 1}
	grown, stale := compareDebt(listed, found)
	if !slices.Equal(grown, []string{"b.go g", "d.go i"}) || !slices.Equal(stale, []string{"a.go f"}) {
		t.Errorf("grown %q, stale %q", grown, stale)
	}
	path := t.TempDir() + "/debt.txt"
	writeDebt(t, path, map[string]debt{"prose": listed, "size": {"long.go": 1}})
	if read := readDebt(t, path); !maps.Equal(read["prose"], listed) || !maps.Equal(read["size"], debt{"long.go": 1}) {
		t.Errorf("read %v", read)
	}
}
