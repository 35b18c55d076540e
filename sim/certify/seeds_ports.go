package certify

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/world"
)

// AnswerWithin is how long a store has on the wall clock to answer a few dozen operations, one after the other. A server
// that is paused or cut off does not answer at all.
const AnswerWithin = 15 * time.Second

// limitedTogether is how many operations share one limit of time. To set a timer for each, and to wake the thread that
// waits for it, took a twentieth of a run.
const limitedTogether = 50

// Ports is a review store and a journal as [world.Stores]. The functions are given contexts that end after
// [AnswerWithin].
type Ports struct {
	Reviews engine.ReviewStore
	Journal engine.Journal
	// Clear removes everything.
	Clear func(ctx context.Context) error
	// Count tells what is there beside what the ports answer when they are asked for something. Nil: it is not looked at.
	Count func(ctx context.Context) (Counts, error)
	// Outage tells of the error of an operation whether the store was out of reach, so that the error is no answer of
	// its. Nil: it always is one.
	Outage func(err error) bool

	limit  context.Context // of the operations of now
	cancel context.CancelFunc
	left   int // that the limit is for
}

// Counts are how many rows there are of each kind, and the latest renewal of each host, in the order of their names.
type Counts struct {
	Reviews        int
	Attempts       int // that have ended
	Orchestrations int
	Events         int
	Beats          []engine.Beat
}

var _ world.Stores = (*Ports)(nil)

// limited returns the context of the next operation. It belongs to no task of a simulation and to no command: what has
// begun is finished.
func (p *Ports) limited() context.Context {
	if p.left == 0 {
		if p.cancel != nil {
			p.cancel()
		}
		p.limit, p.cancel = context.WithTimeout(context.Background(), AnswerWithin)
		p.left = limitedTogether
	}
	p.left--
	return p.limit
}

// Reset implements [world.Stores].
func (p *Ports) Reset() error {
	p.left = 0 // time has passed since the run before
	if err := p.Clear(p.limited()); err != nil {
		return &world.OutageError{Err: fmt.Errorf("remove what is stored: %w", err)}
	}
	return nil
}

// Execute implements [world.Stores].
func (p *Ports) Execute(op *model.Op) (model.Result, error) {
	result, err := model.Perform(p.limited(), p.Reviews, op)
	return result, p.judge(err)
}

// ExecuteJournal implements [world.Stores].
func (p *Ports) ExecuteJournal(op *model.JournalOp) (model.JournalResult, error) {
	result, err := model.PerformJournal(p.limited(), p.Journal, op)
	return result, p.judge(err)
}

// judge tells answers from outages.
func (p *Ports) judge(err error) error {
	if err != nil && p.Outage != nil && p.Outage(err) {
		return &world.OutageError{Err: err}
	}
	return err
}
