package certify

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/world"
)

// answerMax is how long a store may take, on the wall clock, to answer a few dozen operations one after the other. A
// server that is paused or cut off does not answer at all.
const answerMax = 15 * time.Second

// operationsPerContext is how many operations share one time limit. Setting a timer for each, and waking the thread
// that waits for it, took a twentieth of a run.
const operationsPerContext = 50

// Ports makes [world.Stores] of a review store and a journal. The functions get contexts that end after 15 seconds.
type Ports struct {
	Reviews engine.ReviewStore
	Journal engine.Journal
	// Clear removes all rows.
	Clear func(ctx context.Context) error
	// Count counts the rows, also those that no operation of the ports returns. If it is nil, rows are not counted.
	Count func(ctx context.Context) (Counts, error)
	// Outage reports whether the error of an operation means that the store was out of reach. Other errors are answers.
	// If it is nil, all errors are.
	Outage func(err error) bool

	limited context.Context // of the next operations
	cancel  context.CancelFunc
	left    int // operations that limited is still for
}

// Counts are how many rows there are of each kind, and the latest heartbeat of each host, ordered by host.
type Counts struct {
	Reviews        int
	Attempts       int // that have ended
	Orchestrations int
	Events         int
	Heartbeats     []engine.Heartbeat
}

var _ world.Stores = (*Ports)(nil)

// nextContext returns the context of the next operation. It is derived from no other one: an operation that has begun
// is finished, even if the command is interrupted.
func (p *Ports) nextContext() context.Context {
	if p.left == 0 {
		if p.cancel != nil {
			p.cancel()
		}
		p.limited, p.cancel = context.WithTimeout(context.Background(), answerMax)
		p.left = operationsPerContext
	}
	p.left--
	return p.limited
}

// Reset implements [world.Stores].
func (p *Ports) Reset() error {
	p.left = 0 // time has passed since the previous run
	if err := p.Clear(p.nextContext()); err != nil {
		return &world.OutageError{Err: fmt.Errorf("remove what is stored: %w", err)}
	}
	return nil
}

// Execute implements [world.Stores].
func (p *Ports) Execute(op *model.ReviewsOp) (model.ReviewsResult, error) {
	result, err := op.Execute(p.nextContext(), p.Reviews)
	return result, p.classify(err)
}

// ExecuteJournal implements [world.Stores].
func (p *Ports) ExecuteJournal(op *model.JournalOp) (model.JournalResult, error) {
	result, err := op.Execute(p.nextContext(), p.Journal)
	return result, p.classify(err)
}

// perform carries an operation of either port out.
func (p *Ports) perform(o operation) (answer, error) {
	result, err := stores{p.Reviews, p.Journal}.perform(p.nextContext(), o)
	return result, p.classify(err)
}

// classify makes an [*world.OutageError] of an error that is no answer.
func (p *Ports) classify(err error) error {
	if err != nil && p.Outage != nil && p.Outage(err) {
		return &world.OutageError{Err: err}
	}
	return err
}
