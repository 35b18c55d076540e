package enginetest

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// alterEntry changes an entry behind the journal's back.
func alterEntry(j *Journal, key engine.AttemptKey, change func(row *journalRow)) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	if row := j.find(key); row != nil {
		change(row)
	}
}

// peekEntry returns an entry, or a zero one.
func peekEntry(j *Journal, key engine.AttemptKey) (row journalRow) {
	alterEntry(j, key, func(r *journalRow) { row = *r })
	return row
}

// epochIgnored has a method write under any epoch that is older than the latest.
func epochIgnored(method string) *brokenJournal {
	return &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		if latest := peekEntry(j, w.key).Epoch; w.method == method && w.epoch != 0 && w.epoch < latest {
			w.epoch = latest
		}
		return w.to(ctx, j)
	}}
}

// tombstoneWritten has a method succeed on a tombstone.
func tombstoneWritten(method string) *brokenJournal {
	return &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		if row := peekEntry(j, w.key); w.method == method && row.Phase == engine.PhaseOver && row.Epoch == w.epoch && w.epoch == 0 {
			return row.Orchestration, nil
		}
		return w.to(ctx, j)
	}}
}

// staleUnknown has a method take an unknown attempt for one that was taken over.
func staleUnknown(method string) *brokenJournal {
	return &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		o, err := w.to(ctx, j)
		if w.method == method && engine.IsKind(err, engine.NotFound) {
			err = engine.Errorf(engine.Stale, "journal", "attempt %s", w.key)
		}
		return o, err
	}}
}

// beforeWrite changes a write, or the entry, before a method is called under the latest epoch.
func beforeWrite(method string, change func(row *journalRow, w *journalWrite)) *brokenJournal {
	return &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		if w.method == method {
			alterEntry(j, w.key, func(row *journalRow) {
				if row.Epoch == w.epoch {
					change(row, w)
				}
			})
		}
		return w.to(ctx, j)
	}}
}

// afterWrite changes the entry after a method has succeeded, and its answer.
func afterWrite(method string, change func(row *journalRow, w *journalWrite)) *brokenJournal {
	return &brokenJournal{write: func(j *Journal, ctx context.Context, w *journalWrite) (engine.Orchestration, error) {
		o, err := w.to(ctx, j)
		if w.method == method && err == nil {
			alterEntry(j, w.key, func(row *journalRow) {
				change(row, w)
				o = row.Orchestration
			})
		}
		return o, err
	}}
}

// afterHold changes what is read after a renewal.
func afterHold(change func(j *Journal, host engine.HostID, h *engine.Holding)) *brokenJournal {
	return &brokenJournal{held: func(j *Journal, ctx context.Context, host engine.HostID) (engine.Holding, error) {
		h, err := j.Held(ctx, host)
		change(j, host, &h)
		return h, err
	}}
}

// beforeHold changes what a renewal asks for.
func beforeHold(change func(j *Journal, host engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int)) *brokenJournal {
	return &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
		suspects, max = change(j, host, slices.Clone(suspects), max)
		return j.RenewLease(ctx, host, suspects, max)
	}}
}

// afterCreate changes what a start has created.
func afterCreate(change func(row *journalRow, request engine.StartRequest, created bool)) *brokenJournal {
	return &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, created, err := j.Create(ctx, request, host, now)
		alterEntry(j, request.Key, func(row *journalRow) {
			change(row, request, created)
			o = row.Orchestration
		})
		return o, created, err
	}}
}

