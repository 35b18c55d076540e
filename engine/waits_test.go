package engine

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"testing"
)

// A logbook keeps the attributes of what is logged, an entry each.
type logbook struct {
	slog.Handler
	entries []map[string]string
}

// Enabled implements [slog.Handler].
func (b *logbook) Enabled(context.Context, slog.Level) bool { return true }

// Handle implements [slog.Handler].
func (b *logbook) Handle(_ context.Context, record slog.Record) error {
	entry := map[string]string{"level": record.Level.String()}
	record.Attrs(func(a slog.Attr) bool {
		entry[a.Key] = a.Value.String()
		return true
	})
	b.entries = append(b.entries, entry)
	return nil
}

// tries returns how many tries the entries speak of.
func (b *logbook) tries() (all []string) {
	for _, entry := range b.entries {
		all = append(all, entry["tries"])
	}
	return all
}

// TestWaitsAreLoggedMoreAndMoreRarely logs a wait at the eighth try in vain, and each time that the number has doubled.
func TestWaitsAreLoggedMoreAndMoreRarely(t *testing.T) {
	var book logbook
	for tries := range 40 {
		logWaiting(slog.New(&book), "agent.create", AttemptKey{"a", 2}, tries, errors.New("502"))
	}
	if got, want := book.tries(), []string{"8", "16", "32"}; !slices.Equal(got, want) {
		t.Fatalf("logged at tries %q, want %q", got, want)
	}
	want := map[string]string{"level": "WARN", "op": "agent.create", "tries": "8", "error": "502", "review": "a", "attempt": "2"}
	if got := book.entries[0]; !maps.Equal(got, want) {
		t.Errorf("logged %v, want %v", got, want)
	}
}

// TestWaitsWithoutAnError logs a wait for somebody who has answered, but not what was hoped for.
func TestWaitsWithoutAnError(t *testing.T) {
	var book logbook
	logWaiting(slog.New(&book), "agent.interrupt", AttemptKey{"a", 1}, 8, nil)
	want := map[string]string{"level": "WARN", "op": "agent.interrupt", "tries": "8", "review": "a", "attempt": "1"}
	if len(book.entries) != 1 || !maps.Equal(book.entries[0], want) {
		t.Errorf("logged %v, want %v", book.entries, want)
	}
}

// TestFailuresInARow counts failures until a call succeeds, and anew from there.
func TestFailuresInARow(t *testing.T) {
	for _, test := range []struct {
		name  string
		calls []int // failures in a row, with a success between them
		want  []string
	}{
		{"too few", []int{7}, nil},
		{"enough", []int{8}, []string{"8"}},
		{"for long", []int{33}, []string{"8", "16", "32"}},
		{"too few, twice", []int{7, 7}, nil},
		{"enough, twice", []int{8, 9}, []string{"8", "8"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var book logbook
			var failed failures
			for _, n := range test.calls {
				for range n {
					failed.count(slog.New(&book), "store.sweep", errors.New("gone"))
				}
				failed.count(slog.New(&book), "store.sweep", nil)
			}
			if got := book.tries(); !slices.Equal(got, test.want) {
				t.Fatalf("logged at tries %q, want %q", got, test.want)
			}
			for _, entry := range book.entries {
				if entry["op"] != "store.sweep" || entry["error"] != "gone" || entry["level"] != "WARN" {
					t.Errorf("logged %v", entry)
				}
			}
		})
	}
}
