package enginetest

import (
	"fmt"
	"time"

	"github.com/onceover/onceover/engine"
)

var createCases = []journalCase{
	{"Create records an accepted start that the host holds", func(f *journalFixture) {
		f.create("a", "h1").creates(true, f.accepted("a", "h1"))
	}},
	{"Create keeps a copy of the payload, byte by byte", func(f *journalFixture) {
		for i, payload := range []string{"", "\x00\xff", oddTexts[3]} {
			id := fmt.Sprint("a", i)
			f.create(id, "h1", func(r *engine.StartRequest) { r.Payload = []byte(payload) }).creates(true,
				f.accepted(id, "h1"), silently(id, func(e *entry) { e.Payload = []byte(payload) }))
		}
	}},
	{"Create answers with a known attempt, and changes nothing about it", func(f *journalFixture) {
		other := func(r *engine.StartRequest) { r.Owner, r.Token, r.Payload = "bob", 9, []byte("another diff") }
		again := func() {
			f.create("a", "h1").creates(false)
			f.create("a", "h2", other).creates(false)
			f.create("a", "h2", abandon("no")).creates(false)
		}
		f.create("a", "h1")
		again()
		f.recordIntent("a")
		again()
		f.append("a", progress(1, 2))
		f.decide("a", engine.Outcome{Status: engine.Failed, Cause: engine.CauseStreamLimit})
		again()
		f.finish("a", engine.Outcome{Status: engine.Failed})
		again()
		f.clearOutbox("a")
		again()
		f.purge(9)
		again()
	}},
	{"Create records an abandoned start as failed, with the reason given, and held by nobody", func(f *journalFixture) {
		for i, reason := range oddTexts {
			id := fmt.Sprint("a", i)
			f.create(id, "h1", abandon(reason)).creates(true, f.news(id, func(e *entry) {
				e.Key, e.Owner, e.Phase, e.Cancel = attemptOf(id, 1), "ann", engine.PhaseOver, true
				e.Outcome = engine.Outcome{Status: engine.Failed, Cause: engine.CauseAbandoned, Reason: reason}
			}))
			f.create(id, "h1").creates(false)
		}
	}},
	{"Create distinguishes the attempts of a review", func(f *journalFixture) {
		f.create("a", "h1")
		f.create("a", "h2", func(r *engine.StartRequest) { r.Key.Attempt = 2 })
		f.append("a", progress(1, 2))
		f.adopt()
		if e := f.held[attemptOf("a", 2)]; e.Events != 0 || e.Holder != "h2" {
			f.Fatalf("attempt 2 has %d events and is held by %s; want none, h2", e.Events, e.Holder)
		}
	}},
	{"Create distinguishes names that differ in a single byte", func(f *journalFixture) {
		for i := range oddNames {
			name := oddNames[len(oddNames)-1-i] // in the wrong order
			f.create(name, engine.HostID(name), func(r *engine.StartRequest) { r.Owner = engine.OwnerID(name) }).
				creates(true, f.accepted(name, engine.HostID(name)), silently(name, func(e *entry) { e.Owner = engine.OwnerID(name) }))
		}
		var suspects, none []engine.Heartbeat
		for _, name := range oddNames {
			suspects = append(suspects, beatOf(engine.HostID(name), 0))
		}
		f.renewLease("h0", 0).takes("h0", nil, suspects...)
		f.renewLease("h0", 99, suspects...).takes("h0", oddNames, none...)
	}},
	{"Create and RequestCancel are Permanent for a name that can't be stored", func(f *journalFixture) {
		for _, name := range []string{"nul\x00", "no UTF-8 \xff"} {
			if c := f.create(name, "h1"); c.err != nil {
				c.refused(engine.Permanent)
				f.requestCancel(name).refused(engine.Permanent)
				f.create("b", engine.HostID(name)).refused(engine.Permanent)
			}
		}
	}},
}