// brokenJournals are each wrong in one thing.
var brokenJournals = []struct {
	name     string
	journal  *brokenJournal
	caughtBy string
}{
	{"lets a second host start over", afterCreate(func(row *journalRow, _ engine.StartRequest, created bool) {
		if !created && row.Unfinished() {
			row.Phase = engine.PhaseAccepted
		}
	}), "Create answers with a known attempt, and changes nothing about it"},
	{"reports every start as created", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, _, err := j.Create(ctx, request, host, now)
		return o, err == nil, err
	}}, "RequestCancel leaves a tombstone that refuses the start of an attempt that has not arrived"},
	{"keeps the caller's payload", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, created, err := j.Create(ctx, request, host, now)
		if created {
			alterEntry(j, request.Key, func(row *journalRow) { row.payload = request.Payload })
		}
		return o, created, err
	}}, "Create keeps a copy of the payload, byte by byte"},
	{"keeps a payload as text", afterCreate(func(row *journalRow, _ engine.StartRequest, _ bool) {
		row.payload = []byte(strings.ToValidUTF8(string(row.payload), "?"))
	}), "Create keeps a copy of the payload, byte by byte"},
	{"has nobody hold a new attempt", afterCreate(func(row *journalRow, _ engine.StartRequest, created bool) {
		if created {
			row.Holder = ""
		}
	}), "Create records an accepted start that the host holds"},
	{"has a host hold an abandoned attempt", afterCreate(func(row *journalRow, request engine.StartRequest, created bool) {
		if created && request.Abandon != "" {
			row.CallbackPending = true
		}
	}), "Create records an abandoned start as failed, with the reason given, and held by nobody"},
	{"takes two attempts of a review for one", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, created, err := j.Create(ctx, request, host, now)
		if created && request.Key.Attempt == 2 {
			alterEntry(j, request.Key, func(row *journalRow) { row.Holder = "h1" })
		}
		return o, created, err
	}}, "Create distinguishes the attempts of a review"},
	{"ignores the case of hosts", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		return j.Create(ctx, request, engine.HostID(strings.ToLower(string(host))), now)
	}}, "Create distinguishes names that differ in a single byte"},
	{"refuses odd names without saying that it is for good", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		if strings.Contains(string(request.Key.Review), "\x00") {
			return engine.Orchestration{}, false, engine.Errorf(engine.Rejected, "journal.create", "invalid byte sequence")
		}
		return j.Create(ctx, request, host, now)
	}}, "Create and RequestCancel are Permanent for a name that can't be stored"},

	{"holds what nobody has started", afterHold(func(_ *Journal, _ engine.HostID, h *engine.Holding) {
		if len(h.Leases) == 0 {
			h.Leases = []engine.Lease{{}}
		}
	}), "RenewLease renews the lease of a host without attempts"},
	{"answers only with what it has taken", afterHold(func(_ *Journal, _ engine.HostID, h *engine.Holding) {
		h.Leases = slices.DeleteFunc(h.Leases, func(l engine.Lease) bool { return l.Epoch == 1 })
	}), "RenewLease lists all unfinished attempts that the host holds, in the order of their keys"},
	{"orders attempts as texts", afterHold(func(_ *Journal, _ engine.HostID, h *engine.Holding) {
		slices.SortFunc(h.Leases, func(a, b engine.Lease) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	}), "RenewLease lists all unfinished attempts that the host holds, in the order of their keys"},
	{"renews every lease twice", beforeHold(func(j *Journal, host engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		_, _ = j.RenewLease(context.Background(), host, nil, 0)
		return suspects, max
	}), "RenewLease counts renewals, and shows each host the beats of the others"},
	{"lists the others once per attempt", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		for _, row := range j.rows {
			if row.Holder != "" && row.Holder != host && row.Unfinished() {
				h.Others = append(h.Others, j.beat(row.Holder))
			}
		}
	}), "RenewLease lists each other host that holds something unfinished once, by name"},
	{"lists every host that has renewed", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		h.Others = slices.DeleteFunc(slices.Clone(j.beats), func(b engine.Heartbeat) bool { return b.Host == host })
	}), "RenewLease lists each other host that holds something unfinished once, by name"},
	{"takes over under the same epoch", &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
		before := make(map[engine.AttemptKey]engine.Epoch)
		j.Each(func(o engine.Orchestration, _ []engine.Event) { before[o.Key] = o.Epoch })
		taken, err := j.RenewLease(ctx, host, suspects, max)
		for key, epoch := range before {
			alterEntry(j, key, func(row *journalRow) { row.Epoch = epoch })
		}
		return taken, err
	}}, "RenewLease takes over from a suspect that has not renewed since, under a higher epoch"},
	{"never takes over", beforeHold(func(_ *Journal, _ engine.HostID, _ []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		return nil, max
	}), "RenewLease takes over from a suspect that has not renewed since, under a higher epoch"},
	{"takes nothing over from who has never renewed", beforeHold(func(_ *Journal, _ engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		return slices.DeleteFunc(suspects, func(b engine.Heartbeat) bool { return b.Count == 0 }), max
	}), "RenewLease takes over from a suspect that has never renewed"},
	{"takes over from suspects that have renewed since", beforeHold(func(j *Journal, _ engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		for i := range suspects {
			suspects[i] = j.beat(suspects[i].Host)
		}
		return suspects, max
	}), "RenewLease takes nothing from a suspect that has renewed since"},
	{"has a host take over from itself", beforeHold(func(j *Journal, host engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		for _, row := range j.rows {
			if row.Holder == host && slices.Contains(suspects, j.beat(host)) {
				row.Epoch++
			}
		}
		return suspects, max
	}), "RenewLease takes nothing when a host suspects itself, or one that is unknown"},
	{"looks at the first suspect only", beforeHold(func(_ *Journal, _ engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		return suspects[:min(1, len(suspects))], max
	}), "RenewLease takes over from several suspects"},
	{"leaves what nobody holds", beforeHold(func(j *Journal, _ engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		if slices.ContainsFunc(j.rows, func(row *journalRow) bool { return row.Holder == "" }) {
			max = 0
		}
		return suspects, max
	}), "RenewLease takes what nobody holds, also for the host that has let it go"},
	{"takes everything over at once", beforeHold(func(_ *Journal, _ engine.HostID, suspects []engine.Heartbeat, _ int) ([]engine.Heartbeat, int) {
		return suspects, 1_000
	}), "RenewLease takes at most as many as it is asked for, in the order of their keys"},
	{"counts what it held before", beforeHold(func(j *Journal, host engine.HostID, suspects []engine.Heartbeat, max int) ([]engine.Heartbeat, int) {
		for _, row := range j.rows {
			if row.Holder == host && row.Unfinished() {
				max--
			}
		}
		return suspects, max
	}), "RenewLease takes at most as many as it is asked for, in the order of their keys"},
	{"takes over what is settled", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		for _, row := range j.rows {
			if row.Phase == engine.PhaseOver && !row.CallbackPending && row.Epoch > 0 {
				h.Leases = append(h.Leases, engine.Lease{Key: row.Key, Epoch: row.Epoch, Cancel: row.Cancel})
			}
		}
	}), "RenewLease takes an attempt whose callback is owed, and none that is settled"},
	{"takes over tombstones", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		for _, row := range j.rows {
			if row.Epoch == 0 {
				h.Leases = append(h.Leases, engine.Lease{Key: row.Key, Epoch: row.Epoch, Cancel: row.Cancel})
			}
		}
	}), "RenewLease takes no tombstones"},
	{"leaves out that an attempt is to be cancelled", afterHold(func(_ *Journal, _ engine.HostID, h *engine.Holding) {
		for i := range h.Leases {
			h.Leases[i].Cancel = false
		}
	}), "RenewLease lists all unfinished attempts that the host holds, in the order of their keys"},
	{"counts what it holds, not what it takes", &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (int, error) {
		_, err := j.RenewLease(ctx, host, suspects, max)
		h, _ := j.Held(ctx, host)
		return len(h.Leases), err
	}}, "RenewLease lists all unfinished attempts that the host holds, in the order of their keys"},
	{"hands out an epoch with a yield", afterWrite("ReleaseLease", func(row *journalRow, _ *journalWrite) {
		if row.Unfinished() {
			row.Epoch++
		}
	}), "ReleaseLease lets the attempt go, and its epoch may write until another host takes over"},
	{"keeps the holder of what was let go", afterWrite("ReleaseLease", func(row *journalRow, _ *journalWrite) { row.Holder = "h1" }), "ReleaseLease lets the attempt go, and its epoch may write until another host takes over"},
}

