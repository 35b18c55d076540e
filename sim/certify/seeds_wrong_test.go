package certify

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/sim/run"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/world"
)

var update = flag.Bool("update", false, "update the golden file under testdata")

// wrongStores are wrong in one way each.
var wrongStores = []struct {
	name    string
	profile string
	spoil   func(*Ports)
}{
	{"claims beyond the owner's limit", "default", func(p *Ports) { p.Reviews = limitless{p.Reviews} }},
	{"answers another token than it has stored", "calm", func(p *Ports) { p.Reviews = miscounting{p.Reviews} }},
	{"keeps times to the second", "calm", func(p *Ports) { p.Reviews = coarse{p.Reviews} }},
	{"fails where it should not", "default", func(p *Ports) { p.Reviews = breaking{p.Reviews} }},
	{"takes events under any epoch", "storm", func(p *Ports) { p.Journal = fenceless{p.Journal} }},
	{"forgets events", "calm", func(p *Ports) { p.Journal = forgetful{p.Journal} }},
	{"renews every lease twice", "calm", func(p *Ports) { p.Journal = restless{p.Journal} }},
	{"does not remove all rows", "calm", func(p *Ports) {
		clearAll := p.Clear
		p.Clear = func(ctx context.Context) error { return errors.Join(clearAll(ctx), leaveOne(ctx, p.Journal)) }
	}},
}

type limitless struct{ engine.ReviewStore }

func (s limitless) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	c.Limit = 1000
	return s.ReviewStore.Claim(ctx, c)
}

type miscounting struct{ engine.ReviewStore }

func (s miscounting) Claim(ctx context.Context, c engine.Claim) (engine.Token, error) {
	token, err := s.ReviewStore.Claim(ctx, c)
	if err == nil {
		token++
	}
	return token, err
}

type coarse struct{ engine.ReviewStore }

func (s coarse) Submit(ctx context.Context, submission engine.Submission, now time.Time) (engine.Review, []engine.Review, error) {
	review, superseded, err := s.ReviewStore.Submit(ctx, submission, now)
	review.EnqueuedAt = review.EnqueuedAt.Truncate(time.Second)
	return review, superseded, err
}

type breaking struct{ engine.ReviewStore }

func (s breaking) Cancel(context.Context, engine.AttemptKey, string, time.Time) (engine.Review, error) {
	return engine.Review{}, &engine.Error{
		Kind: engine.Ambiguous, Op: "store.cancel", Err: errors.New(`ERROR: column "stoping" does not exist (SQLSTATE 42703)`),
	}
}

type fenceless struct{ engine.Journal }

func (s fenceless) Append(ctx context.Context, key engine.AttemptKey, _ engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	known, err := s.Load(ctx, key)
	if err != nil {
		return engine.Orchestration{}, err
	}
	return s.Journal.Append(ctx, key, known.Epoch, events, now)
}

type forgetful struct{ engine.Journal }

func (s forgetful) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	events, err := s.Journal.Events(ctx, key, after, max)
	return events[:len(events)/2], err
}

type restless struct{ engine.Journal }

func (s restless) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
	if _, err := s.Journal.RenewLease(ctx, host, suspects, max); err != nil {
		return 0, err
	}
	return s.Journal.RenewLease(ctx, host, suspects, max)
}

// leaveOne puts an attempt into a journal that no operation asks for, and that no purge finds old enough.
func leaveOne(ctx context.Context, journal engine.Journal) error {
	_, err := journal.RequestCancel(ctx, engine.AttemptKey{Review: "R99", Attempt: 1}, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	return err
}

// TestGoldenDivergences pins the violations that wrong stores come to: for each, the first seed that finds it, with the
// last steps before the violation.
func TestGoldenDivergences(t *testing.T) {
	const shown = 4
	var text strings.Builder
	for _, wrong := range wrongStores {
		ports := newMemory().ports()
		wrong.spoil(ports)
		tally := new(tally)
		w := newComparedWorld(ports, tally)
		for seed := uint64(1); ; seed++ {
			if seed > 500 {
				t.Fatalf("a store that %s is not found in %d seeds of %s", wrong.name, seed-1, wrong.profile)
			}
			var lines []run.Line
			spec := run.Spec{Seed: seed, Profile: wrong.profile}
			outcome := w.Run(spec)
			if tally.equal.Load() == tally.runs.Load() {
				continue
			}
			v := outcome.Violation
			if outcome.Verdict != run.Violated || v == nil || v.Property != world.StoreAsModel {
				t.Fatalf("a store that %s: seed %d is %s: %+v", wrong.name, seed, outcome.Verdict, v)
			}
			spec.Trace = func(line run.Line) { lines = append(lines, line) }
			if again := w.Run(spec); again.Hash != outcome.Hash || !again.Violation.Equal(v) {
				t.Errorf("a store that %s: seed %d came to %+v, and then to %+v", wrong.name, seed, v, again.Violation)
			}
			fmt.Fprintf(&text, "a store that %s\n  seed %d of %s\n  %s\n  at %s: %s\n", wrong.name, seed, wrong.profile, v.Signature(), v.At, v.Message+" "+v.Detail)
			for _, line := range lines[max(0, len(lines)-shown):] {
				fmt.Fprintf(&text, "    step %d  %s  %s  %s\n", line.Step, line.At, line.Actor, line.Text)
			}
			text.WriteString("\n")
			break
		}
		w.Close()
	}
	golden(t, filepath.Join("testdata", "divergences.txt"), text.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(got), 0o644)); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is out of date. If the change is intended, review\n%s\nand update the file with -update", path, got)
	}
}
