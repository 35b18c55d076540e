package postgres_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// pauses returns an option that makes a store try again at once, and the pauses that it would have made.
func pauses() (option postgres.Option, made *[]time.Duration) {
	made = new([]time.Duration)
	return postgres.WithSleep(func(_ context.Context, d time.Duration) error {
		*made = append(*made, d)
		return nil
	}), made
}

// TestInterruptedCalls has the server say something in the place of, or in the middle of, every message of a call: that its
// transaction lost against another one, that it shuts down, that it accepts no writes, or that a value is too long. The
// call makes up for what had no effect with another try, and says what it knows about the rest.
func TestInterruptedCalls(t *testing.T) {
	address := emptyDatabase(t)
	direct := connect(t, address)
	if _, _, err := postgres.Migrate(limited(t), direct); err != nil {
		t.Fatal(err)
	}
	proxy := throughProxy(t, address)
	reviews := 0
	// interrupt submits a review on a connection that has worked before, under an injector, and returns whether it is
	// stored, how often the call was tried again, and its error.
	interrupt := func(t *testing.T, injector pgwire.Injector) (stored bool, again int, err error) {
		t.Helper()
		option, made := pauses()
		pool := connect(t, proxy.URL(), postgres.WithMaxConns(1))
		defer pool.Close()
		store := postgres.NewReviews(pool, option, postgres.WithLog(slog.New(slog.DiscardHandler)))
		if err := submit(limited(t), store, "before", "ann"); err != nil {
			t.Fatal(err)
		}
		reviews++
		review := fmt.Sprint("r-", reviews)
		proxy.Begin(injector)
		err = submit(limited(t), store, review, "ann")
		proxy.Begin(nil)
		if _, missing := postgres.NewReviews(direct).Get(limited(t), engine.ReviewID(review)); missing != nil && !engine.IsKind(missing, engine.NotFound) {
			t.Fatal(missing)
		} else {
			stored = missing == nil
		}
		return stored, len(*made), err
	}
	recorder := pgwire.NewRecorder(nil)
	if stored, again, err := interrupt(t, recorder); !stored || again != 0 || err != nil {
		t.Fatalf("without an interruption: stored %t, %d more tries, %v", stored, again, err)
	}
	// What comes of a lost hint is no concern of the call.
	ofHint := func(m pgwire.Message) bool { return strings.Contains(m.SQL, "pg_notify") }
	messages := recorder.Messages()
	messages = messages[:slices.IndexFunc(messages, ofHint)]
	for _, test := range []struct {
		name string
		cuts []pgwire.Cut
		// What may come of the call besides that it is done: kinds of errors. again is whether one of the calls was done
		// with its second try.
		kinds []engine.ErrorKind
		again bool
	}{
		{"lost against another transaction", pgwire.Errors(messages, "40001"), nil, true},
		{"no writes", pgwire.Errors(messages, "25006"), nil, true},
		{"too long", pgwire.Errors(messages, "22001"), []engine.ErrorKind{engine.Permanent}, false},
		{"shuts down", pgwire.LastWords(messages, "57P01"), []engine.ErrorKind{engine.Ambiguous}, true},
		{"the pooler has lost its server", pgwire.LastWords(messages, "08P01"), []engine.ErrorKind{engine.Ambiguous}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			told, repaired := 0, 0
			for _, cut := range test.cuts {
				injector := cut.Injector()
				stored, again, err := interrupt(t, injector)
				if !injector.Done() {
					t.Errorf("%s: the message did not come", cut)
				}
				if err == nil {
					if !stored || again > 1 {
						t.Errorf("%s: done, and stored: %t, after %d more tries", cut, stored, again)
					}
					repaired += again
					continue
				}
				told++
				if kind := engine.KindOf(err); !slices.Contains(test.kinds, kind) || stored && kind != engine.Ambiguous || again > 0 {
					t.Errorf("%s: stored: %t, after %d more tries, %v", cut, stored, again, err)
				}
			}
			if (told > 0) != (len(test.kinds) > 0) || test.again != (repaired > 0) {
				t.Errorf("of %d calls %d failed and %d were done with another try", len(test.cuts), told, repaired)
			}
		})
	}
}

// TestInterruptedReads: a read has no effect that could be unknown, so one whose answer is lost is rejected. What a server
// refuses for good stays so.
func TestInterruptedReads(t *testing.T) {
	address := emptyDatabase(t)
	if _, _, err := postgres.Migrate(limited(t), connect(t, address)); err != nil {
		t.Fatal(err)
	}
	proxy := throughProxy(t, address)
	for name, test := range map[string]struct {
		decision pgwire.Decision
		want     engine.ErrorKind
	}{
		"the connection is cut": {pgwire.Decision{Action: pgwire.CutAfter}, engine.Rejected},
		"too long":              {pgwire.Decision{Action: pgwire.Raise, Code: "22001"}, engine.Permanent},
	} {
		t.Run(name, func(t *testing.T) {
			option, _ := pauses()
			store := postgres.NewReviews(connect(t, proxy.URL(), postgres.WithMaxConns(1)), option)
			if _, err := store.Get(limited(t), "a"); !engine.IsKind(err, engine.NotFound) {
				t.Fatal(err)
			}
			interrupted := false
			proxy.Begin(pgwire.Func(func(m pgwire.Message) pgwire.Decision {
				if m.Type == "Execute" && !interrupted {
					interrupted = true
					return test.decision
				}
				return pgwire.Decision{}
			}))
			_, err := store.Get(limited(t), "a")
			proxy.Begin(nil)
			if !interrupted || !engine.IsKind(err, test.want) {
				t.Errorf("interrupted: %t, %v; want %s", interrupted, err, test.want)
			}
		})
	}
}
