package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
	"github.com/onceover/onceover/cmd/onceover/internal/text"
	"github.com/onceover/onceover/sim/run"
)

// executeSizes minimises failures of bugs and mutants, and prints how small they became.
func (c *bugsCommand) executeSizes(ctx context.Context, ids []string) error {
	catalogue, err := c.catalogue()
	if err != nil {
		return err
	}
	chosen, err := catalogue.ChooseWithMutants(ids)
	if err != nil {
		return err
	}
	sizes := bugs.Sizes{
		Bugs:     chosen,
		Failures: int(c.failures.value),
		MaxSeeds: c.maxSeeds.value,
		Profile:  c.profile.name,
		Parallel: int(c.parallel.value),
		OnProgress: func(p bugs.Progress) {
			c.stderr.DrawBar(float64(p.Trials)/float64(p.Of), fmt.Sprintf(" %3d of %s  %s", p.Trials, text.Plural(p.Of, "failure"), p.Bug))
		},
	}
	if sizes.Tree, err = overlay.Find("."); err != nil {
		return err
	}
	rows, err := sizes.Run(ctx)
	c.stderr.Erase()
	if err := c.interrupted(ctx, err, "all failures were minimised"); err != nil {
		return err
	}
	shown := sizesText{table: bugs.NewSizeTable(bugs.Machine(), &sizes, rows), rows: rows, paint: c.stdout.Paint()}
	if c.json {
		err = json.NewEncoder(c.stdout).Encode(shown.table)
	} else {
		_, err = io.WriteString(c.stdout, shown.String())
	}
	switch {
	case err != nil:
		return fmt.Errorf("print the table: %w", err)
	case shown.table.All.Changed > 0:
		return verdictError(run.Violated)
	case c.update != "":
		return shown.table.WriteFile(c.update)
	}
	return nil
}

// sizesText is what onceover bugs --sizes prints for people. Its last line is the verdict.
type sizesText struct {
	table *bugs.SizeTable
	rows  []bugs.SizeRow
	paint text.Paint
}

func (s *sizesText) String() string {
	var out strings.Builder
	t := s.table
	fmt.Fprintf(&out, "What is left of %s of each bug, median and worst, profile %s, on %s:\n\n", text.Plural(t.Failures, "failure"), t.Profile, t.Machine)
	rows := [][]string{{"bug", "failures", "faults", "reviews", "story lines", "runs", "seconds"}}
	for _, line := range slices.Concat(t.Bugs, t.Mutants) {
		rows = append(rows, sizesCells(&line, line.Bug))
	}
	rows = append(rows, sizesCells(&t.All, "all"))
	for i, line := range text.Align(rows, 1, 2, 3, 4, 5, 6) {
		how := text.Plain
		if i == 0 {
			how = text.Dim
		}
		fmt.Fprintf(&out, "%s\n", s.paint(how, line))
	}
	out.WriteString("\n")
	s.notes(&out)
	sum := fmt.Sprintf("%s, of which %d changed the signature, %d ended early, %d marked a fault necessary that is not",
		text.Plural(t.All.Failures, "failure"), t.All.Changed, t.All.EndedEarly, t.All.Unnecessary)
	if t.All.Changed > 0 {
		fmt.Fprintf(&out, "%s\n", s.paint(text.Red, "fail: "+sum))
	} else {
		fmt.Fprintf(&out, "%s\n", s.paint(text.Green, "pass: "+sum))
	}
	return out.String()
}

func sizesCells(line *bugs.SizeLine, name string) []string {
	cells := []string{name, text.Count(line.Failures)}
	for _, figure := range []bugs.Figure{line.Faults, line.Reviews, line.Lines, line.Runs, line.Seconds} {
		cells = append(cells, strconv.FormatFloat(figure.Median, 'f', -1, 64)+" / "+strconv.FormatFloat(figure.Worst, 'f', -1, 64))
	}
	return cells
}

// notes lists each failure that is not as it should be.
func (s *sizesText) notes(out *strings.Builder) {
	for i := range s.rows {
		row := &s.rows[i]
		if missing := s.table.Failures - len(row.Failures); missing > 0 {
			fmt.Fprintf(out, "%s: found no failure from %d of the starting seeds; --max-seeds lets it look longer\n", row.Bug.ID, missing)
		}
		for j := range row.Failures {
			m := &row.Failures[j]
			at := fmt.Sprintf("%s, seed %d", row.Bug.ID, m.Failure.Seed)
			if m.Changed {
				fmt.Fprintf(out, "%s\n", s.paint(text.Red, at+": does not fail as before any more: "+m.Failure.Signature))
			}
			if m.EndedEarly {
				fmt.Fprintf(out, "%s: the search ended early, with %s left\n", at, text.Plural(m.Faults, "fault"))
			}
			for _, key := range m.Unnecessary {
				fmt.Fprintf(out, "%s: not necessary after all: %s\n", at, key)
			}
		}
	}
}
