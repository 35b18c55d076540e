package certify

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults/pgwire"
)

// callTimeLimit bounds one call; none comes near it unless it hangs.
const callTimeLimit = time.Minute

// An ending is one of the two states that an operation may leave, and what doing it again makes of that.
type ending struct {
	model state
	rows  string
	again []Operation
	final string // the rows after that
}

// A trial is a case on a bench: its two endings, and the answer when nobody interferes.
type trial struct {
	bench         *bench
	subject       Case
	want          answer
	before, after ending
}

// prepare carries the case out without a proxy, and makes sure that the store is the model there.
func prepare(ctx context.Context, b *bench, c Case) (*trial, error) {
	t := &trial{bench: b, subject: c}
	if err := b.settle(ctx); err != nil {
		return nil, err
	}
	if err := b.database.run(ctx, b.database.clear); err != nil {
		return nil, err
	}
	start, rows, err := b.follow(ctx, state{model.NewStore(), model.NewJournal()}, c.Before)
	if err != nil {
		return nil, err
	}
	if err := b.database.run(ctx, b.database.keep); err != nil {
		return nil, err
	}
	t.before = ending{model: start, rows: rows, again: start.again(c.Operation)}
	done, want := start.step(c.Operation)
	t.want = want
	if _, rows, err = b.follow(ctx, start, []Operation{c.Operation}); err != nil {
		return nil, err
	}
	t.after = ending{model: done, rows: rows, again: done.again(c.Operation)}
	for _, e := range []*ending{&t.after, &t.before} { // The database is after.
		if _, _, err := b.follow(ctx, e.model, e.model.reads()); err != nil {
			return nil, err
		}
		var final state
		if final, e.final, err = b.follow(ctx, e.model, e.again); err != nil {
			return nil, fmt.Errorf("done again: %w", err)
		}
		if _, _, err := b.follow(ctx, final, final.reads()); err != nil {
			return nil, fmt.Errorf("done again: %w", err)
		}
		if err := b.database.putBack(ctx, t.before.rows); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// messages carries the case out through the proxy, untouched, and returns what was exchanged.
func (t *trial) messages(ctx context.Context, cold bool) ([]pgwire.Message, error) {
	recorder := pgwire.NewRecorder(nil)
	outcome, err := t.run(ctx, cold, recorder)
	if err != nil {
		return nil, err
	}
	if complaint := t.judge(outcome); complaint != "" {
		return nil, fmt.Errorf("untouched: %s", complaint)
	}
	return recorder.Messages(), nil
}

// An outcome is what an attempt has come to.
type outcome struct {
	answer answer
	err    error  // of the answer
	rows   string // that were stored then
	again  string // what was wrong with doing it again
}

// run carries the case out once, with an injector in its way, then asks what is stored, and does it again past the
// proxy. The error is one of the setup, not of the store.
func (t *trial) run(ctx context.Context, cold bool, injector pgwire.Injector) (outcome, error) {
	var o outcome
	b := t.bench
	if err := b.ready(ctx, t.subject.Operation, t.before.rows, cold); err != nil {
		return o, err
	}
	b.database.changed()
	b.proxy.Begin(injector)
	limited, cancel := context.WithTimeout(ctx, callTimeLimit)
	defer cancel()
	o.answer, o.err = t.subject.Operation.perform(limited, b.proxied)
	err := b.settle(ctx)
	if err == nil {
		o.rows, err = b.database.rows(ctx)
	}
	if err != nil {
		return o, err
	}
	left := &t.before
	switch o.rows {
	case t.before.rows:
	case t.after.rows:
		left = &t.after
	default:
		return o, nil // Nobody knows what doing it again would be right to do.
	}
	if _, final, err := b.follow(ctx, left.model, left.again); err != nil {
		o.again = err.Error()
	} else if final != left.final {
		o.again = "the state differs:\n" + difference(left.final, final)
	}
	return o, ctx.Err()
}

// judge says what is wrong with an outcome, or nothing.
func (t *trial) judge(o outcome) string {
	isBefore, isAfter := o.rows == t.before.rows, o.rows == t.after.rows
	kind, failed := o.answer.failure()
	told := o.answer.String()
	if o.err != nil {
		told = o.err.Error()
	}
	switch {
	case !isBefore && !isAfter:
		return fmt.Sprintf("the database holds neither the state before nor the one after; the caller was told: %s\ncompared with before:\n%scompared with after:\n%s",
			told, difference(t.before.rows, o.rows), difference(t.after.rows, o.rows))
	case failed && kind == engine.Ambiguous:
		// Both are possible, and the caller knows it.
	case failed && kind == engine.Rejected && !o.answer.equal(t.want):
		if !isBefore {
			return "the caller was told that nothing had happened, and it had: " + told
		}
	case !o.answer.equal(t.want):
		return fmt.Sprintf("the caller was told %s, the model says %s", told, t.want)
	case !isAfter:
		return "the caller was told that it was done, and it was not: " + told
	}
	if o.again != "" {
		return fmt.Sprintf("the caller was told %s, and doing it again went wrong: %s", told, o.again)
	}
	return ""
}
