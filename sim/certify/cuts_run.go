package certify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"

	"github.com/onceover/onceover/faults/pgwire"
	"github.com/onceover/onceover/sim/campaign"
)

// CutsOptions are the options of [Cuts].
type CutsOptions struct {
	// Quick cuts each method in one state only, in which it does its work, and cuts the handshake of new connections in
	// the first case only. A handshake is over before the first statement is sent, so the operation makes no difference.
	Quick bool
	// Workers is how many cases are tried at the same time, each on a database of its own. 0 means one per core.
	Workers int
	// Rewrites change the SQL on its way to the server, as in [RacesOptions].
	Rewrites []*pgwire.Rewrite
	// OnProgress, when not nil, is called after each case with the number of cases that are done, and of all. Workers
	// wait while it runs.
	OnProgress func(done, total int)

	cases []cutCase           // nil for all
	wrap  func(stores) stores // changes the stores under test; nil for none
}

// Cuts cuts every case at every message. The error is one of the setup; what is wrong with the stores stands in the
// report.
func Cuts(ctx context.Context, create Create, o CutsOptions) (*CutsReport, error) {
	if o.cases == nil {
		o.cases = cutCases()
		if o.Quick {
			o.cases = oneOfEach(o.cases)
		}
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	q := &cutQueue{
		create: create, options: &o, results: make([]*CutsReport, len(o.cases)), fixtures: make([]*fixture, min(o.Workers, len(o.cases))),
	}
	err := campaign.Distribute(ctx, len(q.fixtures), uint64(len(o.cases)), q.try)
	if err == nil {
		err = ctx.Err()
	}
	err = errors.Join(err, q.close(ctx))
	report := &CutsReport{}
	methods := map[string]bool{}
	for number, result := range q.results {
		if result != nil {
			report.add(result)
			methods[o.cases[number].operation.method()] = true
		}
	}
	report.Methods = len(methods)
	return report, err
}

// A cutQueue is what the workers have in common.
type cutQueue struct {
	create   Create
	options  *CutsOptions
	results  []*CutsReport // of the cases
	fixtures []*fixture    // of the workers, each on a database of its own; nil before a worker's first case

	mutex sync.Mutex
	done  int
}

// try tries one case.
func (q *cutQueue) try(ctx context.Context, worker int, number uint64) (err error) {
	if q.fixtures[worker] == nil {
		if q.fixtures[worker], err = openFixture(ctx, q.create, q.options); err != nil {
			return err
		}
	}
	c := q.options.cases[number]
	if q.results[number], err = q.fixtures[worker].tryCase(ctx, c, !q.options.Quick || number == 0); err != nil {
		return fmt.Errorf("%s: %w", c.name, err)
	}
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.done++
	if q.options.OnProgress != nil {
		q.options.OnProgress(q.done, len(q.results))
	}
	return nil
}

// close closes the fixtures.
func (q *cutQueue) close(ctx context.Context) error {
	var err error
	for _, f := range q.fixtures {
		if f != nil {
			err = errors.Join(err, f.close(ctx))
		}
	}
	return err
}

// tryCase cuts one case at every message, over a warm and a cold connection. handshake includes the messages of the
// handshake.
func (f *fixture) tryCase(ctx context.Context, c cutCase, handshake bool) (*CutsReport, error) {
	report := &CutsReport{Cases: 1}
	fail := func(cut string, err error) {
		failure := CutFailure{Complaint: err.Error()}
		if judged := (*CutFailure)(nil); errors.As(err, &judged) {
			failure = *judged
		}
		failure.Case, failure.Operation, failure.Cut = c.name, c.operation.String(), cut
		report.Failures = append(report.Failures, failure)
	}
	t, err := newTrial(ctx, f, c)
	if err != nil {
		fail("", err)
		return report, ctx.Err()
	}
	for _, cold := range []bool{false, true} {
		messages, err := t.messages(ctx, cold)
		if err != nil {
			fail("", err)
			return report, ctx.Err()
		}
		if cold && !handshake {
			messages = withoutHandshake(messages)
		}
		report.Messages += len(messages)
		all := cuts(messages)
		if !cold || handshake {
			all = append(all, f.errors(messages)...)
		}
		for _, cut := range all {
			result, err := t.run(ctx, cold, cut.injector)
			if err != nil {
				return report, fmt.Errorf("%s: %w", cut, err)
			}
			where := cut.String() + ", over a warm connection"
			if cold {
				where = cut.String() + ", over a cold connection"
			}
			if !cut.injector.Done() {
				fail(where, errors.New("the message did not come; it came when nothing was cut"))
				continue
			}
			report.count(t, result)
			if wrong := t.judge(result); wrong != nil {
				fail(where, wrong)
			}
		}
	}
	return report, nil
}

// withoutHandshake leaves out the messages until a connection is ready for the first time.
func withoutHandshake(messages []pgwire.Message) []pgwire.Message {
	for i, m := range messages {
		if m.Type == "ReadyForQuery" {
			return messages[i+1:]
		}
	}
	return messages
}
