package bugs

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/sim/kernel"
)

// TestMutants applies every mutant to today's sources. That they compile, and fail, is what `make sizes` looks at.
func TestMutants(t *testing.T) {
	mutants, err := Mutants()
	if err != nil {
		t.Fatal(err)
	}
	tree, err := overlay.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mutants {
		edits, err := m.Edits(tree)
		if err != nil {
			t.Error(err)
		} else if len(edits.Paths()) != 1 || m.Expected != "" || !strings.HasSuffix(m.Title, ".") {
			t.Errorf("%s changes %v, expects %q and has the title %q", m.ID, edits.Paths(), m.Expected, m.Title)
		}
	}
}

// What is left of a failure, according to those who want to read it.
const (
	faultsTypical, reviewsTypical = 3, 2
	linesMost                     = 30 // fewer than that, always
)

// TestCommittedSizes reads the table that was measured last. Its seconds are those of one machine.
func TestCommittedSizes(t *testing.T) {
	content, err := os.ReadFile("sizes.json")
	if err != nil {
		t.Fatal(err)
	}
	table, err := ParseSizeTable(content)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	mutants, err := Mutants()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name  string
		bugs  []*Bug
		lines []SizeLine
	}{{"bugs", c.Bugs, table.Bugs}, {"mutants", mutants, table.Mutants}} {
		var want, got []string
		for _, b := range part.bugs {
			want = append(want, b.ID)
		}
		for _, line := range part.lines {
			got = append(got, line.Bug)
			if line.Failures == 0 || line.Changed > 0 || line.Faults.Median > faultsTypical {
				t.Errorf("%+v", line)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("the table has the %s %q, there are %q: measure it again with make sizes", part.name, got, want)
		}
	}
	if all := table.All; all.Faults.Median > faultsTypical || all.Reviews.Median > reviewsTypical || all.Lines.Worst >= linesMost {
		t.Errorf("of all failures typically too much is left: %+v", all)
	}
	if len(mutants) < 10 || table.All.Failures < 200 || table.All.Changed > 0 || table.Machine == "" {
		t.Errorf("%d mutants, all %+v on %q", len(mutants), table.All, table.Machine)
	}
}

func TestSizeTable(t *testing.T) {
	rows := []SizeRow{
		{&Bug{ID: "a", Expected: "runs-once"}, []Minimised{
			{Faults: 1, Reviews: 1, Lines: 9, Runs: 90, Seconds: 0.125},
			{Faults: 4, Reviews: 2, Lines: 29, Runs: 100, Seconds: 2, Changed: true, EndedEarly: true},
		}},
		{&Bug{ID: "m"}, []Minimised{{Faults: 2, Reviews: 1, Lines: 12, Runs: 95, Seconds: 1, Unnecessary: make([]kernel.Key, 2)}}},
		{&Bug{ID: "n"}, nil},
	}
	got := NewSizeTable("some machine", &Sizes{Profile: "default", Failures: 2}, rows)
	want := &SizeTable{
		Machine: "some machine", Profile: "default", Failures: 2,
		Bugs: []SizeLine{{
			Bug: "a", Failures: 2, Faults: Figure{2.5, 4}, Reviews: Figure{1.5, 2}, Lines: Figure{19, 29},
			Runs: Figure{95, 100}, Seconds: Figure{1.06, 2}, Changed: 1, EndedEarly: 1,
		}},
		Mutants: []SizeLine{
			{
				Bug: "m", Failures: 1, Faults: Figure{2, 2}, Reviews: Figure{1, 1}, Lines: Figure{12, 12},
				Runs: Figure{95, 95}, Seconds: Figure{1, 1}, Unnecessary: 2,
			},
			{Bug: "n"},
		},
		All: SizeLine{
			Failures: 3, Faults: Figure{2, 4}, Reviews: Figure{1, 2}, Lines: Figure{12, 29}, Runs: Figure{95, 100}, Seconds: Figure{1, 2},
			Changed: 1, EndedEarly: 1, Unnecessary: 2,
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
	path := filepath.Join(t.TempDir(), "sizes.json")
	if err := got.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ParseSizeTable(content); err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("read %+v, %v", again, err)
	}
}

func TestParseSizeTableRefuses(t *testing.T) {
	for _, test := range []struct{ content, want string }{
		{"", "is no table of sizes: EOF"},
		{`{"speed": 3}`, `unknown field "speed"`},
		{"{} {}", "something follows"},
	} {
		if table, err := ParseSizeTable([]byte(test.content)); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %+v, %v; want %q", test.content, table, err, test.want)
		}
	}
}

func FuzzParseSizeTable(f *testing.F) {
	f.Add([]byte(`{"machine":"m","profile":"default","failures":2,"bugs":[{"bug":"a","failures":2,"faults":{"median":1.5,"worst":2}}],"mutants":[],"all":{}}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		table, err := ParseSizeTable(content)
		if err != nil {
			return
		}
		path := filepath.Join(t.TempDir(), "sizes.json")
		if err := table.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		written, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := ParseSizeTable(written); err != nil || !reflect.DeepEqual(again, table) {
			t.Errorf("read %+v, then %+v, %v", table, again, err)
		}
	})
}
