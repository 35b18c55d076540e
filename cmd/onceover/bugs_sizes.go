package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/cmd/onceover/internal/bugs"
	"github.com/onceover/onceover/cmd/onceover/internal/overlay"
)

// sizesFailuresDefault is how many failures of each bug are minimised unless a flag says.
const sizesFailuresDefault = 12

// bugsSizes carries out onceover bugs --sizes.
func (p *program) bugsSizes(ctx context.Context, f *bugsFlags, ids []string) error {
	chosen, err := p.bugsAndMutants(ids)
	if err != nil {
		return err
	}
	sizes := bugs.Sizes{
		Bugs:     chosen,
		Failures: int(f.failures.value),
		MaxSeeds: f.maxSeeds.value,
		Profile:  f.profile.name,
		Parallel: int(f.parallel.value),
		OnProgress: func(progress bugs.Progress) {
			drawBar(p.stderr, progress.Trials, progress.Of, fmt.Sprintf(" %3d of %s  %s", progress.Trials, plural(progress.Of, "failure"), progress.Bug))
		},
	}
	if sizes.Tree, err = overlay.Find("."); err != nil {
		return err
	}
	rows, err := sizes.Run(ctx)
	clearBar(p.stderr)
	switch {
	case ctx.Err() != nil:
		p.stderr.say("onceover: interrupted before all failures were minimised\n")
		return verdictError(run.Unknown)
	case err != nil:
		return err
	}
	text := sizesText{table: bugs.NewSizeTable(machine(), &sizes, rows), rows: rows, paint: p.stdout.paint()}
	if f.json {
		err = json.NewEncoder(p.stdout).Encode(text.table)
	} else {
		_, err = io.WriteString(p.stdout, text.String())
	}
	switch {
	case err != nil:
		return fmt.Errorf("print the table: %w", err)
	case text.table.All.Changed > 0:
		return verdictError(run.Violated)
	case f.update != "":
		return text.table.WriteFile(f.update)
	}
	return nil
}

// bugsAndMutants returns the bugs of the catalogue and the mutants that identifiers stand for; of none, all.
func (p *program) bugsAndMutants(ids []string) ([]*bugs.Bug, error) {
	catalogue, err := p.catalogue()
	if err != nil {
		return nil, err
	}
	mutants, err := bugs.Mutants()
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return append(slices.Clone(catalogue.Bugs), mutants...), nil
	}
	var known, of []string
	var chosen []*bugs.Bug
	for _, mutant := range mutants {
		known = append(known, mutant.ID)
		if slices.Contains(ids, mutant.ID) {
			chosen = append(chosen, mutant)
		}
	}
	for _, id := range ids {
		if !slices.Contains(known, id) {
			of = append(of, id)
		}
	}
	if len(of) == 0 {
		return chosen, nil
	}
	found, err := catalogue.Choose(of)
	var unknown *bugs.UnknownBugError
	if errors.As(err, &unknown) {
		return nil, &bugs.UnknownBugError{ID: unknown.ID, Allowed: append(unknown.Allowed, known...)}
	}
	return append(slices.Clone(found), chosen...), err
}

// machine says in words what this program runs on.
func machine() string {
	text := fmt.Sprintf("%s/%s, %s", runtime.GOOS, runtime.GOARCH, plural(runtime.NumCPU(), "core"))
	processors, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return text // only Linux tells in this way
	}
	for line := range strings.Lines(string(processors)) {
		if name, model, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return text + ", " + strings.TrimSpace(model)
		}
	}
	return text
}

// sizesText is what onceover bugs --sizes prints for people. Its last line is the verdict.
type sizesText struct {
	table *bugs.SizeTable
	rows  []bugs.SizeRow
	paint paint
}

func (s *sizesText) String() string {
	var out strings.Builder
	t := s.table
	fmt.Fprintf(&out, "What is left of %s of each bug, median and worst, profile %s, on %s:\n\n", plural(t.Failures, "failure"), t.Profile, t.Machine)
	rows := [][]string{{"bug", "failures", "faults", "reviews", "story lines", "runs", "seconds"}}
	for _, line := range slices.Concat(t.Bugs, t.Mutants) {
		rows = append(rows, sizesCells(&line, line.Bug))
	}
	rows = append(rows, sizesCells(&t.All, "all"))
	for i, line := range align(rows, []int{1, 2, 3, 4, 5, 6}) {
		how := plain
		if i == 0 {
			how = dim
		}
		fmt.Fprintf(&out, "%s\n", s.paint(how, line))
	}
	out.WriteString("\n")
	s.remarks(&out)
	text := fmt.Sprintf("%s, of which %d changed the signature, %d ended early, %d marked a fault necessary that is not",
		plural(t.All.Failures, "failure"), t.All.Changed, t.All.EndedEarly, t.All.Unnecessary)
	if t.All.Changed > 0 {
		fmt.Fprintf(&out, "%s\n", s.paint(red, "fail: "+text))
	} else {
		fmt.Fprintf(&out, "%s\n", s.paint(green, "pass: "+text))
	}
	return out.String()
}

func sizesCells(line *bugs.SizeLine, name string) []string {
	cells := []string{name, count(line.Failures)}
	for _, figure := range []bugs.Figure{line.Faults, line.Reviews, line.Lines, line.Runs, line.Seconds} {
		cells = append(cells, strconv.FormatFloat(figure.Median, 'f', -1, 64)+" / "+strconv.FormatFloat(figure.Worst, 'f', -1, 64))
	}
	return cells
}

// remarks tells of each failure that is not as it should be.
func (s *sizesText) remarks(out *strings.Builder) {
	for i := range s.rows {
		row := &s.rows[i]
		if missing := s.table.Failures - len(row.Failures); missing > 0 {
			fmt.Fprintf(out, "%s: found no failure from %d of the starting seeds; --max-seeds lets it look longer\n", row.Bug.ID, missing)
		}
		for j := range row.Failures {
			m := &row.Failures[j]
			at := fmt.Sprintf("%s, seed %d", row.Bug.ID, m.Failure.Seed)
			if m.Changed {
				fmt.Fprintf(out, "%s\n", s.paint(red, at+": does not fail as before any more: "+m.Failure.Signature))
			}
			if m.EndedEarly {
				fmt.Fprintf(out, "%s: the search ended early, with %s left\n", at, plural(m.Faults, "fault"))
			}
			for _, key := range m.Unnecessary {
				fmt.Fprintf(out, "%s: not necessary after all: %s\n", at, key)
			}
		}
	}
}
