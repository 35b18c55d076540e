package enginetest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/onceover/onceover/engine"
)

var readCases = []journalCase{
	{"Load, Payload and Events are NotFound for an unknown attempt", func(f *journalFixture) {
		f.create("a", "h1")
		for _, key := range []engine.AttemptKey{attemptOf("b", 1), attemptOf("a", 2), attemptOf("a", 0), attemptOf("A", 1), attemptOf("a\x00", 1)} {
			_, err := f.journal.Load(context.Background(), key)
			checkKind(f, fmt.Sprintf("Load %q", key), err, engine.NotFound)
			_, err = f.journal.Payload(context.Background(), key)
			checkKind(f, fmt.Sprintf("Payload of %q", key), err, engine.NotFound)
			_, err = f.journal.Events(context.Background(), key, 0, 9)
			checkKind(f, fmt.Sprintf("Events of %q", key), err, engine.NotFound)
		}
	}},
	{"Events lists the events after a number, at most as many as it is asked for", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", progress(1, 12))
		f.events("a", 0, 99).lists("a", 1, 12)
		f.events("a", 0, 1).lists("a", 1, 1)
		f.events("a", 3, 2).lists("a", 4, 5)
		f.events("a", 11, 9).lists("a", 12, 12)
		f.events("a", -7, 2).lists("a", 1, 2)
		f.events("a", 12, 9).lists("a", 1, 0)
		f.events("a", math.MaxInt64, math.MaxInt32).lists("a", 1, 0)
		f.events("a", 0, 0).lists("a", 1, 0)
		f.events("a", 0, -1).lists("a", 1, 0)
	}},
	{"Events ends a page before it is too large for one answer, and has one event at least", func(f *journalFixture) {
		f.create("a", "h1")
		events := progress(1, 7)
		for i, bytes := range []int{engine.EventTextBytesMax, engine.EventTextBytesMax, 1, 0, engine.PageBytesMax - engine.EventTextBytesMax - 1, 0, 1} {
			events[i].Text = strings.Repeat("x", bytes)
		}
		f.append("a", events)
		f.events("a", 0, 9).lists("a", 1, 2)
		f.events("a", 0, 1).lists("a", 1, 1)
		f.events("a", 1, 9).lists("a", 2, 6)
		f.events("a", 1, 3).lists("a", 2, 4)
		f.events("a", 2, 9).lists("a", 3, 7)
		f.events("a", 6, 9).lists("a", 7, 7)
	}},
	{"Events lists nothing for an attempt without events", func(f *journalFixture) {
		f.create("a", "h1")
		f.events("a", 0, 9).lists("a", 1, 0)
		f.requestCancel("b")
		f.events("b", 0, 9).lists("b", 1, 0)
	}},
	{"Purge forgets payload and events of a finished attempt, and keeps everything else", func(f *journalFixture) {
		f.settled("a")
		f.purge(9).purges("a")
		f.purge(9).purges()
		f.create("a", "h2").creates(false)
	}},
	{"Purge takes tombstones for finished", func(f *journalFixture) {
		f.requestCancel("a")
		f.create("b", "h1", abandon("no"))
		f.purge(9).purges("a", "b")
	}},
	{"Purge keeps an attempt that is unfinished, or whose callback is owed", func(f *journalFixture) {
		f.create("a", "h1")
		f.append("a", progress(1, 2))
		f.create("b", "h1")
		f.append("b", lastly(progress(1, 2), completes))
		f.create("c", "h1")
		f.decide("c", lost)
		f.create("d", "h1")
		f.releaseLease("d")
		f.purge(9).purges()
	}},
	{"Purge keeps an attempt that has changed since", func(f *journalFixture) {
		f.settled("a")
		f.nextAt(f.entry("a").UpdatedAt)
		f.purge(9).purges()
		f.nextAt(f.entry("a").UpdatedAt.Add(time.Microsecond))
		f.purge(9).purges("a")
	}},
	{"Purge forgets at most as many as it is asked for", func(f *journalFixture) {
		for _, id := range []string{"a", "b", "c"} {
			f.settled(id)
		}
		f.purge(0).purges()
		f.purge(-1).purges()
		purged := 0
		for _, most := range []int{2, 2, 2} {
			c := f.purge(most)
			if c.err != nil || c.purged > most {
				f.Fatalf("%s: %d purged, %v", c.op, c.purged, c.err)
			}
			purged += c.purged
		}
		if f.adopt(); purged != 3 {
			f.Fatalf("%d of 3 attempts were purged, in three times at most two", purged)
		}
	}},
	{"Append skips events that were purged", func(f *journalFixture) {
		f.settled("a")
		f.purge(9).purges("a")
		f.append("a", progress(1, 2)).changes()
		f.append("a", progress(1, 3)).refused(engine.Stale)
	}},
	{"A call under an ended context is Rejected without an effect, or Ambiguous, or succeeds", func(f *journalFixture) {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		for _, method := range everyJournalMethod {
			f.create(method.name, "h1")
			f.know(attemptOf(method.name, 2))
			c := f.call(method.name+" under an ended context", func(c *journalCall) {
				c.err = method.call(ended, f.journal, attemptOf(method.name, 1), f.now)
			})
			switch {
			case engine.IsKind(c.err, engine.Rejected):
				c.refused(engine.Rejected)
			case c.err != nil:
				checkKind(f, c.op, c.err, engine.Ambiguous)
				c.err = nil
			}
		}
	}},
}

// everyJournalMethod calls each method on an attempt that was accepted by host h1, with success.
var everyJournalMethod = []struct {
	name string
	call func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error
}{
	{"Create", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		key.Attempt = 2
		_, _, err := journal.Create(ctx, engine.StartRequest{Key: key}, "h1", now)
		return err
	}},
	{"RequestCancel", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		_, err := journal.RequestCancel(ctx, key, now)
		return err
	}},
	{"Load", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, _ time.Time) error {
		_, err := journal.Load(ctx, key)
		return err
	}},
	{"Events", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, _ time.Time) error {
		_, err := journal.Events(ctx, key, 0, 9)
		return err
	}},
	{"Payload", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, _ time.Time) error {
		_, err := journal.Payload(ctx, key)
		return err
	}},
	{"Held", func(ctx context.Context, journal engine.Journal, _ engine.AttemptKey, _ time.Time) error {
		_, err := journal.Held(ctx, "h1")
		return err
	}},
	{"RenewLease", func(ctx context.Context, journal engine.Journal, _ engine.AttemptKey, _ time.Time) error {
		_, err := journal.RenewLease(ctx, "h1", nil, 9)
		return err
	}},
	{"RecordIntent", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		_, err := journal.RecordIntent(ctx, key, 1, now)
		return err
	}},
	{"Append", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		_, err := journal.Append(ctx, key, 1, progress(1, 1), now)
		return err
	}},
	{"Decide", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		_, err := journal.Decide(ctx, key, 1, lost, now)
		return err
	}},
	{"Finish", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		_, err := journal.Finish(ctx, key, 1, lost, now)
		return err
	}},
	{"ClearOutbox", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		return journal.ClearOutbox(ctx, key, 1, now)
	}},
	{"ReleaseLease", func(ctx context.Context, journal engine.Journal, key engine.AttemptKey, now time.Time) error {
		return journal.ReleaseLease(ctx, key, 1, now)
	}},
	{"Purge", func(ctx context.Context, journal engine.Journal, _ engine.AttemptKey, now time.Time) error {
		_, err := journal.Purge(ctx, now, 9)
		return err
	}},
}