func TestBrokenJournalsAreCaught(t *testing.T) {
	entries := slices.Concat(brokenJournalRaces, brokenJournals, brokenJournalProgress)
	for _, write := range fencedWrites {
		entries = append(entries, []struct {
			name     string
			journal  *brokenJournal
			caughtBy string
		}{
			{write.name + " without a fence", epochIgnored(write.name), write.name + " is Stale under an epoch that was overtaken or never given out"},
			{write.name + " on a tombstone", tombstoneWritten(write.name), write.name + " is Stale for a tombstone, under any epoch"},
			{write.name + " of an unknown attempt", staleUnknown(write.name), write.name + " is NotFound for an unknown attempt"},
		}...)
	}
	var table []broken
	for i, b := range entries {
		run := journalSteps()
		if i < len(brokenJournalRaces) {
			run = journalRaces
		}
		failures := make(map[string]string)
		for _, c := range run {
			journal := *b.journal
			journal.Journal = NewJournal()
			if message := outcomeOf(func(t testing.TB) { c.run(t, &journal) }); message != "" {
				failures[c.name] = message
			}
		}
		table = append(table, broken{b.name, b.caughtBy, failures})
	}
	var cases []string
	for _, c := range journalCases() {
		cases = append(cases, c.name)
	}
	checkCaught(t, cases, table)
}
