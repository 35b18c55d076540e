package main

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/onceover/onceover/cmd/onceover/internal/store"
	"github.com/onceover/onceover/sim/explain"
	"github.com/onceover/onceover/sim/run"
)

// linesOfDifference is how many lines of a comparison the terminal shows; the page shows more.
const linesOfDifference = 60

// readAgainst reads the run that --against names, and refuses flags that do not go with it.
func (c *replayCommand) readAgainst(profileGiven bool) (err error) {
	if c.against == "" {
		return nil
	}
	for _, other := range []struct {
		name  string
		given bool
	}{
		{"--json", c.json}, {"--minimise", c.minimise}, {"--why", c.pictures.why}, {"--check-determinism", c.checkDeterminism.value > 0},
	} {
		if other.given {
			return fmt.Errorf("--against compares two runs as they are, which %s is not made for: give one of them", other.name)
		}
	}
	if c.other, err = findRun(c.against, c.recorded.Profile, profileGiven); err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	return nil
}

// executeAgainst compares two runs and prints how they differ. Its verdict is that of the first one.
func (c *replayCommand) executeAgainst(on *store.Store) error {
	w := on.NewWorld()
	a, b := c.recorded.Spec(), c.other.Spec()
	found, err := explain.Compare(w, a, b)
	if broken := new(run.BrokenError); errors.As(err, &broken) {
		return err
	}
	w.Close()
	if err != nil {
		return err
	}
	width := math.MaxInt
	if c.stdout.Terminal {
		width = c.stdout.Width()
	}
	for line := range strings.Lines(found.Text(c.argument, c.against, linesOfDifference)) {
		c.stdout.Printf("%s", clipLine(line, width))
	}
	if err := c.drawRun(on, a, &b); err != nil {
		return err
	}
	return failed(found.A.Verdict)
}

// clipLine returns as much of a line as fits into a number of columns.
func clipLine(line string, columns int) string {
	if runes := []rune(line); len(runes) > columns {
		return string(runes[:columns-1]) + "…\n"
	}
	return line
}
