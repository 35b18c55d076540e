package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

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

// losing has every submission lose against another transaction, so that it is to be tried again.
const losing = `
	CREATE FUNCTION public.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE serialization_failure; END $$;
	CREATE TRIGGER lose BEFORE INSERT ON app.reviews FOR EACH ROW EXECUTE FUNCTION public.lose()`

// lost reports whether an error is that of a transaction that lost against another one.
func lost(err error) bool {
	refused, is := errors.AsType[*pgconn.PgError](err)
	return engine.IsKind(err, engine.Rejected) && is && refused.Code == "40001"
}

// TestTriesHaveABound: a call that is refused each time is given up after four tries. The pauses between them double.
func TestTriesHaveABound(t *testing.T) {
	pool := migrated(t)
	run(t, pool, losing)
	option, made := pauses()
	store := postgres.NewReviews(pool, option)
	for range 20 { // pauses are drawn
		*made = nil
		if err := submit(limited(t), store, "r", "ann"); !lost(err) {
			t.Fatalf("got %v", err)
		}
		most := []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 40 * time.Millisecond}
		if len(*made) != len(most) {
			t.Fatalf("pauses of %s, want three", *made)
		}
		for i, pause := range *made {
			if pause < 1 || pause > most[i] {
				t.Errorf("pause %d is %s, want at most %s", i+1, pause, most[i])
			}
		}
	}
}

// TestPausesEndWithTheirCaller: a call whose caller gives up during a pause, or before it, fails with the error of its
// try.
func TestPausesEndWithTheirCaller(t *testing.T) {
	pool := migrated(t)
	run(t, pool, losing)
	ctx, leave := context.WithCancel(limited(t))
	defer leave()
	slept := 0
	store := postgres.NewReviews(pool, postgres.WithSleep(func(context.Context, time.Duration) error {
		slept++
		leave()
		return context.Canceled
	}))
	if err := submit(ctx, store, "r", "ann"); slept != 1 || !lost(err) {
		t.Errorf("after %d pauses: %v", slept, err)
	}
}

// TestPausesOnTheWallClock: without another one, a store pauses on the wall clock, and no longer than its caller waits.
func TestPausesOnTheWallClock(t *testing.T) {
	pool := migrated(t)
	run(t, pool, losing)
	if err := submit(limited(t), postgres.NewReviews(pool), "r", "ann"); !lost(err) {
		t.Errorf("got %v", err)
	}
}
