package main

import (
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"

	"golang.org/x/tools/benchmark/parse"
)

// A figure is what a benchmark measures, alone or beside another one.
type figure struct {
	name string
	// benchmark is what is measured. One of its operations is so many of the unit.
	benchmark string
	each      float64
	unit      string // such as claims; empty: the time of an operation is told
	// beside, when not empty, is the benchmark that it is compared with, in besideUnit.
	// One of its operations is besideEach of them.
	beside     string
	besideEach float64
	besideUnit string
	bound      bound
}

// A bound is what a figure, or its ratio, has to be; the zero value is none.
type bound struct {
	least, most float64
	ofRatio     bool
}

// figures are the rows of the table. The bounds are the project's own.
var figures = []figure{
	{
		name: "claims of many owners, beside pgbench's update of a row", benchmark: "BenchmarkClaim/owners=many", each: 1, unit: "claims",
		beside: "BenchmarkPgbench/update", besideEach: 1, besideUnit: "updates", bound: bound{least: 0.7, ofRatio: true},
	},
	{
		name: "claims of one owner, each with its completion", benchmark: "BenchmarkClaim/owners=one", each: 1, unit: "claims",
		beside: "BenchmarkPgbench/update", besideEach: 1, besideUnit: "updates",
	},
	{
		name: "cycle over the large backlog of one owner, beside the small", benchmark: "BenchmarkCycle/owners=1/backlog=large",
		beside: "BenchmarkCycle/owners=1/backlog=small", bound: bound{most: 1.3, ofRatio: true},
	},
	{
		name: "cycle over the large backlog of 1,000 owners, beside the small", benchmark: "BenchmarkCycle/owners=1000/backlog=large",
		beside: "BenchmarkCycle/owners=1000/backlog=small", bound: bound{most: 1.3, ofRatio: true},
	},
	{
		name: "events journaled, 20 sessions in batches of 10", benchmark: "BenchmarkEvents/sessions=20", each: 10, unit: "events",
		bound: bound{least: 20_000},
	},
	{
		name: "reviews from submission to end, beside River's jobs", benchmark: "BenchmarkReview/end-to-end", each: 1_000, unit: "reviews",
		beside: "BenchmarkRiver/end-to-end", besideEach: 1_000, besideUnit: "jobs",
	},
	{
		name: "seeds of onceover run --store postgres", benchmark: "BenchmarkSeed", each: 1, unit: "seeds",
		bound: bound{least: 20},
	},
}

// A row is a figure as it is printed.
type row struct{ name, measured, beside, ratio, bound, met string }

// missing stands for what was not measured, none for what there is not.
const (
	missing = "not measured"
	none    = "-"
)

// measurements are the times of operations in nanoseconds, by the benchmarks' names, in
// the order in which they were taken.
type measurements map[string][]float64

// apart is what tells measurements of one benchmark from each other in its name: which
// turn it was, and the number of processors that the go command puts behind.
var apart = regexp.MustCompile(`/turn=\d+|-\d+$`)

// read takes the times from the output of go test -bench.
func read(in io.Reader) (measurements, error) {
	set, err := parse.ParseSet(in)
	if err != nil {
		return nil, fmt.Errorf("read benchmarks: %w", err)
	}
	var runs []*parse.Benchmark
	for _, more := range set {
		runs = append(runs, more...)
	}
	slices.SortFunc(runs, func(a, b *parse.Benchmark) int { return a.Ord - b.Ord })
	times := make(measurements)
	for _, run := range runs {
		if run.Measured&parse.NsPerOp != 0 && run.NsPerOp > 0 {
			name := apart.ReplaceAllString(run.Name, "")
			times[name] = append(times[name], run.NsPerOp)
		}
	}
	return times, nil
}

// row works a figure out.
func (f *figure) row(measured measurements) row {
	r := row{name: f.name, measured: missing, beside: none, ratio: none, bound: f.bound.String(), met: none}
	times := measured[f.benchmark]
	if len(times) == 0 {
		return r
	}
	value := f.value(median(times), f.each)
	r.measured = format(value, f.unit)
	if f.beside != "" {
		others := measured[f.beside]
		if len(others) == 0 {
			r.beside = missing
			return r
		}
		r.beside = format(f.value(median(others), f.besideEach), f.besideUnit)
		// Each measurement is compared with the one that was taken at the same time: a
		// machine that is slow for a minute is so for both.
		ratios := make([]float64, min(len(times), len(others)))
		for i := range ratios {
			ratios[i] = f.value(times[i], f.each) / f.value(others[i], f.besideEach)
		}
		value = median(ratios)
		r.ratio = fmt.Sprintf("%.2f", value)
	}
	if f.bound != (bound{}) {
		r.met = f.bound.met(value)
	}
	return r
}

// median leaves its argument as it is.
func median(of []float64) float64 {
	all := slices.Sorted(slices.Values(of))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// value is how many there are per second, or, without a unit, the time of an operation
// in nanoseconds.
func (f *figure) value(nanoseconds, each float64) float64 {
	if f.unit == "" {
		return nanoseconds
	}
	return each * 1e9 / nanoseconds
}

func format(value float64, unit string) string {
	if unit == "" {
		return fmt.Sprintf("%.2f ms", value/1e6)
	}
	return fmt.Sprintf("%.0f %s/s", value, unit)
}

// String is the bound in words.
func (b bound) String() string {
	text := none
	switch {
	case b.least != 0:
		text = fmt.Sprintf("at least %g", b.least)
	case b.most != 0:
		text = fmt.Sprintf("at most %g", b.most)
	}
	if b.ofRatio {
		text += " times"
	}
	return text
}

func (b bound) met(value float64) string {
	most := b.most
	if most == 0 {
		most = math.Inf(1)
	}
	if value >= b.least && value <= most {
		return "met"
	}
	return "missed"
}

// print writes the table.
func print(out io.Writer, rows []row) error {
	var text strings.Builder
	text.WriteString("figure\tmeasured\tbeside\tratio\tbound\t\n")
	for _, r := range rows {
		text.WriteString(strings.Join([]string{r.name, r.measured, r.beside, r.ratio, r.bound, r.met}, "\t") + "\n")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, text.String()); err != nil {
		return err
	}
	return table.Flush()
}
