package enginetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onceover/onceover/engine"
)

func compareKeys(a, b engine.AttemptKey) int {
	return cmp.Or(cmp.Compare(a.Review, b.Review), cmp.Compare(a.Attempt, b.Attempt))
}

// create accepts the start of a review's first attempt for a host, with changes.
func (f *journalFixture) create(id string, host engine.HostID, changes ...func(r *engine.StartRequest)) *journalCall {
	f.Helper()
	request := engine.StartRequest{Key: attemptOf(id, 1), Owner: "ann", Token: 1, Payload: []byte("diff of " + id)}
	for _, change := range changes {
		change(&request)
	}
	f.know(request.Key)
	return f.repeatable(fmt.Sprintf("Create %s of %s at %s", request.Key, request.Owner, host), true, func(c *journalCall) {
		sent := request
		sent.Payload = slices.Clone(request.Payload)
		c.o, c.created, c.err = f.journal.Create(context.Background(), sent, host, f.now)
		for i := range sent.Payload {
			sent.Payload[i] = '#'
		}
	})
}

// creates is the judgement that a start has been created, or was known before.
func (c *journalCall) creates(created bool, edits ...entryEdit) {
	c.f.Helper()
	if c.err == nil && c.created != created {
		c.f.Fatalf("%s: created %t; want %t", c.op, c.created, created)
	}
	c.changes(edits...)
}

// accepted is the entry of a start that was created by the call.
func (f *journalFixture) accepted(id string, host engine.HostID) entryEdit {
	return f.news(id, func(e *entry) {
		e.Orchestration = engine.Orchestration{
			Key: attemptOf(id, 1), Owner: "ann", Phase: engine.PhaseAccepted, Holder: host, Epoch: 1, UpdatedAt: f.now,
		}
		e.Payload = []byte("diff of " + id)
	})
}

func abandon(reason string) func(r *engine.StartRequest) {
	return func(r *engine.StartRequest) { r.Abandon = reason }
}

// renewLease renews the lease of a host, and reads what the host holds after that.
func (f *journalFixture) renewLease(host engine.HostID, most int, suspects ...engine.Heartbeat) *journalCall {
	f.Helper()
	return f.call(fmt.Sprintf("RenewLease by %s, suspecting %v, at most %d", host, suspects, most), func(c *journalCall) {
		c.taken, c.err = f.journal.RenewLease(context.Background(), host, suspects, most)
		clear(suspects)
		if c.err == nil {
			c.holding, c.err = f.journal.Held(context.Background(), host)
		}
	})
}

// A lease is what a write carries, and must not have been overtaken.
type lease struct {
	key   engine.AttemptKey
	epoch engine.Epoch
}

func underEpoch(epoch engine.Epoch) func(l *lease) { return func(l *lease) { l.epoch = epoch } }

// fenced writes to the first attempt of a review under its latest epoch, with changes.
func (f *journalFixture) fenced(name, id string, shows bool, changes []func(l *lease), call func(ctx context.Context, l lease) (engine.Orchestration, error)) *journalCall {
	f.Helper()
	f.adopt()
	l := lease{attemptOf(id, 1), f.entry(id).Epoch}
	for _, change := range changes {
		change(&l)
	}
	return f.repeatable(fmt.Sprintf("%s %s, epoch %d", name, l.key, l.epoch), shows, func(c *journalCall) {
		c.o, c.err = call(context.Background(), l)
	})
}

func (f *journalFixture) releaseLease(id string, changes ...func(l *lease)) *journalCall {
	f.Helper()
	return f.fenced("ReleaseLease", id, false, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		return engine.Orchestration{}, f.journal.ReleaseLease(ctx, l.key, l.epoch, f.now)
	})
}

func (f *journalFixture) recordIntent(id string, changes ...func(l *lease)) *journalCall {
	f.Helper()
	return f.fenced("RecordIntent", id, true, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		return f.journal.RecordIntent(ctx, l.key, l.epoch, f.now)
	})
}

// append journals events, whose list it overwrites.
func (f *journalFixture) append(id string, events []engine.Event, changes ...func(l *lease)) *journalCall {
	f.Helper()
	numbers := make([]int64, len(events))
	for i := range events {
		numbers[i] = events[i].Seq
	}
	return f.fenced(fmt.Sprintf("Append %v to", numbers), id, true, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		sent := slices.Clone(events)
		o, err := f.journal.Append(ctx, l.key, l.epoch, sent, f.now)
		clear(sent)
		return o, err
	})
}