var holdCases = []journalCase{
	{"RenewLease renews the lease of a host without attempts", func(f *journalFixture) {
		f.renewLease("h1", 9).takes("h1", nil)
	}},
	{"RenewLease lists all unfinished attempts that the host holds, in the order of their keys", func(f *journalFixture) {
		for _, attempt := range []int{10, 2, 1} {
			for _, id := range []string{"b", "a"} {
				f.create(id, "h1", func(r *engine.StartRequest) { r.Key.Attempt = attempt })
			}
		}
		f.create("c", "h2")
		f.settled("over")
		f.requestCancel("a")
		f.renewLease("h1", 0).takes("h1", nil, beatOf("h2", 0))
	}},
	{"RenewLease counts renewals, and shows each host the beats of the others", func(f *journalFixture) {
		f.create("a", "h1")
		f.renewLease("h2", 9).takes("h2", nil, beatOf("h1", 0))
		f.renewLease("h1", 9).takes("h1", nil)
		f.renewLease("h2", 9).takes("h2", nil, beatOf("h1", 1))
		f.renewLease("h1", 9).takes("h1", nil)
		f.renewLease("h1", 9).takes("h1", nil)
		f.renewLease("h2", 9).takes("h2", nil, beatOf("h1", 3))
	}},
	{"RenewLease lists each other host that holds something unfinished once, by name", func(f *journalFixture) {
		for _, host := range []engine.HostID{"h9", "h10", "H1"} {
			f.create("a"+string(host), host)
			f.create("b"+string(host), host)
			f.renewLease(host, 0)
		}
		f.renewLease("idle", 0)
		f.renewLease("h0", 0).takes("h0", nil, beatOf("H1", 1), beatOf("h10", 1), beatOf("h9", 1))
		f.releaseLease("ah9")
		f.renewLease("h0", 0).takes("h0", nil, beatOf("H1", 1), beatOf("h10", 1), beatOf("h9", 1))
		f.releaseLease("bh9")
		f.renewLease("h0", 0).takes("h0", nil, beatOf("H1", 1), beatOf("h10", 1))
	}},
	{"RenewLease takes over from a suspect that has not renewed since, under a higher epoch", func(f *journalFixture) {
		f.create("a", "h1")
		f.create("b", "h3")
		f.renewLease("h1", 0)
		f.renewLease("h2", 9, beatOf("h1", 1)).takes("h2", []string{"a"}, beatOf("h3", 0))
		f.renewLease("h3", 9, beatOf("h2", 1)).takes("h3", []string{"a"})
	}},
	{"RenewLease takes over from a suspect that has never renewed", func(f *journalFixture) {
		f.create("a", "h1")
		f.renewLease("h2", 9, beatOf("h1", 0)).takes("h2", []string{"a"})
	}},
	{"RenewLease takes nothing from a suspect that has renewed since", func(f *journalFixture) {
		f.create("a", "h1")
		f.renewLease("h1", 0)
		f.renewLease("h1", 0)
		for _, count := range []uint64{0, 1, 3, neverGiven} {
			f.renewLease("h2", 9, beatOf("h1", count)).takes("h2", nil, beatOf("h1", 2))
		}
	}},
	{"RenewLease takes nothing when a host suspects itself, or one that is unknown", func(f *journalFixture) {
		f.create("a", "h1")
		f.create("b", "h2")
		f.renewLease("h1", 0)
		f.renewLease("h2", 9, beatOf("gone", 0), beatOf("h1", 0), beatOf("h2", 0), beatOf("h2", 1), beatOf("nul\x00", 0)).takes("h2", nil, beatOf("h1", 1))
	}},
	{"RenewLease takes over from several suspects", func(f *journalFixture) {
		f.create("c", "h1")
		f.create("a", "h3")
		f.create("b", "h4")
		f.renewLease("h2", 9, beatOf("h1", 0), beatOf("h3", 0)).takes("h2", []string{"a", "c"}, beatOf("h4", 0))
	}},
	{"RenewLease takes what nobody holds, also for the host that has let it go", func(f *journalFixture) {
		f.create("a", "h1")
		f.create("b", "h1")
		f.releaseLease("a")
		f.renewLease("h1", 9).takes("h1", []string{"a"})
		f.releaseLease("a")
		f.releaseLease("b")
		f.renewLease("h2", 9).takes("h2", []string{"a", "b"})
	}},
	{"RenewLease takes at most as many as it is asked for, in the order of their keys", func(f *journalFixture) {
		for _, id := range []string{"d", "b", "a", "c"} {
			f.create(id, "h1")
		}
		f.create("z", "h2")
		f.renewLease("h2", 0, beatOf("h1", 0)).takes("h2", nil, beatOf("h1", 0))
		f.renewLease("h2", -1, beatOf("h1", 0)).takes("h2", nil, beatOf("h1", 0))
		f.renewLease("h2", 2, beatOf("h1", 0)).takes("h2", []string{"a", "b"}, beatOf("h1", 0))
		f.releaseLease("d")
		f.renewLease("h2", 1, beatOf("h1", 0)).takes("h2", []string{"c"})
		f.renewLease("h2", 9).takes("h2", []string{"d"})
	}},
	{"RenewLease takes an attempt whose callback is owed, and none that is settled", func(f *journalFixture) {
		f.create("owed", "h1")
		f.finish("owed", engine.Outcome{Status: engine.Cancelled, Cause: engine.CauseCancelled})
		f.settled("settled")
		f.renewLease("h2", 9, beatOf("h1", 0)).takes("h2", []string{"owed"})
		f.clearOutbox("owed")
		f.renewLease("h2", 9).takes("h2", nil)
	}},
	{"RenewLease takes no tombstones", func(f *journalFixture) {
		f.requestCancel("a")
		f.create("b", "h1", abandon("no"))
		f.renewLease("h1", 9, beatOf("", 0), beatOf("h1", 0)).takes("h1", nil)
		f.renewLease("h2", 9, beatOf("", 0), beatOf("h1", 0)).takes("h2", nil)
	}},
	{"ReleaseLease lets the attempt go, and its epoch may write until another host takes over", func(f *journalFixture) {
		f.create("a", "h1")
		f.releaseLease("a").changes(silently("a", func(e *entry) { e.Holder = "" }))
		f.append("a", progress(1, 1)).changes(f.news("a", func(e *entry) { journaled(e, progress(1, 1)) }))
		f.releaseLease("a").changes()
		before := underEpoch(f.entry("a").Epoch)
		f.renewLease("h2", 9).takes("h2", []string{"a"})
		f.append("a", progress(2, 2), before).refused(engine.Stale)
	}},
}

