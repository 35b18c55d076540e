package bugs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// A Baseline is a table of medians that was accepted. As a file it is readable JSON:
//
//	{
//	  "profile": "default",
//	  "trials": 20,
//	  "max_seeds": 2000,
//	  "seeds_median": {
//	    "ambiguous-reverts": 12.5
//	  }
//	}
type Baseline struct {
	// Profile, Trials and MaxSeeds are how it was measured: only what was measured so can be compared with it.
	Profile  string `json:"profile"`
	Trials   int    `json:"trials"`
	MaxSeeds uint64 `json:"max_seeds"`
	// SeedsMedian is [Row].SeedsMedian by bug.
	SeedsMedian map[string]float64 `json:"seeds_median"`
}

// NewBaseline returns the baseline of rows, as the trials have measured them.
func NewBaseline(t *Trials, rows []Row) *Baseline {
	b := &Baseline{Profile: t.Profile, Trials: t.Trials, MaxSeeds: t.MaxSeeds, SeedsMedian: map[string]float64{}}
	for i := range rows {
		b.SeedsMedian[rows[i].Bug.ID] = rows[i].SeedsMedian
	}
	return b
}

// ParseBaseline reads the content of a baseline file, strictly. Errors have one line.
func ParseBaseline(content []byte) (*Baseline, error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	var b Baseline
	if err := decoder.Decode(&b); err != nil {
		return nil, fmt.Errorf("is no baseline: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("is no baseline: something follows the JSON object")
	}
	if b.Profile == "" || b.Trials < 1 || b.MaxSeeds < 1 || b.SeedsMedian == nil {
		return nil, fmt.Errorf(`is no baseline: it needs "profile", "trials", "max_seeds" and "seeds_median"`)
	}
	for id, median := range b.SeedsMedian {
		if median < 1 {
			return nil, fmt.Errorf("the median of %q is %s: allowed are numbers from 1 on", id, figure(median))
		}
	}
	return &b, nil
}

// ReadBaseline reads a baseline file and checks that the trials will measure in the same way. An empty path is no baseline,
// nil. Errors have one line.
func ReadBaseline(path string, t *Trials) (*Baseline, error) {
	if path == "" {
		return nil, nil
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("baseline %w; write one with --update %s", err, text.ShellWord(path))
	}
	baseline, err := ParseBaseline(content)
	if err == nil {
		err = baseline.Measured(t)
	}
	if err != nil {
		return nil, fmt.Errorf("baseline %s %w", path, err)
	}
	return baseline, nil
}

// WriteFile writes the baseline at path, whole or not at all.
func (b *Baseline) WriteFile(path string) error {
	content, err := json.MarshalIndent(b, "", "  ")
	if err == nil {
		err = run.WriteFile(path, append(content, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write baseline %s: %w", path, err)
	}
	return nil
}

// Measured is an error if the baseline was not measured as the trials are going to be.
func (b *Baseline) Measured(t *Trials) error {
	if b.Profile != t.Profile || b.Trials != t.Trials || b.MaxSeeds != t.MaxSeeds {
		return fmt.Errorf("was measured with --profile %s --trials %d --max-seeds %d, which cannot be compared with --profile %s --trials %d --max-seeds %d",
			b.Profile, b.Trials, b.MaxSeeds, t.Profile, t.Trials, t.MaxSeeds)
	}
	return nil
}

// worseFrom is from which multiple of its old value on a median fails: chance alone moves it whenever the engine
// changes, and with it what a seed means.
const worseFrom = 2

// Compare returns what is wrong with rows beside the baseline, a sentence each: a median that has doubled, a row that
// the baseline lacks, and one of the baseline that the catalogue lacks.
func (b *Baseline) Compare(rows []Row, c *Catalogue) []string {
	var problems []string
	for i := range rows {
		r := &rows[i]
		old, known := b.SeedsMedian[r.Bug.ID]
		switch {
		case !known:
			problems = append(problems, fmt.Sprintf("%s is not in the baseline", r.Bug.ID))
		case r.SeedsMedian >= worseFrom*old:
			problems = append(problems, fmt.Sprintf("%s takes %s seeds (median), and took %s", r.Bug.ID, figure(r.SeedsMedian), figure(old)))
		}
	}
	var gone []string
	for id := range b.SeedsMedian {
		if _, err := c.Find(id); err != nil {
			gone = append(gone, fmt.Sprintf("%s is in the baseline, but not in the catalogue", id))
		}
	}
	slices.Sort(gone)
	return append(problems, gone...)
}

// figure returns a median as it is shown: it may end in .5.
func figure(median float64) string { return strconv.FormatFloat(median, 'f', -1, 64) }
