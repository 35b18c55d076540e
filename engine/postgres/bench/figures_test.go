package bench

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"golang.org/x/tools/benchmark/parse"
)

// figuresOf is a file with the output of make bench-postgres.
var figuresOf = flag.String("figures", "", "print a table of the figures in this `file`, the output of make bench-postgres")

// TestFigures prints the table of the figures: each figure, what it is compared with, and whether it meets the
// project's bound. A figure is the median of the measurements of a benchmark. Two benchmarks are compared measurement
// by measurement, in the order in which they were taken, and the result is the median of the ratios. A missed bound is
// no failure, because the speed of a machine does not depend on the code alone.
func TestFigures(t *testing.T) {
	if *figuresOf == "" {
		t.Skip("no file of measurements was given (-figures)")
	}
	in, err := os.Open(*figuresOf)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() //nolint:errcheck // It was only read.
	if err := printFigures(in, os.Stdout); err != nil {
		t.Fatal(err)
	}
}

// A figure is what a benchmark measures, alone or compared with another benchmark.
type figure struct {
	name string
	// benchmark is the measured benchmark. One operation of it is each of the units.
	benchmark string
	each      float64
	unit      string // such as claims; empty: the figure is the time of an operation
	// beside, when not empty, is the benchmark for comparison, in besideUnit. One operation of it is besideEach of the
	// units.
	beside     string
	besideEach float64
	besideUnit string
	bound      bound
}

// A bound is the allowed range of a figure or of its ratio. The zero value allows everything.
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

// A row is a figure as printed.
type row struct{ name, measured, beside, ratio, bound, met string }

// missing stands for what was not measured, none for what does not exist.
const (
	missing = "not measured"
	none    = "-"
)

// measurements are the times of operations in nanoseconds, by the name of the benchmark, in the order in which they
// were taken.
type measurements map[string][]float64

// suffix matches what differs in the names of one benchmark: the turn, and the number of processors that the go command
// adds.
var suffix = regexp.MustCompile(`/turn=\d+|-\d+$`)

// readTimes returns the times in the output of go test -bench.
func readTimes(in io.Reader) (measurements, error) {
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
			name := suffix.ReplaceAllString(run.Name, "")
			times[name] = append(times[name], run.NsPerOp)
		}
	}
	return times, nil
}

// row computes a figure.
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
		// Each measurement is compared with the one that was taken at the same time: a slow minute of the machine slows
		// down both.
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

// median returns the median and does not change its argument.
func median(of []float64) float64 {
	all := slices.Sorted(slices.Values(of))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// value returns how many units there are per second, or, without a unit, the time of an operation in nanoseconds.
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

// String returns the bound in words.
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

// printFigures reads measurements and prints the table. Input without any of the benchmarks is an error.
func printFigures(in io.Reader, out io.Writer) error {
	measured, err := readTimes(in)
	if err != nil {
		return err
	}
	var text strings.Builder
	text.WriteString("figure\tmeasured\tbeside\tratio\tbound\t\n")
	found := false
	for i := range figures {
		r := figures[i].row(measured)
		found = found || r.measured != missing
		text.WriteString(strings.Join([]string{r.name, r.measured, r.beside, r.ratio, r.bound, r.met}, "\t") + "\n")
	}
	if !found {
		return errors.New("the input has none of the benchmarks; give the output of make bench-postgres, out/bench-postgres.txt")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := io.WriteString(table, text.String()); err != nil {
		return err
	}
	return table.Flush()
}

// measuredOutput is an output of make bench-postgres that lacks some benchmarks.
const measuredOutput = `goos: linux
BenchmarkClaim/owners=many-2          1000   200000 ns/op   5000 claims/s
BenchmarkClaim/owners=many-2          1000   300000 ns/op   3333 claims/s
BenchmarkClaim/owners=many-2          1000   250000 ns/op   4000 claims/s
BenchmarkPgbench/update-2             1000   160000 ns/op   6250 updates/s
BenchmarkPgbench/update-2             1000   450000 ns/op   2222 updates/s
BenchmarkPgbench/update-2             1000   200000 ns/op   5000 updates/s
BenchmarkCycle/owners=1/backlog=small/turn=1-2   100  10000000 ns/op
BenchmarkCycle/owners=1/backlog=large/turn=1-2   100  14000000 ns/op
BenchmarkCycle/owners=1/backlog=small/turn=2-2   100  20000000 ns/op
BenchmarkCycle/owners=1/backlog=large/turn=2-2   100  28000000 ns/op
BenchmarkCycle/owners=1/backlog=small/turn=3-2   100  16000000 ns/op
BenchmarkCycle/owners=1/backlog=large/turn=3-2   100  20000000 ns/op
BenchmarkEvents/sessions=20-2         1000   400000 ns/op   25000 events/s
BenchmarkReview/end-to-end-2             2  2000000000 ns/op  500 reviews/s
PASS
`

// figuresTable is the table that is printed for it.
const figuresTable = `figure                                                          measured       beside          ratio  bound             
claims of many owners, beside pgbench's update of a row         4000 claims/s  5000 updates/s  0.80   at least 0.7 times  met
claims of one owner, each with its completion                   not measured   -               -      -                   -
cycle over the large backlog of one owner, beside the small     20.00 ms       16.00 ms        1.40   at most 1.3 times   missed
cycle over the large backlog of 1,000 owners, beside the small  not measured   -               -      at most 1.3 times   -
events journaled, 20 sessions in batches of 10                  25000 events/s  -              -      at least 20000      met
reviews from submission to end, beside River's jobs             500 reviews/s  not measured    -      -                   -
seeds of onceover run --store postgres                          not measured   -               -      at least 20         -
`

func TestFiguresTable(t *testing.T) {
	var out strings.Builder
	if err := printFigures(strings.NewReader(measuredOutput), &out); err != nil {
		t.Fatal(err)
	}
	if got, want := fields(out.String()), fields(figuresTable); got != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), figuresTable)
	}
}

// fields returns a table without its alignment.
func fields(table string) string {
	var lines []string
	for line := range strings.Lines(table) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

func TestFiguresWithoutMeasurements(t *testing.T) {
	err := printFigures(strings.NewReader("PASS\n"), new(strings.Builder))
	if err == nil || !strings.Contains(err.Error(), "make bench-postgres") {
		t.Errorf("got %v, want the remedy", err)
	}
}
