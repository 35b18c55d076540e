package certify

import (
	"errors"
	"fmt"
	"math"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/world"
)

// Compare implements [world.Stores]. Each review and orchestration of the models is read back with its ended attempts
// and events; the counts show what else is there.
func (p *Ports) Compare(reviews *model.Store, journal *model.Journal) (difference string, err error) {
	c := comparison{ports: p, reviews: reviews, journal: journal}
	c.readBack()
	c.countAll()
	return c.difference, c.outage
}

// A comparison looks for the first difference.
type comparison struct {
	ports   *Ports
	reviews *model.Store
	journal *model.Journal
	counts  Counts // of the models

	difference string
	outage     error
}

func (c *comparison) over() bool { return c.difference != "" || c.outage != nil }

// readBack asks the stores for everything that the models hold.
func (c *comparison) readBack() {
	// An operation that reads leaves the model as it is, so rows may be visited meanwhile.
	c.reviews.Each(func(r *engine.Review) {
		c.counts.Reviews++
		c.ask(model.Get(r.Review))
		c.ask(model.Attempts(r.Review))
	})
	c.journal.Each(func(o *engine.Orchestration) {
		c.counts.Orchestrations++
		c.askJournal(model.JournalOp{Kind: model.JournalLoad, Key: o.Key})
		c.askJournal(model.JournalOp{Kind: model.JournalEvents, Key: o.Key, Max: math.MaxInt32})
	})
	c.counts.Beats = c.journal.Beats()
}

// ask compares the answers to one question.
func (c *comparison) ask(op model.Op) {
	if c.over() {
		return
	}
	var want model.Result
	c.reviews.Apply(&op, &want)
	c.counts.Attempts += len(want.Attempts)
	got, err := c.ports.Execute(&op)
	if !c.outOfReach(err) && !got.Equal(&want) {
		c.differs(op.String(), got.String(), want.String(), err, model.Difference(got, want))
	}
}

// askJournal is ask for the journal.
func (c *comparison) askJournal(op model.JournalOp) {
	if c.over() {
		return
	}
	var want model.JournalResult
	c.journal.Apply(&op, &want)
	c.counts.Events += len(want.Events)
	got, err := c.ports.ExecuteJournal(&op)
	if !c.outOfReach(err) && !got.Equal(&want) {
		c.differs(op.String(), got.String(), want.String(), err, model.Difference(got, want))
	}
}

// differs notes two answers that are not equal.
func (c *comparison) differs(question, got, want string, err error, difference string) {
	if err != nil {
		got += fmt.Sprintf(" (%v)", err)
	}
	c.difference = fmt.Sprintf("%s: the store has %#q, the model %#q: %s", question, got, want, difference)
}

func (c *comparison) outOfReach(err error) bool {
	var outage *world.OutageError
	if errors.As(err, &outage) {
		c.outage = outage
	}
	return c.outage != nil
}

// countAll finds what the models do not hold.
func (c *comparison) countAll() {
	if c.over() || c.ports.Count == nil {
		return
	}
	counts, err := c.ports.Count(c.ports.limited())
	if err != nil {
		c.outage = &world.OutageError{Err: fmt.Errorf("count what is stored: %w", err)}
		return
	}
	if found := model.Difference(counts, c.counts); found != "" {
		c.difference = "all that the models hold is there, but in the counts of the store " + found
	}
}
