package enginetest

import (
	"context"
	"fmt"
	"slices"

	"github.com/onceover/onceover/engine"
)

// forget leaves what is stored alone: it is read and compared no more.
func (f *journalFixture) forget() {
	f.adopt()
	f.known, f.held = nil, make(map[engine.AttemptKey]entry)
}

var journalRaces = []journalCase{
	{"At once: a start that arrives several times is created once", func(f *journalFixture) {
		for round := range rounds {
			f.forget()
			key := attemptOf("a", round+1)
			f.know(key)
			answers, created := make([]engine.Orchestration, racers), make([]bool, racers)
			granted(f, "starts of one attempt", race(func(i int) (err error) {
				answers[i], created[i], err = f.journal.Create(context.Background(), engine.StartRequest{Key: key, Owner: "ann"}, hostOf(i), f.now)
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			for i, o := range answers {
				if found := differences(o, f.held[key].Orchestration); found != "" {
					f.Fatalf("of a start that arrived several times at once,\n%s", found)
				}
				if created[i] != (o.Holder == hostOf(i)) {
					f.Fatalf("the start at %s was created: %t, and %s holds it", hostOf(i), created[i], o.Holder)
				}
			}
		}
	}},
	{"At once: a start and a cancel leave a tombstone or a marked attempt", func(f *journalFixture) {
		for round := range rounds {
			f.forget()
			key := attemptOf("a", round+1)
			f.know(key)
			created := make([]bool, racers)
			granted(f, "starts and cancels of one attempt", race(func(i int) (err error) {
				if i%2 == 0 {
					_, err = f.journal.RequestCancel(context.Background(), key, f.now)
					return err
				}
				_, created[i], err = f.journal.Create(context.Background(), engine.StartRequest{Key: key, Owner: "ann"}, hostOf(i), f.now)
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			o := f.held[key]
			if tombstone := o.Phase == engine.PhaseOver && o.Holder == ""; !o.Cancel || tombstone == slices.Contains(created, true) {
				f.Fatalf("to be cancelled %t, phase %d, held by %q, created %v", o.Cancel, o.Phase, o.Holder, created)
			}
		}
	}},
	{"At once: an attempt that nobody holds is taken by one host, under one epoch", func(f *journalFixture) {
		for round := range rounds {
			f.forget()
			for n := range racers {
				id := fmt.Sprintf("%d %d", round, n)
				f.create(id, "h")
				f.releaseLease(id)
			}
			f.adopt()
			taken, holdings := make([]int, racers), make([]engine.Holding, racers)
			granted(f, "renewals that take over", race(func(i int) (err error) {
				taken[i], err = f.journal.RenewLease(context.Background(), hostOf(i), nil, 3)
				if err == nil {
					holdings[i], err = f.journal.Held(context.Background(), hostOf(i))
				}
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			holders := make(map[engine.AttemptKey]engine.HostID)
			for i, holding := range holdings {
				if taken[i] != len(holding.Leases) {
					f.Fatalf("%s took %d attempts, and holds %d", hostOf(i), taken[i], len(holding.Leases))
				}
				for _, held := range holding.Leases {
					if other := holders[held.Key]; other != "" || f.held[held.Key].Holder != hostOf(i) || f.held[held.Key].Epoch != held.Epoch {
						f.Fatalf("%s holds %s under epoch %d, and so does %q; stored is %s, epoch %d",
							hostOf(i), held.Key, held.Epoch, other, f.held[held.Key].Holder, f.held[held.Key].Epoch)
					}
					holders[held.Key] = hostOf(i)
				}
			}
			for _, key := range f.known {
				if e := f.held[key]; !e.Unfinished() {
					continue
				}
				if holders[key] == "" {
					f.Fatalf("%s is held by nobody: %d hosts had room for three each", key, racers)
				}
				if _, err := f.journal.Finish(context.Background(), key, f.held[key].Epoch, wanted, f.now); err != nil {
					f.Fatalf("Finish, on the way: %v", err)
				}
				if err := f.journal.ClearOutbox(context.Background(), key, f.held[key].Epoch, f.now); err != nil {
					f.Fatalf("ClearOutbox, on the way: %v", err)
				}
			}
			f.held = f.read()
		}
	}},
	{"At once: a suspect that renews keeps what it holds, or loses it", func(f *journalFixture) {
		for round := range rounds {
			f.forget()
			id, host := fmt.Sprint("a", round), engine.HostID(fmt.Sprint("host ", round))
			f.create(id, host)
			f.adopt()
			holdings := make([]engine.Holding, racers)
			granted(f, "renewals and takeovers", race(func(i int) (err error) {
				by, suspects := host, []engine.Heartbeat(nil)
				if i%2 != 0 {
					by, suspects = hostOf(i), []engine.Heartbeat{beatOf(host, 0)}
				}
				if _, err = f.journal.RenewLease(context.Background(), by, suspects, 9); err == nil {
					holdings[i], err = f.journal.Held(context.Background(), by)
				}
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			// A takeover is only right before the first renewal, so either all renewals list the attempt or none does.
			holder := f.entry(id).Holder
			for i, holding := range holdings {
				by := hostOf(i)
				if i%2 == 0 {
					by = host
				}
				lists := slices.ContainsFunc(holding.Leases, func(l engine.Lease) bool { return l.Key == attemptOf(id, 1) })
				if lists != (holder == by) {
					f.Fatalf("%s holds the attempt in the end; Held of %s lists it: %t", holder, by, lists)
				}
			}
		}
	}},
	{"At once: a batch that arrives several times is journaled once", func(f *journalFixture) {
		for round := range rounds {
			f.forget()
			id := fmt.Sprint("a", round)
			f.create(id, "h1")
			f.adopt()
			key, epoch := attemptOf(id, 1), f.entry(id).Epoch
			granted(f, "appends of overlapping batches", race(func(i int) error {
				_, err := f.journal.Append(context.Background(), key, epoch, progress(1, int64(3+i)), f.now)
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			want := entry{}
			journaled(&want, progress(1, 2+racers))
			if e := f.entry(id); !slices.Equal(e.Journaled, want.Journaled) || e.Events != want.Events || e.Tokens != want.Tokens {
				f.Fatalf("%d events with %d tokens: %v; want %d with %d", e.Events, e.Tokens, e.Journaled, want.Events, want.Tokens)
			}
		}
	}},
	{"At once: an attempt ends once, with one outcome", func(f *journalFixture) {
		for round := range rounds {
			f.forget()
			id := fmt.Sprint("a", round)
			f.create(id, "h1")
			f.adopt()
			key, epoch := attemptOf(id, 1), f.entry(id).Epoch
			answers := make([]engine.Orchestration, racers)
			granted(f, "ends of one attempt", race(func(i int) (err error) {
				if i%2 == 0 {
					answers[i], err = f.journal.Finish(context.Background(), key, epoch, []engine.Outcome{lost, tooSlow}[i/2%2], f.now)
				} else {
					answers[i], err = f.journal.Decide(context.Background(), key, epoch, wanted, f.now)
				}
				return err
			}), racers, engine.Rejected)
			f.held = f.read()
			for _, o := range answers {
				if o.Outcome != f.entry(id).Outcome {
					f.Fatalf("ended as %v, and as %v for somebody who asked at once", f.entry(id).Outcome, o.Outcome)
				}
			}
		}
	}},
}

func hostOf(i int) engine.HostID { return engine.HostID(fmt.Sprint("h", i)) }
