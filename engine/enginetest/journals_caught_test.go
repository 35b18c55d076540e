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

// afterHold changes what a renewal answers.
func afterHold(change func(j *Journal, host engine.HostID, h *engine.Holding)) *brokenJournal {
	return &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Beat, max int) (engine.Holding, error) {
		h, err := j.Hold(ctx, host, suspects, max)
		change(j, host, &h)
		return h, err
	}}
}

// beforeHold changes what a renewal asks for.
func beforeHold(change func(j *Journal, host engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int)) *brokenJournal {
	return &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Beat, max int) (engine.Holding, error) {
		suspects, max = change(j, host, slices.Clone(suspects), max)
		return j.Hold(ctx, host, suspects, max)
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
	}), "Create: a known attempt is answered, and nothing changes, whatever is asked for"},
	{"reports every start as created", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, _, err := j.Create(ctx, request, host, now)
		return o, err == nil, err
	}}, "RequestCancel: an attempt that has not arrived gets a tombstone, which refuses its start"},
	{"keeps the caller's payload", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, created, err := j.Create(ctx, request, host, now)
		if created {
			alterEntry(j, request.Key, func(row *journalRow) { row.Payload = request.Payload })
		}
		return o, created, err
	}}, "Create: payloads are kept byte by byte, and are the caller's afterwards"},
	{"keeps a payload as text", afterCreate(func(row *journalRow, _ engine.StartRequest, _ bool) {
		row.Payload = []byte(strings.ToValidUTF8(string(row.Payload), "?"))
	}), "Create: payloads are kept byte by byte, and are the caller's afterwards"},
	{"has nobody hold a new attempt", afterCreate(func(row *journalRow, _ engine.StartRequest, created bool) {
		if created {
			row.Holder = ""
		}
	}), "Create: an accepted start is durable and held by the host"},
	{"has a host hold an abandoned attempt", afterCreate(func(row *journalRow, request engine.StartRequest, created bool) {
		if created && request.Abandon != "" {
			row.Owed = true
		}
	}), "Create: an abandoned start is over, has failed for the reason given, and is held by nobody"},
	{"takes two attempts of a review for one", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		o, created, err := j.Create(ctx, request, host, now)
		if created && request.Key.Attempt == 2 {
			alterEntry(j, request.Key, func(row *journalRow) { row.Holder = "h1" })
		}
		return o, created, err
	}}, "Create: every attempt of a review is one of its own"},
	{"ignores the case of hosts", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		return j.Create(ctx, request, engine.HostID(strings.ToLower(string(host))), now)
	}}, "Create: names that differ in anything are different names, and have bytewise order"},
	{"refuses odd names without saying that it is for good", &brokenJournal{create: func(j *Journal, ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
		if strings.Contains(string(request.Key.Review), "\x00") {
			return engine.Orchestration{}, false, engine.Errorf(engine.Rejected, "journal.create", "invalid byte sequence")
		}
		return j.Create(ctx, request, host, now)
	}}, "Create, RequestCancel: a name that can't be stored is refused for good, and one that can is kept"},

	{"holds what nobody has started", afterHold(func(_ *Journal, host engine.HostID, h *engine.Holding) {
		if len(h.Orchestrations) == 0 {
			h.Orchestrations = []engine.Orchestration{{Holder: host}}
		}
	}), "Hold: a host without attempts renews its lease"},
	{"answers only with what it has taken", afterHold(func(_ *Journal, _ engine.HostID, h *engine.Holding) {
		h.Orchestrations = slices.DeleteFunc(h.Orchestrations, func(o engine.Orchestration) bool { return o.Epoch == 1 })
	}), "Hold: it answers with all unfinished attempts that the host holds, in the order of their keys"},
	{"orders attempts as texts", afterHold(func(_ *Journal, _ engine.HostID, h *engine.Holding) {
		slices.SortFunc(h.Orchestrations, func(a, b engine.Orchestration) int { return strings.Compare(a.Key.String(), b.Key.String()) })
	}), "Hold: it answers with all unfinished attempts that the host holds, in the order of their keys"},
	{"renews every lease twice", beforeHold(func(j *Journal, host engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		_, _ = j.Hold(context.Background(), host, nil, 0)
		return suspects, max
	}), "Hold: renewals are counted, and each host sees the others' beats"},
	{"lists the others once per attempt", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		for _, row := range j.rows {
			if row.Holder != "" && row.Holder != host && row.Unfinished() {
				h.Others = append(h.Others, j.beat(row.Holder))
			}
		}
	}), "Hold: the others are listed once each, by name, as long as they hold something unfinished"},
	{"lists whoever has renewed", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		h.Others = slices.DeleteFunc(slices.Clone(j.beats), func(b engine.Beat) bool { return b.Host == host })
	}), "Hold: the others are listed once each, by name, as long as they hold something unfinished"},
	{"takes over under the same epoch", &brokenJournal{hold: func(j *Journal, ctx context.Context, host engine.HostID, suspects []engine.Beat, max int) (engine.Holding, error) {
		before := make(map[engine.AttemptKey]engine.Epoch)
		j.Each(func(o engine.Orchestration, _ []engine.Event) { before[o.Key] = o.Epoch })
		h, err := j.Hold(ctx, host, suspects, max)
		for i := range h.Orchestrations {
			o := &h.Orchestrations[i]
			o.Epoch = before[o.Key]
			alterEntry(j, o.Key, func(row *journalRow) { row.Epoch = o.Epoch })
		}
		return h, err
	}}, "Hold: what a suspect holds is taken over if it has not renewed since, under a higher epoch"},
	{"never takes over", beforeHold(func(_ *Journal, _ engine.HostID, _ []engine.Beat, max int) ([]engine.Beat, int) { return nil, max }), "Hold: what a suspect holds is taken over if it has not renewed since, under a higher epoch"},
	{"takes nothing over from who has never renewed", beforeHold(func(_ *Journal, _ engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		return slices.DeleteFunc(suspects, func(b engine.Beat) bool { return b.Count == 0 }), max
	}), "Hold: a host that has never renewed is suspected at beat 0"},
	{"takes over from suspects that have renewed since", beforeHold(func(j *Journal, _ engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		for i := range suspects {
			suspects[i] = j.beat(suspects[i].Host)
		}
		return suspects, max
	}), "Hold: a suspect that has renewed since keeps what it holds"},
	{"has a host take over from itself", beforeHold(func(j *Journal, host engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		for _, row := range j.rows {
			if row.Holder == host && slices.Contains(suspects, j.beat(host)) {
				row.Epoch++
			}
		}
		return suspects, max
	}), "Hold: suspecting an unknown host, another one's beat or oneself takes nothing"},
	{"looks at the first suspect only", beforeHold(func(_ *Journal, _ engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		return suspects[:min(1, len(suspects))], max
	}), "Hold: several suspects are taken over at once"},
	{"leaves what nobody holds", beforeHold(func(j *Journal, _ engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		if slices.ContainsFunc(j.rows, func(row *journalRow) bool { return row.Holder == "" }) {
			max = 0
		}
		return suspects, max
	}), "Hold: what nobody holds is taken by anybody, also by who let it go"},
	{"takes everything over at once", beforeHold(func(_ *Journal, _ engine.HostID, suspects []engine.Beat, _ int) ([]engine.Beat, int) {
		return suspects, 1_000
	}), "Hold: it takes at most as many as asked for, the first keys, and lists what it held before besides"},
	{"counts what it held before", beforeHold(func(j *Journal, host engine.HostID, suspects []engine.Beat, max int) ([]engine.Beat, int) {
		for _, row := range j.rows {
			if row.Holder == host && row.Unfinished() {
				max--
			}
		}
		return suspects, max
	}), "Hold: it takes at most as many as asked for, the first keys, and lists what it held before besides"},
	{"takes over what is settled", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		for _, row := range j.rows {
			if row.Phase == engine.PhaseOver && !row.Owed && row.Epoch > 0 {
				h.Orchestrations = append(h.Orchestrations, row.Orchestration)
			}
		}
	}), "Hold: an outbox is unfinished, and what is settled is not"},
	{"takes over tombstones", afterHold(func(j *Journal, host engine.HostID, h *engine.Holding) {
		for _, row := range j.rows {
			if row.Epoch == 0 {
				h.Orchestrations = append(h.Orchestrations, row.Orchestration)
			}
		}
	}), "Hold: tombstones are held by nobody"},
	{"hands out an epoch with a yield", afterWrite("Yield", func(row *journalRow, _ *journalWrite) {
		if row.Unfinished() {
			row.Epoch++
		}
	}), "Yield: nobody holds the attempt, and its epoch still writes until somebody takes over"},
	{"keeps the holder of what was let go", afterWrite("Yield", func(row *journalRow, _ *journalWrite) { row.Holder = "h1" }), "Yield: nobody holds the attempt, and its epoch still writes until somebody takes over"},
}

func TestBrokenJournalsAreCaught(t *testing.T) {
	entries := slices.Concat(brokenJournalRaces, brokenJournals, brokenJournalProgress)
	for _, write := range fencedWrites {
		entries = append(entries, []struct {
			name     string
			journal  *brokenJournal
			caughtBy string
		}{
			{write.name + " without a fence", epochIgnored(write.name), write.name + ": an epoch that was overtaken, or never given out, is stale"},
			{write.name + " on a tombstone", tombstoneWritten(write.name), write.name + ": no epoch is that of a tombstone, which was never held"},
			{write.name + " of an unknown attempt", staleUnknown(write.name), write.name + ": an unknown attempt is not found"},
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
