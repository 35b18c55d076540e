package bugs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// A Figure is a median and the largest value of what it was taken from.
type Figure struct {
	Median float64 `json:"median"`
	Worst  float64 `json:"worst"`
}

// A SizeLine is what a row of failures comes to, or all rows together.
type SizeLine struct {
	Bug      string `json:"bug,omitempty"` // empty for the sum
	Failures int    `json:"failures"`
	Faults   Figure `json:"faults"`
	Reviews  Figure `json:"reviews"`
	Lines    Figure `json:"story_lines"`
	Runs     Figure `json:"runs"`
	Seconds  Figure `json:"seconds"`
	// Changed and EndedEarly count failures, Unnecessary counts faults: see [Minimised].
	Changed     int `json:"changed_signatures"`
	EndedEarly  int `json:"ended_early"`
	Unnecessary int `json:"unnecessary_faults"`
}

// A SizeTable is how small failures become, as a file: readable JSON. Its seconds are of the machine that measured; all
// other figures are decided by the sources.
type SizeTable struct {
	Machine  string     `json:"machine"`
	Profile  string     `json:"profile"`
	Failures int        `json:"failures"` // that were looked for, of each bug
	Bugs     []SizeLine `json:"bugs"`     // of the catalogue
	Mutants  []SizeLine `json:"mutants"`
	All      SizeLine   `json:"all"`
}

// NewSizeTable adds up what was measured. machine describes the computer.
func NewSizeTable(machine string, s *Sizes, rows []SizeRow) *SizeTable {
	t := &SizeTable{Machine: machine, Profile: s.Profile, Failures: s.Failures, Bugs: []SizeLine{}, Mutants: []SizeLine{}}
	var all []Minimised
	for i := range rows {
		line := sizeLine(rows[i].Bug.ID, rows[i].Failures)
		if rows[i].Bug.Expected != "" {
			t.Bugs = append(t.Bugs, line)
		} else {
			t.Mutants = append(t.Mutants, line)
		}
		all = append(all, rows[i].Failures...)
	}
	t.All = sizeLine("", all)
	return t
}

func sizeLine(id string, failures []Minimised) SizeLine {
	figure := func(of func(*Minimised) float64) Figure {
		if len(failures) == 0 {
			return Figure{}
		}
		values := make([]float64, 0, len(failures))
		for i := range failures {
			values = append(values, of(&failures[i]))
		}
		slices.Sort(values)
		return Figure{hundredths(middle(values)), hundredths(values[len(values)-1])}
	}
	line := SizeLine{
		Bug: id, Failures: len(failures),
		Faults:  figure(func(m *Minimised) float64 { return float64(m.Faults) }),
		Reviews: figure(func(m *Minimised) float64 { return float64(m.Reviews) }),
		Lines:   figure(func(m *Minimised) float64 { return float64(m.Lines) }),
		Runs:    figure(func(m *Minimised) float64 { return float64(m.Runs) }),
		Seconds: figure(func(m *Minimised) float64 { return m.Seconds }),
	}
	for i := range failures {
		m := &failures[i]
		line.Unnecessary += len(m.Unnecessary)
		if m.Changed {
			line.Changed++
		}
		if m.EndedEarly {
			line.EndedEarly++
		}
	}
	return line
}

func hundredths(value float64) float64 { return math.Round(100*value) / 100 }

// middle returns the median of values in order, of which there is one at least.
func middle(values []float64) float64 {
	at := len(values) / 2
	if len(values)%2 == 0 {
		return (values[at-1] + values[at]) / 2
	}
	return values[at]
}

// Machine describes the computer that this program runs on.
func Machine() string {
	described := fmt.Sprintf("%s/%s, %s", runtime.GOOS, runtime.GOARCH, text.Plural(runtime.NumCPU(), "core"))
	processors, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return described // only Linux has this file
	}
	for line := range strings.Lines(string(processors)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return described + ", " + strings.TrimSpace(model)
		}
	}
	return described
}

// ParseSizeTable reads the content of a file that [SizeTable.WriteFile] has written, strictly. Errors have one line.
func ParseSizeTable(content []byte) (*SizeTable, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var t SizeTable
	if err := decoder.Decode(&t); err != nil {
		return nil, fmt.Errorf("is no table of sizes: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("is no table of sizes: something follows the JSON object")
	}
	return &t, nil
}

// WriteFile writes the table at path, whole or not at all.
func (t *SizeTable) WriteFile(path string) error {
	content, err := json.MarshalIndent(t, "", "  ")
	if err == nil {
		err = run.WriteFile(path, append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write table of sizes %s: %w", path, err)
	}
	return nil
}