func (f *journalFixture) spend(id string, spent, throttled time.Duration, changes ...func(l *lease)) *journalCall {
	f.Helper()
	return f.fenced(fmt.Sprintf("Spend %s, %s of", spent, throttled), id, true, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		return f.journal.Spend(ctx, l.key, l.epoch, spent, throttled, f.now)
	})
}

func (f *journalFixture) decide(id string, outcome engine.Outcome, changes ...func(l *lease)) *journalCall {
	f.Helper()
	return f.fenced("Decide", id, true, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		return f.journal.Decide(ctx, l.key, l.epoch, outcome, f.now)
	})
}

func (f *journalFixture) finish(id string, outcome engine.Outcome, changes ...func(l *lease)) *journalCall {
	f.Helper()
	return f.fenced("Finish", id, true, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		return f.journal.Finish(ctx, l.key, l.epoch, outcome, f.now)
	})
}

func (f *journalFixture) clearOutbox(id string, changes ...func(l *lease)) *journalCall {
	f.Helper()
	return f.fenced("ClearOutbox", id, false, changes, func(ctx context.Context, l lease) (engine.Orchestration, error) {
		return engine.Orchestration{}, f.journal.ClearOutbox(ctx, l.key, l.epoch, f.now)
	})
}

func (f *journalFixture) requestCancel(id string) *journalCall {
	f.Helper()
	key := attemptOf(id, 1)
	f.know(key)
	return f.repeatable(fmt.Sprintf("RequestCancel %s", key), true, func(c *journalCall) {
		c.o, c.err = f.journal.RequestCancel(context.Background(), key, f.now)
	})
}

// abandon ends an attempt by an operator's decision. A second call does something else, so it is not repeated.
func (f *journalFixture) abandon(id string, outcome engine.Outcome) *journalCall {
	f.Helper()
	key := attemptOf(id, 1)
	f.know(key)
	return f.call(fmt.Sprintf("Abandon %s", key), func(c *journalCall) {
		c.o, c.err = f.journal.Abandon(context.Background(), key, outcome, f.now)
	})
}

func (f *journalFixture) events(id string, after int64, most int) *journalCall {
	f.Helper()
	return f.call(fmt.Sprintf("Events of %s/1 after %d, at most %d", id, after, most), func(c *journalCall) {
		c.events, c.err = f.journal.Events(context.Background(), attemptOf(id, 1), after, most)
	})
}

// purge forgets what has not changed since a time before now.
func (f *journalFixture) purge(most int) *journalCall {
	f.Helper()
	return f.call(fmt.Sprintf("Purge at most %d", most), func(c *journalCall) {
		c.purged, c.err = f.journal.Purge(context.Background(), f.now, most)
	})
}

// progress are progress events from one number to another, each with a text and tokens of its own.
func progress(from, to int64) []engine.Event {
	var events []engine.Event
	for seq := from; seq <= to; seq++ {
		events = append(events, engine.Event{Seq: seq, Kind: engine.EventProgress, Tokens: 10 * seq, Text: fmt.Sprint("step ", seq)})
	}
	return events
}

// lastly makes the last event the session's last one.
func lastly(events []engine.Event, change func(e *engine.Event)) []engine.Event {
	change(&events[len(events)-1])
	return events
}

func completes(e *engine.Event) { e.Kind = engine.EventCompleted }

func fails(e *engine.Event) { e.Kind, e.Text, e.Retryable = engine.EventFailed, "no such file", true }

// journaled is what becomes of an entry that gets events.
func journaled(e *entry, events []engine.Event) {
	e.Journaled = append(slices.Clone(e.Journaled), events...)
	for _, event := range events {
		e.Events, e.Tokens = event.Seq, e.Tokens+event.Tokens
	}
}

// settled brings a review's first attempt to its end: nothing is left to be done.
func (f *journalFixture) settled(id string) {
	f.Helper()
	f.create(id, "h1")
	f.append(id, lastly(progress(1, 2), completes))
	f.clearOutbox(id)
	f.adopt()
}
