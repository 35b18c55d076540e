package explain

import (
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// TestFoldLines: what is repeated between two changes is folded into its first time, the beginning and the changes stay.
func TestFoldLines(t *testing.T) {
	line := func(second int, event string, class run.Class) run.Line {
		return run.Line{At: time.Duration(second) * time.Second, Step: uint64(second), Actor: "app-1", Text: event, Event: event, Class: class}
	}
	lines := []run.Line{line(1, "begin", run.Mutation)}
	for second := 2; second < 12; second++ {
		lines = append(lines, line(second, "sweep", run.Plain))
	}
	lines = append(lines, line(12, "crash", run.Life))
	for second := 13; second < 16; second++ {
		lines = append(lines, line(second, "sweep", run.Plain))
	}
	folded := foldLines(lines)
	var counts []int
	for _, l := range folded {
		counts = append(counts, l.Count)
	}
	// Ten sweeps before the crash are one line, three after it stay.
	if len(folded) != 6 || counts[0] != 1 || counts[1] != 10 || counts[2] != 1 || counts[3] != 1 {
		t.Errorf("counts %v", counts)
	}
	if folded[1].At != 2*time.Second || folded[1].Until != 11*time.Second {
		t.Errorf("folded from %s until %s", folded[1].At, folded[1].Until)
	}
}

// TestShortenMiddle: the beginning of a long list stays, and its end.
func TestShortenMiddle(t *testing.T) {
	list := make([]int, 100)
	for i := range list {
		list[i] = i
	}
	shorter, from, dropped := shortenMiddle(list, 30)
	if len(shorter) != 30 || from != 10 || dropped != 70 || shorter[0] != 0 || shorter[9] != 9 || shorter[10] != 80 || shorter[29] != 99 {
		t.Errorf("%v: %d dropped behind %d", shorter, dropped, from)
	}
	if same, _, none := shortenMiddle(list, 100); len(same) != 100 || none != 0 {
		t.Errorf("%d entries, %d dropped", len(same), none)
	}
}

// TestCompare: the first difference, and what is kept, dropped and added after it.
func TestCompare(t *testing.T) {
	trace := func(texts ...string) *timeline {
		var seen timeline
		for i, text := range texts {
			seen.Lines = append(seen.Lines, run.Line{At: time.Duration(i*len(texts)) * time.Second, Step: uint64(i), Actor: "app-1", Text: text})
		}
		return &seen
	}
	c := compare(trace("a", "b", "c", "d", "e"), trace("a", "x", "c", "d", "f", "g"))
	if c.Same != 1 || c.FirstA.Text != "b" || c.FirstB.Text != "x" || c.Kept != 3 || c.Dropped != 2 || c.Added != 3 {
		t.Errorf("%+v", c)
	}
	marks := ""
	for _, row := range c.Rows {
		marks += row.Side.Mark() + row.Text
	}
	if want := "−b+x c d−e+f+g"; marks != want {
		t.Errorf("rows %q, want %q", marks, want)
	}
	if same := compare(trace("a", "b"), trace("a", "b")); same.Same != 2 || same.FirstA != nil || same.Dropped+same.Added != 0 {
		t.Errorf("%+v", same)
	}
	if shorter := compare(trace("a", "b"), trace("a")); shorter.FirstB != nil || shorter.FirstA.Text != "b" || shorter.Dropped != 1 {
		t.Errorf("%+v", shorter)
	}
}
