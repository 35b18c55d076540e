package pgserver

import (
	"context"
	"slices"
	"testing"
)

// asURL returns the server as one that belongs to somebody else, at a URL.
func asURL(t *testing.T, address string) *Server {
	t.Helper()
	s, err := At(t.Context(), address, "a test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestLeftOver leaves databases behind as a killed process does: they are dropped by another, and none that is in use.
func TestLeftOver(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		killed, lives, cleaner := asURL(t, s.URL()), asURL(t, s.URL()), asURL(t, s.URL())
		elsewhere := asURL(t, s.Database(t)) // another database of the same server
		for range 2 {
			if _, _, err := killed.CreateDatabase(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		left := slices.Clone(killed.owner.created)
		if _, _, err := lives.CreateDatabase(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect := func(by *Server, want ...string) {
			t.Helper()
			if dropped, err := by.DropLeftOver(t.Context()); err != nil || !slices.Equal(dropped, want) {
				t.Errorf("dropped %q (%v), want %q", dropped, err, want)
			}
		}
		expect(cleaner)
		expect(elsewhere)
		killed.owner.abandon()
		address, err := killed.addressOf(left[0])
		if err != nil {
			t.Fatal(err)
		}
		user := connect(t, address)
		expect(elsewhere, left[1])
		if err := user.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect(cleaner, left[0])

		// What a process drops in an emergency is gone, and it can create others.
		if err := lives.DropCreated(t.Context()); err != nil || len(lives.owner.created) > 0 {
			t.Errorf("still there: %v (%v)", lives.owner.created, err)
		}
		if _, drop, err := lives.CreateDatabase(t.Context()); err != nil || drop(t.Context()) != nil {
			t.Errorf("no database after that: %v", err)
		}
	})
}
