// Command figures reads the output of make bench-postgres from its standard input, and
// prints what it comes to as one table: each figure, what it is compared with, and
// whether the project's bound is met.
//
//	go test -run '^$' -bench . -count 6 ./engine/postgres/bench | go run ./cmd/figures
//
// Of several measurements of a benchmark the median counts. Two benchmarks are compared
// measurement by measurement, in the order in which they were taken, and the median of
// the ratios counts. A bound that is missed is
// told and is no failure: how fast a machine is says nothing about the code. Input
// without any of the benchmarks is one, with exit code 2.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(2)
	}
}

// run reads measurements and prints the table.
func run(in io.Reader, out io.Writer) error {
	measured, err := read(in)
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(figures))
	found := false
	for i := range figures {
		r := figures[i].row(measured)
		found = found || r.measured != missing
		rows = append(rows, r)
	}
	if !found {
		return errors.New("the input has none of the benchmarks; give the output of make bench-postgres, out/bench-postgres.txt")
	}
	return print(out, rows)
}
