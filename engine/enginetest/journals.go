package enginetest

import (
	"context"
	"slices"
	"testing"

	"github.com/onceover/onceover/engine"
)

// TestJournal tests an [engine.Journal] against its contract. open returns a journal without attempts and without
// beats, as in [TestReviewStore].
//
// Besides what a case is about, the suite checks after every call that nothing else has changed, that a refused call has
// changed nothing at all, that an answered orchestration is the one that is stored, and that a write under an epoch
// changes nothing the second time. It overwrites the lists that it has passed and been answered with.
func TestJournal(t *testing.T, open func(t testing.TB) engine.Journal) {
	for _, c := range journalCases() {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// A journalCase is one part of the contract.
type journalCase struct {
	name string
	test func(f *journalFixture)
}

// run runs the case on a journal without attempts.
func (c *journalCase) run(t testing.TB, journal engine.Journal) {
	f := &journalFixture{TB: t, journal: journal, clock: clock{began}, held: make(map[engine.AttemptKey]entry)}
	c.test(f)
	f.adopt()
}

// journalCases are all cases. Those in which calls arrive at once come last.
func journalCases() []journalCase { return slices.Concat(journalSteps(), journalRaces) }

// journalSteps are the cases in which one call comes after the other.
func journalSteps() []journalCase {
	return slices.Concat(createCases, holdCases, fenceCases, phaseCases, appendCases, readCases)
}

// A journalFixture calls a journal at times of its own, and knows what the journal holds.
type journalFixture struct {
	testing.TB
	clock
	journal engine.Journal
	known   []engine.AttemptKey         // created in the case
	held    map[engine.AttemptKey]entry // what the journal held after the latest call
	given   *journalCall                // the latest call, if the case has not judged it
}

// An entry is what a journal holds of one attempt.
type entry struct {
	engine.Orchestration
	Payload   []byte
	Journaled []engine.Event
}

// over is what becomes of an entry whose attempt is over: the callback is owed.
func (e *entry) over(outcome engine.Outcome) {
	if e.Phase != engine.PhaseStopping {
		e.Outcome = outcome
	}
	e.Phase, e.CallbackPending = engine.PhaseOver, true
}

// A journalCall is a call of a journal and its answer. A case judges it with one of the methods below; one that it does
// not judge is a step on the way, and must succeed.
type journalCall struct {
	f       *journalFixture
	op      string // what was called, for messages
	err     error
	o       engine.Orchestration // of the methods that answer with the orchestration
	shows   bool                 // it is one
	created bool
	taken   int            // by a renewal
	holding engine.Holding // as read after it
	events  []engine.Event
	purged  int
	again   func(c *journalCall) // repeats a call that may be repeated without an effect
}

// eventsMost is more than a case journals.
const eventsMost = 1_000

// read returns what the journal holds.
func (f *journalFixture) read() map[engine.AttemptKey]entry {
	f.Helper()
	entries := make(map[engine.AttemptKey]entry, len(f.known))
	for _, key := range f.known {
		o, err := f.journal.Load(context.Background(), key)
		if engine.IsKind(err, engine.NotFound) {
			continue
		}
		events, errEvents := f.readEvents(key)
		payload, errPayload := f.journal.Payload(context.Background(), key)
		if err != nil || errEvents != nil || errPayload != nil {
			f.Fatalf("read attempt %s: %v, %v, %v", key, err, errEvents, errPayload)
		}
		entries[key] = entry{o, slices.Clone(payload), slices.Clone(events)}
	}
	return entries
}

// readEvents returns all journaled events of an attempt, page by page.
func (f *journalFixture) readEvents(key engine.AttemptKey) (events []engine.Event, err error) {
	for {
		last := int64(0)
		if n := len(events); n > 0 {
			last = events[n-1].Seq
		}
		page, err := f.journal.Events(context.Background(), key, last, eventsMost)
		if events = append(events, page...); err != nil || len(page) == 0 || page[len(page)-1].Seq <= last {
			return events, err
		}
	}
}

// know adds an attempt to those that are read.
func (f *journalFixture) know(key engine.AttemptKey) {
	if !slices.Contains(f.known, key) {
		f.known = append(f.known, key)
	}
}

// entry is the first attempt of a review as it was read last.
func (f *journalFixture) entry(id string) entry { return f.held[attemptOf(id, 1)] }

// call makes a call, after the one before was judged.
func (f *journalFixture) call(op string, call func(c *journalCall)) *journalCall {
	f.Helper()
	f.adopt()
	f.tick()
	c := &journalCall{f: f, op: op}
	call(c)
	f.given = c
	return c
}

// repeatable makes a call that may be repeated without an effect.
func (f *journalFixture) repeatable(op string, shows bool, call func(c *journalCall)) *journalCall {
	f.Helper()
	c := f.call(op, call)
	c.shows, c.again = shows, call
	return c
}

// adopt takes what a call on the way has left behind as given.
func (f *journalFixture) adopt() {
	f.Helper()
	c := f.given
	f.given = nil
	if c == nil {
		return
	}
	if c.err != nil {
		f.Fatalf("%s, on the way: %v", c.op, c.err)
	}
	f.held = f.read()
}

// refused is the judgement that the call has failed with an error of that kind, and changed nothing.
func (c *journalCall) refused(kind engine.ErrorKind) {
	c.f.Helper()
	c.f.given = nil
	checkKind(c.f, c.op, c.err, kind)
	c.holds(c.f.held)
}

// An entryEdit is what becomes of one entry.
type entryEdit struct {
	key    engine.AttemptKey
	change func(e *entry)
}

// silently is the edit of a review's first attempt that is no news about it: UpdatedAt stays.
func silently(id string, change func(e *entry)) entryEdit { return entryEdit{attemptOf(id, 1), change} }

// news is the edit of a review's first attempt. Its UpdatedAt is the time of the call.
func (f *journalFixture) news(id string, change func(e *entry)) entryEdit {
	return entryEdit{attemptOf(id, 1), func(e *entry) {
		e.UpdatedAt = f.now
		change(e)
	}}
}

// changes is the judgement that the call has changed these entries, in this way, and nothing else; with no edit, that it
// has succeeded and changed nothing.
func (c *journalCall) changes(edits ...entryEdit) {
	f := c.f
	f.Helper()
	f.given = nil
	if c.err != nil {
		f.Fatalf("%s: %v", c.op, c.err)
	}
	want := make(map[engine.AttemptKey]entry, len(f.held))
	for key, e := range f.held {
		want[key] = e
	}
	for _, edit := range edits {
		e := want[edit.key]
		edit.change(&e)
		want[edit.key] = e
	}
	f.held = c.holds(want)
	if c.shows {
		c.isStored(c.o)
	}
	if c.again != nil {
		c.repeat()
	}
}

// repeat makes the call again, as after a lost answer.
func (c *journalCall) repeat() {
	f := c.f
	f.Helper()
	f.tick()
	again := &journalCall{f: f}
	c.again(again)
	if again.op = c.op + ", repeated"; again.err != nil {
		f.Fatalf("%s: %v", again.op, again.err)
	}
	again.holds(f.held)
	if c.shows {
		again.isStored(again.o)
	}
	if again.created {
		f.Fatalf("%s: it was created again", again.op)
	}
}

// holds compares what the journal holds with what is wanted, and returns it.
func (c *journalCall) holds(want map[engine.AttemptKey]entry) map[engine.AttemptKey]entry {
	f := c.f
	f.Helper()
	got := f.read()
	for _, key := range f.known {
		e, is := got[key]
		expected, should := want[key]
		if is != should {
			f.Fatalf("%s: the journal has attempt %s: %t; want %t", c.op, key, is, should)
		}
		if found := differences(e, expected); found != "" {
			f.Fatalf("%s: of attempt %s,\n%s", c.op, key, found)
		}
	}
	return got
}

// isStored checks that an answered orchestration is the one that is stored.
func (c *journalCall) isStored(o engine.Orchestration) {
	c.f.Helper()
	if found := differences(o, c.f.held[o.Key].Orchestration); found != "" {
		c.f.Fatalf("%s: of the answered attempt %s, beside the stored one,\n%s", c.op, o.Key, found)
	}
}

// takes is the judgement that a renewal has taken these attempts over, each under a higher epoch, and changed nothing
// else; that Held answers with the leases of all unfinished attempts that the host holds now, in the order of their keys;
// and with the beats of the others.
func (c *journalCall) takes(host engine.HostID, ids []string, others ...engine.Heartbeat) {
	c.f.Helper()
	var edits []entryEdit
	for _, id := range ids {
		before, after := c.f.entry(id).Epoch, engine.Epoch(0)
		for _, held := range c.holding.Leases {
			if held.Key == attemptOf(id, 1) {
				after = held.Epoch
			}
		}
		if c.err == nil && after <= before {
			c.f.Fatalf("%s: %s is held under epoch %d; want a higher one than %d", c.op, id, after, before)
		}
		edits = append(edits, silently(id, func(e *entry) { e.Holder, e.Epoch = host, after }))
	}
	c.changes(edits...)
	if c.taken != len(ids) {
		c.f.Fatalf("%s: %d taken; want %d", c.op, c.taken, len(ids))
	}
	var held []engine.Lease
	for _, key := range c.f.known {
		if e := c.f.held[key]; e.Holder == host && e.Unfinished() {
			held = append(held, engine.Lease{Key: key, Epoch: e.Epoch, Cancel: e.Cancel})
		}
	}
	slices.SortFunc(held, func(a, b engine.Lease) int { return compareKeys(a.Key, b.Key) })
	if !slices.Equal(c.holding.Leases, held) {
		c.f.Fatalf("%s: holds %v; want %v", c.op, c.holding.Leases, held)
	}
	if !slices.Equal(c.holding.Others, others) {
		c.f.Fatalf("%s: the others are %v; want %v", c.op, c.holding.Others, others)
	}
	clear(c.holding.Leases)
	clear(c.holding.Others)
	c.holds(c.f.held)
}

func beatOf(host engine.HostID, count uint64) engine.Heartbeat {
	return engine.Heartbeat{Host: host, Count: count}
}

// purges is the judgement that a purge has forgotten the payloads and events of these attempts, and nothing else.
func (c *journalCall) purges(ids ...string) {
	c.f.Helper()
	var edits []entryEdit
	for _, id := range ids {
		edits = append(edits, silently(id, func(e *entry) { e.Payload, e.Journaled = nil, nil }))
	}
	c.changes(edits...)
	if c.purged != len(ids) {
		c.f.Fatalf("%s: %d purged; want %d", c.op, c.purged, len(ids))
	}
}

// lists is the judgement that the call has changed nothing and answered with the events from one number to another, as
// they were journaled.
func (c *journalCall) lists(id string, from, to int64) {
	c.f.Helper()
	c.changes()
	var want []engine.Event
	if to >= from {
		want = c.f.entry(id).Journaled[from-1 : to]
	}
	if found := differences(c.events, want); found != "" {
		c.f.Fatalf("%s: of the list,\n%s", c.op, found)
	}
	clear(c.events)
	c.holds(c.f.held)
}
