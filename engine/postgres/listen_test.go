package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/engine/postgres"
	"github.com/onceover/onceover/faults/pgwire"
)

// TestListen checks that a listener is notified of a submission, a terminal status, a freed slot and a next attempt,
// even after its connection was cut, and that it ends with its context.
func TestListen(t *testing.T) {
	pool := migrated(t)
	reviews := postgres.NewReviews(pool)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	listening, stop := context.WithCancel(ctx)
	triggered, ended := make(chan engine.OwnerID, 100), make(chan error, 1)
	go func() {
		ended <- postgres.Listen(listening, pool, func(owner engine.OwnerID) { triggered <- owner }, noPause)
	}()
	expect := func(owner engine.OwnerID) {
		t.Helper()
		select {
		case got := <-triggered:
			if got != owner {
				t.Fatalf("trigger of %s instead of %s", got, owner)
			}
		case <-ctx.Done():
			t.Fatalf("no trigger of %s", owner)
		}
	}
	listeners := func() (pid uint32) {
		t.Helper()
		for pid == 0 {
			err := pool.QueryRow(ctx, `SELECT coalesce(max(pid), 0) FROM pg_stat_activity
				WHERE datname = current_database() AND query = 'LISTEN onceover_work' AND state = 'idle'`).Scan(&pid)
			if err != nil {
				t.Fatal(err)
			}
		}
		return pid
	}
	pid := listeners()
	key := engine.AttemptKey{Review: "r", Attempt: 1}
	submission := engine.Submission{Review: "r", Owner: "ann", Platform: "github", Repository: "app", HeadSHA: "a"}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		expect("ann")
	}
	_, _, err := reviews.Submit(ctx, submission, epoch)
	check(err)
	token, err := reviews.Claim(ctx, engine.Claim{Key: key, Owner: "ann", Limit: 1, Now: epoch, DueAt: epoch})
	if err != nil {
		t.Fatal(err)
	}
	_, err = reviews.Cancel(ctx, key, "enough", epoch)
	check(err)
	_, err = reviews.Stopped(ctx, key, epoch)
	check(err)
	_, err = reviews.Retrigger(ctx, key, epoch)
	check(err)

	run(t, pool, "SELECT pg_terminate_backend($1)", pid)
	for listeners() == pid {
	}
	key.Attempt++
	check(reviews.Fail(ctx, key, token, "broken", epoch))
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}

// TestListenPauses checks the pause before a listener connects again: it doubles from 100 ms to 10 s while the server is
// away, up to half of it less by chance, and is short again after a connection that worked.
func TestListenPauses(t *testing.T) {
	address := emptyDatabase(t)
	proxy, err := pgwire.New(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	direct, pool := connect(t, address), connect(t, proxy.URL(), postgres.WithMaxConns(1))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const failures = 10
	errEnough := errors.New("enough")
	var pauses []time.Duration
	sleep := postgres.WithSleep(func(_ context.Context, d time.Duration) error {
		pauses = append(pauses, d)
		switch len(pauses) {
		case failures:
			proxy.Begin(nil) // The server is back.
		case failures + 1:
			return errEnough
		}
		return nil
	})
	proxy.Begin(pgwire.Func(pgwire.Refuse))
	ended := make(chan error, 1)
	go func() { ended <- postgres.Listen(ctx, pool, func(engine.OwnerID) {}, sleep) }()
	for listening := false; !listening; {
		err := direct.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_stat_activity
			WHERE datname = current_database() AND query = 'LISTEN onceover_work' AND state = 'idle')`).Scan(&listening)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := proxy.CutAll(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, errEnough) {
		t.Fatalf("ended with %v", err)
	}
	want := 100 * time.Millisecond
	for i, pause := range pauses {
		if i == failures {
			want = 100 * time.Millisecond
		}
		if pause < want/2 || pause > want {
			t.Errorf("pause %d is %s, want at most %s and at least half of it", i+1, pause, want)
		}
		want = min(2*want, 10*time.Second)
	}
}
