package certify

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/campaign"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// openMemory opens stores in memory that are changed first. removed counts those that are removed.
func openMemory(change func(*Ports), removed *int) OpenStores {
	return func(context.Context) (world.Stores, func(context.Context) error, error) {
		ports := newMemory().ports()
		if change != nil {
			change(ports)
		}
		return ports, func(context.Context) error { *removed++; return nil }, nil
	}
}

// TestSeedsPass runs seeds on stores that are models too.
func TestSeedsPass(t *testing.T) {
	removed, progress := 0, campaign.Progress{}
	report, err := Seeds(t.Context(), openMemory(nil, &removed), SeedsOptions{
		Profile: "calm", From: 3, Seeds: 5, Parallel: 1, OnProgress: func(p campaign.Progress) { progress = p },
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := campaign.Campaign{Profile: "calm", From: 3, Seeds: 5, NewWorld: models}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != run.Pass || report.Seeds != 5 || report.Equal != 5 || report.Operations != want.Operations ||
		report.TraceHash != run.FormatHash(want.TraceHash) || report.explain() != "" {
		t.Errorf("%+v", report)
	}
	if removed != 1 || progress.Seeds != 5 {
		t.Errorf("%d stores are removed, and %d seeds were reported", removed, progress.Seeds)
	}
}

// TestSeedsFindADifference runs seeds on a store that is wrong. They stop at the first violation, which is explained.
func TestSeedsFindADifference(t *testing.T) {
	removed := 0
	wrong := func(p *Ports) { p.Reviews = miscounting{p.Reviews} }
	report, err := Seeds(t.Context(), openMemory(wrong, &removed), SeedsOptions{Profile: "calm", From: 1, Seeds: 1000, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != run.Violated || report.Seeds != 1 || report.Equal != 0 || len(report.Failures) != 1 || removed != 1 {
		t.Fatalf("%+v; %d stores are removed", report, removed)
	}
	want := "seed 1 of calm: " + report.Failures[0].Violation.Message + " " + report.Failures[0].Violation.Detail + "\n"
	if report.Failures[0].Violation.Property != world.StoreAsModel || report.explain() != want {
		t.Errorf("%s, want %s", report.explain(), want)
	}
}

// TestSeedsOnLostStores takes the stores away for good. The verdict is unknown, no more seeds are run, and nothing is
// removed.
func TestSeedsOnLostStores(t *testing.T) {
	removed, runs := 0, 0
	away := errors.New("the connection is gone")
	leave := func(p *Ports) {
		clearAll := p.Clear
		p.Clear = func(ctx context.Context) error {
			if runs++; runs > 3 {
				return away
			}
			return clearAll(ctx)
		}
	}
	report, err := Seeds(t.Context(), openMemory(leave, &removed), SeedsOptions{Profile: "calm", From: 1, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != run.Unknown || report.Equal != 3 || !errors.Is(report.Lost, away) || removed != 0 {
		t.Errorf("%+v; %d stores are removed", report, removed)
	}
	if text := report.explain(); !strings.Contains(text, away.Error()) {
		t.Errorf("the loss is explained as %q", text)
	}
}

// TestSeedsUnknown has an outage in one run only. The seed is explained.
func TestSeedsUnknown(t *testing.T) {
	removed, left := 0, 1
	away := errors.New("the connection is gone")
	leave := func(p *Ports) {
		p.Reviews = &leaving{ReviewStore: p.Reviews, do: func(next func()) error {
			if left--; left == 0 {
				return away
			}
			next()
			return nil
		}}
		p.Outage = func(err error) bool { return errors.Is(err, away) }
	}
	report, err := Seeds(t.Context(), openMemory(leave, &removed), SeedsOptions{Profile: "calm", From: 1, Seeds: 3, Parallel: 1})
	if err != nil {
		t.Fatal(err)
	}
	if report.Verdict != run.Unknown || report.Lost != nil || report.Equal != 2 || removed != 1 {
		t.Errorf("%+v; %d stores are removed", report, removed)
	}
	if text := report.explain(); !strings.HasPrefix(text, "seed 1 of calm: ") || !strings.Contains(text, away.Error()) {
		t.Errorf("the unknown seed is explained as %q", text)
	}
}

// TestStoresThatCannotBeOpened returns the error of opening the first stores.
func TestStoresThatCannotBeOpened(t *testing.T) {
	full := engine.Errorf(engine.Rejected, "open", "the memory is full")
	open := func(context.Context) (world.Stores, func(context.Context) error, error) { return nil, nil, full }
	if report, err := Seeds(t.Context(), open, SeedsOptions{Profile: "calm", Seeds: 1}); !errors.Is(err, full) {
		t.Errorf("%+v, %v", report, err)
	}
}
