package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// A watcher sees a beat at the earliest when it is renewed, and suspects it when it
// has stood still for a lease. So no takeover comes sooner after the last renewal,
// whatever the watcher's clock shows, as long as it does not jump. A host that never
// renewed is seen from its first creation on. A watcher with an older configuration
// waits for a lease of its own length, and what it sends may be executed in its next
// life.
var leaseRespected = Property{
	ID:       "lease-respected",
	Class:    Protocol,
	Sentence: "A lease is taken over no sooner than its length after its last renewal.",
	Source:   "design.md 3.4: leases",
	watches:  []watching{on(checkLeaseRespected, JournalExecuted)},
}

// leaseGrain is how precisely times are compared: to that of clocks and timers.
const leaseGrain = time.Millisecond

func checkLeaseRespected(l *ledger, r *Record) *Violation {
	before, after := r.RowBefore, r.Row
	if r.JournalOp.Kind != model.JournalHold || before == nil || after == nil || before.Holder == "" || after.Holder == before.Holder {
		return nil
	}
	lease := l.leases[before.Holder]
	if !lease.known || l.clockJumped || r.Life <= l.process(r.Actor).old {
		return nil
	}
	if age := r.At - lease.at; age < l.config.Worker.LeaseFor-leaseGrain {
		return violated(r, "taken over too early", "%s took review %s, attempt %d over from %s, which had renewed its lease %s before; a lease holds for %s",
			after.Holder, r.Key.Review, r.Key.Attempt, before.Holder, age, l.config.Worker.LeaseFor)
	}
	return nil
}
