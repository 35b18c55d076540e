package certify

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/faults/pgwire"
)

// A CutsConfig says what is run where. Database is all that has to be set.
type CutsConfig struct {
	// Database makes an empty database and returns its URL and the function that drops it. It is called once a worker.
	Database func(ctx context.Context) (address string, drop func(context.Context) error, err error)
	// Cases are those of [Cases] unless set.
	Cases []Case
	// Handshakes has the messages by which a cold connection comes about cut in every case. Otherwise that is done in the
	// first case alone: they are over before the first statement is sent, and no operation knows of them.
	Handshakes bool
	// Workers is how many cases are tried at once, each on a database of its own; 1 if it is 0.
	Workers int
	// Wrap, unless nil, changes the stores under test.
	Wrap func(Stores) Stores
	// Rewrites change statements on their way to the server.
	Rewrites []*pgwire.Rewrite
	// Progress, unless nil, is told how many cases are done, from several goroutines.
	Progress func(done, total int)
}

// Cuts cuts every case at every message. The error is one of the setup, or of a proxy whose rewrites have not matched;
// what is wrong with the stores stands in the certificate.
func Cuts(ctx context.Context, c CutsConfig) (*CutsReport, error) {
	if c.Database == nil {
		return nil, errors.New("certify: set CutsConfig.Database to a function that makes an empty database")
	}
	if c.Cases == nil {
		c.Cases = Cases()
	}
	var (
		next, done atomic.Int64
		workers    sync.WaitGroup
		results    = make([]*CutsReport, len(c.Cases))
		errs       = make([]error, max(c.Workers, 1))
	)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for worker := range errs {
		workers.Go(func() {
			errs[worker] = func() (err error) {
				b, err := open(ctx, &c)
				if err != nil {
					return err
				}
				defer func() { err = errors.Join(err, b.close(context.WithoutCancel(ctx))) }()
				for {
					number := int(next.Add(1)) - 1
					if number >= len(c.Cases) {
						return nil
					}
					if results[number], err = b.certify(ctx, c.Cases[number], c.Handshakes || number == 0); err != nil {
						return fmt.Errorf("%s: %w", c.Cases[number].Name, err)
					}
					if finished := int(done.Add(1)); c.Progress != nil {
						c.Progress(finished, len(c.Cases))
					}
				}
			}()
			if errs[worker] != nil {
				cancel()
			}
		})
	}
	workers.Wait()
	certificate := &CutsReport{}
	kinds := map[string]bool{}
	for number, result := range results {
		if result != nil {
			certificate.add(result)
			kinds[c.Cases[number].Operation.kind()] = true
		}
	}
	certificate.Operations = len(kinds)
	return certificate, errors.Join(errs...)
}

// certify tries one case, over a warm and a cold connection.
func (b *bench) certify(ctx context.Context, c Case, handshake bool) (*CutsReport, error) {
	result := &CutsReport{Cases: 1}
	fail := func(cut, complaint string) {
		result.Failures = append(result.Failures, Failure{Case: c.Name, Operation: c.Operation.String(), Cut: cut, Complaint: complaint})
	}
	t, err := prepare(ctx, b, c)
	if err != nil {
		fail("", err.Error())
		return result, ctx.Err()
	}
	for _, cold := range []bool{false, true} {
		messages, err := t.messages(ctx, cold)
		if err != nil {
			fail("", err.Error())
			return result, ctx.Err()
		}
		if cold && !handshake {
			messages = withoutHandshake(messages)
		}
		result.Messages += len(messages)
		for _, cut := range cuts(messages) {
			outcome, err := t.run(ctx, cold, cut.injector)
			if err != nil {
				return result, fmt.Errorf("%s: %w", cut, err)
			}
			where := cut.String() + ", over a warm connection"
			if cold {
				where = cut.String() + ", over a cold connection"
			}
			if !cut.injector.Done() {
				fail(where, "that message did not come; it did when nothing was cut")
				continue
			}
			result.count(t, outcome)
			if complaint := t.judge(outcome); complaint != "" {
				fail(where, complaint)
			}
		}
	}
	return result, nil
}

// A cut is one of [pgwire.Cuts], once as it is and once with a server that stays away afterwards.
type cut struct {
	pgwire.Cut
	injector *pgwire.Once
	away     bool
}

// String tells of the cut in one line.
func (c cut) String() string {
	if c.away {
		return c.Cut.String() + ", and the server stays away"
	}
	return c.Cut.String()
}

// cuts lists how an operation is cut. Where nothing has arrived the store may try again, so that is done with and
// without a server that answers.
func cuts(messages []pgwire.Message) []cut {
	var all []cut
	for _, c := range pgwire.Cuts(messages) {
		all = append(all, cut{Cut: c, injector: c.Injector()})
		if c.Action == pgwire.CutBefore && c.Message.Direction == pgwire.FromClient {
			all = append(all, cut{Cut: c, injector: c.Injector().Then(pgwire.Func(pgwire.Refuse)), away: true})
		}
	}
	return all
}

// withoutHandshake leaves out what a connection says until it is ready for the first time.
func withoutHandshake(messages []pgwire.Message) []pgwire.Message {
	for i, m := range messages {
		if m.Type == "ReadyForQuery" {
			return messages[i+1:]
		}
	}
	return messages
}

// count notes what a cut has come to.
func (c *CutsReport) count(t *trial, o outcome) {
	c.Cuts++
	switch isBefore, isAfter := o.rows == t.before.rows, o.rows == t.after.rows; {
	case isBefore && isAfter:
		c.Unchanged++
	case isBefore:
		c.Before++
	case isAfter:
		c.After++
	}
	switch kind, failed := o.answer.failure(); {
	case !failed:
		c.Succeeded++
	case kind == engine.Rejected:
		c.Rejected++
	case kind == engine.Ambiguous:
		c.Ambiguous++
	default:
		c.Other++
	}
}