// fencedWrites are the writes that carry an epoch.
var fencedWrites = []struct {
	name string
	call func(f *journalFixture, id string, changes ...func(l *lease)) *journalCall
}{
	{"ReleaseLease", (*journalFixture).releaseLease},
	{"RecordIntent", (*journalFixture).recordIntent},
	{"Append", func(f *journalFixture, id string, changes ...func(l *lease)) *journalCall {
		return f.append(id, progress(1, 1), changes...)
	}},
	{"Spend", func(f *journalFixture, id string, changes ...func(l *lease)) *journalCall {
		return f.spend(id, time.Second, time.Second, changes...)
	}},
	{"Decide", func(f *journalFixture, id string, changes ...func(l *lease)) *journalCall {
		return f.decide(id, engine.Outcome{Status: engine.Failed}, changes...)
	}},
	{"Finish", func(f *journalFixture, id string, changes ...func(l *lease)) *journalCall {
		return f.finish(id, engine.Outcome{Status: engine.Failed}, changes...)
	}},
	{"ClearOutbox", (*journalFixture).clearOutbox},
}

// fenceCases has the same cases for each write that carries an epoch.
var fenceCases = func() (cases []journalCase) {
	for _, write := range fencedWrites {
		cases = append(cases,
			journalCase{write.name + " is Stale under an epoch that was overtaken or never given out", func(f *journalFixture) {
				f.create("a", "h1")
				f.adopt()
				first := f.entry("a").Epoch
				f.renewLease("h2", 9, beatOf("h1", 0)).takes("h2", []string{"a"})
				for _, epoch := range []engine.Epoch{first, 0, f.entry("a").Epoch + 1, neverGiven} {
					write.call(f, "a", underEpoch(epoch)).refused(engine.Stale)
				}
				if write.name == "ClearOutbox" {
					f.finish("a", engine.Outcome{Status: engine.Failed})
					write.call(f, "a", underEpoch(first)).refused(engine.Stale)
				}
			}},
			journalCase{write.name + " is Stale for a tombstone, under any epoch", func(f *journalFixture) {
				f.requestCancel("a")
				f.create("b", "h1", abandon("no"))
				for _, id := range []string{"a", "b"} {
					for _, epoch := range []engine.Epoch{0, 1, neverGiven} {
						write.call(f, id, underEpoch(epoch)).refused(engine.Stale)
					}
				}
			}},
			journalCase{write.name + " is NotFound for an unknown attempt", func(f *journalFixture) {
				f.create("b", "h1")
				write.call(f, "a", underEpoch(1)).refused(engine.NotFound)
				write.call(f, "nul\x00", underEpoch(1)).refused(engine.NotFound)
			}})
	}
	return cases
}()
