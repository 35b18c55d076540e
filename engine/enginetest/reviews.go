package enginetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/onceover/onceover/engine"
)

// TestReviewStore tests an [engine.ReviewStore] against its contract. open returns a store without reviews; each case is
// a subtest on a store of its own, and no two run at the same time, so open may as well empty the one that it returned
// before.
//
// Besides what a case is about, the suite checks after every call that nothing else has changed, that a refused call has
// changed nothing at all, that an answered review is the one that is stored, and that calls which may be repeated change
// nothing the second time. It overwrites the lists that it has passed and been answered with.
func TestReviewStore(t *testing.T, open func(t testing.TB) engine.ReviewStore) {
	for _, c := range reviewCases() {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

// A reviewCase is one part of the contract.
type reviewCase struct {
	name string
	test func(f *reviewFixture)
}

// run runs the case on a store without reviews.
func (c *reviewCase) run(t testing.TB, store engine.ReviewStore) {
	f := &reviewFixture{TB: t, store: store, clock: clock{began}, held: make(map[engine.ReviewID]row)}
	c.test(f)
	f.adopt()
}

// reviewCases are all cases, in the order of the methods. Those in which calls arrive at once come last.
func reviewCases() []reviewCase { return slices.Concat(reviewSteps(), reviewRaces) }

// reviewSteps are the cases in which one call comes after the other.
func reviewSteps() []reviewCase {
	return slices.Concat(submitCases, reserveCases, claimCases, handBackCases, applyCases, cancelCases, sweepCases, reviewStories)
}

// A reviewFixture calls a store at times of its own, and knows what the store holds.
type reviewFixture struct {
	testing.TB
	clock
	store engine.ReviewStore
	known []engine.ReviewID       // submitted in the case, in the order of submission
	held  map[engine.ReviewID]row // what the store held after the latest call
	given *reviewCall             // the latest call, if the case has not judged it
}

// A row is what a store holds of one review.
type row struct {
	engine.Review
	Ended []engine.Attempt
}

// end is what becomes of a row whose current attempt ends.
func (r *row) end(status engine.Status, reason string, at time.Time) {
	r.Status, r.Reason = status, reason
	r.Ended = append(slices.Clone(r.Ended), engine.Attempt{Number: r.Attempt, Status: status, Reason: reason, EndedAt: at})
}

// A reviewCall is a call of a store and its answer. A case judges it with one of the methods below; one that it does not
// judge is a step on the way, and must succeed.
type reviewCall struct {
	f       *reviewFixture
	op      string // what was called, for messages
	err     error
	review  engine.Review // of the methods that answer with the review
	shows   bool          // it is one
	reviews []engine.Review
	token   engine.Token
	work    engine.Work
	again   func(c *reviewCall) // repeats a call that may be repeated without an effect
}

// read returns what the store holds.
func (f *reviewFixture) read() map[engine.ReviewID]row {
	f.Helper()
	rows := make(map[engine.ReviewID]row, len(f.known))
	for _, id := range f.known {
		r, err := f.store.Get(context.Background(), id)
		if engine.IsKind(err, engine.NotFound) {
			continue
		}
		ended, errAttempts := f.store.Attempts(context.Background(), id)
		if err != nil || errAttempts != nil {
			f.Fatalf("read review %q: %v, %v", id, err, errAttempts)
		}
		rows[id] = row{r, slices.Clone(ended)}
	}
	return rows
}

// know adds a review to those that are read.
func (f *reviewFixture) know(id engine.ReviewID) {
	if !slices.Contains(f.known, id) {
		f.known = append(f.known, id)
	}
}

// row is the row of a review as it was read last.
func (f *reviewFixture) row(id string) row { return f.held[engine.ReviewID(id)] }

// call makes a call, after the one before was judged.
func (f *reviewFixture) call(op string, call func(c *reviewCall)) *reviewCall {
	f.Helper()
	f.adopt()
	f.tick()
	c := &reviewCall{f: f, op: op}
	call(c)
	f.given = c
	return c
}

// repeatable makes a call that answers with the review, and that may be repeated without an effect.
func (f *reviewFixture) repeatable(op string, call func(c *reviewCall)) *reviewCall {
	f.Helper()
	c := f.call(op, call)
	c.shows, c.again = true, call
	return c
}

// adopt takes what a call on the way has left behind as given.
func (f *reviewFixture) adopt() {
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
func (c *reviewCall) refused(kind engine.ErrorKind) {
	c.f.Helper()
	c.f.given = nil
	checkKind(c.f, c.op, c.err, kind)
	c.holds(c.f.held)
}

// An edit is what becomes of one row.
type edit struct {
	id     string
	change func(r *row)
}

// on is the edit of a row. Its UpdatedAt is the time of the call.
func on(id string, change func(r *row)) edit { return edit{id, change} }

// changes is the judgement that the call has changed these rows, in this way, and nothing else; with no edit, that it has
// succeeded and changed nothing.
func (c *reviewCall) changes(edits ...edit) {
	f := c.f
	f.Helper()
	f.given = nil
	if c.err != nil {
		f.Fatalf("%s: %v", c.op, c.err)
	}
	want := make(map[engine.ReviewID]row, len(f.held))
	for id, r := range f.held {
		want[id] = r
	}
	for _, e := range edits {
		r := want[engine.ReviewID(e.id)]
		r.UpdatedAt = f.now
		e.change(&r)
		want[engine.ReviewID(e.id)] = r
	}
	f.held = c.holds(want)
	if c.shows {
		c.isStored(c.review)
	}
	for _, r := range slices.Concat(c.reviews, c.work.Silent, c.work.Stopping) {
		c.isStored(r)
	}
	if c.again != nil {
		c.repeat()
	}
}

// repeat makes the call again, as after a lost answer.
func (c *reviewCall) repeat() {
	f := c.f
	f.Helper()
	f.tick()
	again := &reviewCall{f: f}
	c.again(again)
	if again.op = c.op + ", repeated"; again.err != nil {
		f.Fatalf("%s: %v", again.op, again.err)
	}
	again.holds(f.held)
	again.isStored(again.review)
}

// holds compares what the store holds with what is wanted, and returns it.
func (c *reviewCall) holds(want map[engine.ReviewID]row) map[engine.ReviewID]row {
	f := c.f
	f.Helper()
	got := f.read()
	for _, id := range f.known {
		r, is := got[id]
		expected, should := want[id]
		if is != should {
			f.Fatalf("%s: the store has review %q: %t; want %t", c.op, id, is, should)
		}
		if found := differences(r, expected); found != "" {
			f.Fatalf("%s: of review %q,\n%s", c.op, id, found)
		}
	}
	return got
}

// isStored checks that an answered review is the one that is stored.
func (c *reviewCall) isStored(r engine.Review) {
	c.f.Helper()
	if found := differences(r, c.f.held[r.ID()].Review); found != "" {
		c.f.Fatalf("%s: of the answered review %q, beside the stored one,\n%s", c.op, r.ID(), found)
	}
}

// lists is the judgement that the call has changed nothing and answered with these reviews, in this order.
func (c *reviewCall) lists(ids ...string) {
	c.f.Helper()
	c.changes()
	if got := idsOf(c.reviews); !slices.Equal(got, ids) {
		c.f.Fatalf("%s: lists %q; want %q", c.op, got, ids)
	}
	clear(c.reviews)
	c.holds(c.f.held)
}

func idsOf(reviews []engine.Review) []string {
	var ids []string
	for i := range reviews {
		ids = append(ids, string(reviews[i].ID()))
	}
	return ids
}
