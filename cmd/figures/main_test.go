package main

import (
	"strings"
	"testing"
)

const output = `goos: linux
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

const table = `figure                                                          measured       beside          ratio  bound             
claims of many owners, beside pgbench's update of a row         4000 claims/s  5000 updates/s  0.80   at least 0.7 times  met
claims of one owner, each with its completion                   not measured   -               -      -                   -
cycle over the large backlog of one owner, beside the small     20.00 ms       16.00 ms        1.40   at most 1.3 times   missed
cycle over the large backlog of 1,000 owners, beside the small  not measured   -               -      at most 1.3 times   -
events journaled, 20 sessions in batches of 10                  25000 events/s  -              -      at least 20000      met
reviews from submission to end, beside River's jobs             500 reviews/s  not measured    -      -                   -
seeds of onceover run --store postgres                          not measured   -               -      at least 20         -
`

func TestTable(t *testing.T) {
	var out strings.Builder
	if err := run(strings.NewReader(output), &out); err != nil {
		t.Fatal(err)
	}
	if got, want := fields(out.String()), fields(table); got != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), table)
	}
}

// fields is a table without its alignment.
func fields(table string) string {
	var lines []string
	for line := range strings.Lines(table) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

func TestWithoutMeasurements(t *testing.T) {
	err := run(strings.NewReader("PASS\n"), new(strings.Builder))
	if err == nil || !strings.Contains(err.Error(), "make bench-postgres") {
		t.Errorf("got %v, want the way out", err)
	}
}
