package world

import (
	"testing"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/faults"
	"github.com/onceover/onceover/sim/run"
)

// TestEveryCallIsARow: the table has a complete row for each call of the checker's list, except preparation, which has
// no other party. A call without a row could not be made, and one without a fault would be made in vain.
func TestEveryCallIsARow(t *testing.T) {
	rows := 0
	for called := checker.Call(1); called.Port() != 0; called++ {
		if called == checker.CallPrepare {
			continue
		}
		if int(called) >= len(methods) {
			t.Fatalf("the table ends before %s", called)
		}
		rows++
		m := &methods[called]
		if m.link == nil {
			t.Errorf("%s has no row", called)
			continue
		}
		if m.call != called || m.name != called.String() || m.route == "" || m.direct == nil || m.inject == nil {
			t.Errorf("the row of %s is %+v", called, m)
		}
		if remote := !m.link.store; remote != (m.overHTTP != nil) {
			t.Errorf("%s is made over HTTP: %v", called, m.overHTTP != nil)
		}
		for _, entry := range faults.Catalogue() {
			if got, want := m.faults.kinds[entry.Kind].String(), called.String()+"/"+entry.Kind.String(); got != want {
				t.Errorf("%s decides on %s as %s", called, entry.Kind, got)
			}
		}
	}
	if rows != len(methods)-2 { // what is no call, and preparation
		t.Errorf("%d calls, and %d rows of the table", rows, len(methods))
	}
}

// TestCallsAreReused: runs take the memory of their calls from a pool, into which every call returns once.
func TestCallsAreReused(t *testing.T) {
	w := New()
	defer w.Close()
	for _, profile := range faults.Profiles() {
		for seed := range uint64(20) {
			w.Run(run.Spec{Seed: seed, Profile: profile.Name})
			free := map[*call]bool{}
			for _, c := range w.calls {
				if free[c] {
					t.Fatalf("profile %s, seed %d: one call is free twice", profile.Name, seed)
				}
				free[c] = true
				if c.held || c.underWay || c.serving != 0 {
					t.Fatalf("profile %s, seed %d: a call is free that is held (%v), under way (%v) or served (%d)",
						profile.Name, seed, c.held, c.underWay, c.serving)
				}
			}
			if len(free) == 0 {
				t.Fatalf("profile %s, seed %d: no call is free after the run", profile.Name, seed)
			}
		}
	}
}
