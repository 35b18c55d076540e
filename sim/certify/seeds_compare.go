package certify

import (
	"errors"
	"fmt"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/sim/world"
)

// Compare implements [world.Stores]. It reads back each review and each orchestration of the models, with ended attempts
// and events; the counts show what else is stored.
func (p *Ports) Compare(reviews *model.Reviews, journal *model.Journal) (difference string, err error) {
	c := comparison{ports: p, models: state{reviews, journal}}
	c.compareRows()
	c.compareCounts()
	return c.difference, c.outage
}

// A comparison looks for the first difference between the stores and the models.
type comparison struct {
	ports  *Ports
	models state
	counts Counts // of the models

	difference string
	outage     error
}

// over reports whether there is nothing left to look for.
func (c *comparison) over() bool { return c.difference != "" || c.outage != nil }

// compareRows reads everything that the models hold.
func (c *comparison) compareRows() {
	c.counts.Reviews, c.counts.Orchestrations = c.models.reviews.Len(), c.models.journal.Len()
	c.counts.Heartbeats = c.models.journal.Heartbeats()
	for _, o := range c.models.reads() {
		want := c.models.apply(o)
		if want.review != nil {
			c.counts.Attempts += len(want.review.Attempts)
		} else {
			c.counts.Events += len(want.journal.Events)
		}
		got, err := c.ports.perform(o)
		if c.outOfReach(err) {
			return
		}
		if !got.equal(want) {
			c.difference = describeAnswers(o, got, want, err)
			return
		}
	}
}

// describeAnswers describes two answers that differ. err is the reason of the store's, if it is a failure.
func describeAnswers(o operation, got, want answer, err error) string {
	answered := got.String()
	if err != nil {
		answered += fmt.Sprintf(" (%v)", err)
	}
	return fmt.Sprintf("%s: the store has %#q, the model %#q: %s", o, answered, want.String(), got.difference(want))
}

// outOfReach reports whether the error is that of a store that is out of reach, and keeps it.
func (c *comparison) outOfReach(err error) bool {
	var outage *world.OutageError
	if errors.As(err, &outage) {
		c.outage = outage
	}
	return c.outage != nil
}

// compareCounts finds rows that the models do not hold.
func (c *comparison) compareCounts() {
	if c.over() || c.ports.Count == nil {
		return
	}
	counts, err := c.ports.Count(c.ports.nextContext())
	if err != nil {
		c.outage = &world.OutageError{Err: fmt.Errorf("count what is stored: %w", err)}
		return
	}
	if found := model.Difference(counts, c.counts); found != "" {
		c.difference = "all that the models hold is there, but in the counts of the store " + found
	}
}
