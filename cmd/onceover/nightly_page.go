package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/page"
	"github.com/onceover/onceover/sim/world"
)

// drawPage writes the page of the smallest run of a failure. The command replays it; empty to leave it out. When the
// context ends, the page tells less of when it was too late.
func (p *program) drawPage(ctx context.Context, path string, found *smallest, command string) error {
	err := p.withWorld(func(w breakable) error {
		drawn, err := page.Build(ctx, w, found.Spec, page.Options{Command: command, Necessary: found.Necessary, Sizes: found.pageSizes()})
		if err != nil {
			return err
		}
		var content bytes.Buffer
		if err := drawn.Write(&content); err != nil {
			return err
		}
		return world.WriteFile(path, content.Bytes())
	})
	if err != nil {
		return fmt.Errorf("write page %s: %w", path, err)
	}
	return nil
}

// pageSizes are how much of everything is left.
func (s *smallest) pageSizes() []page.Size {
	return []page.Size{
		{Noun: "faults", Before: uint64(s.Before.Faults), After: uint64(s.After.Faults)},
		{Noun: "reviews", Before: uint64(s.Before.Reviews), After: uint64(s.After.Reviews)},
		{Noun: "owners", Before: uint64(s.Before.Owners), After: uint64(s.After.Owners)},
		{Noun: "events", Before: uint64(s.Before.Events), After: uint64(s.After.Events)},
		{Noun: "steps", Before: s.Before.Steps, After: s.After.Steps},
	}
}

// VisualizeHistory draws the history of the latest run, if the world can.
func (w breakable) VisualizeHistory(out io.Writer, review engine.ReviewID) error {
	historian, can := w.World.(page.Historian)
	if !can {
		return errors.New("this world keeps no history")
	}
	return historian.VisualizeHistory(out, review)
}
