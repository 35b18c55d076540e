package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// claimFacts are about one token that was given out.
type claimFacts struct {
	token     engine.Token
	attempt   int
	actor     string
	life      int
	grantedAt time.Duration
	confirmed bool // its holder has the answer that it was granted
	used      bool // a dispatch was sent under it
	released  bool // its holder has tried to release it
	givenUp   bool // its holder released it, or ended the attempt under it
	// refused: the worker rejected the dispatch, at refusedAt, when so many faults had fired at the holder and the
	// database.
	refused      bool
	refusedAt    time.Duration
	faultsBefore int
	// unstartable: the worker refused the dispatch for good. abandoned: the holder has sent that the attempt is
	// abandoned. unrecordable: the worker refused that for good, too.
	unstartable, abandoned, unrecordable bool
}

// heldBy reports whether the sender of a record holds the claim.
func (c *claimFacts) heldBy(r *Record) bool { return c.actor == r.Actor && c.life == r.Life }

func (c *claimFacts) dispatched(r *Record) {
	c.used = true
	c.abandoned = c.abandoned || r.Abandoned
}

// answered takes the answer to the dispatch, with the faults that have fired at the holder and the database.
func (c *claimFacts) answered(r *Record, faults int) {
	switch r.Error {
	case FailedAs(engine.Rejected):
		c.refused, c.refusedAt, c.faultsBefore = true, r.At, faults
	case FailedAs(engine.Permanent):
		c.unstartable = true
		c.unrecordable = c.unrecordable || c.abandoned
	default: // the claim may have been used
	}
}

// applyOperation takes an operation of the store that ends the claim.
func (c *claimFacts) applyOperation(r *Record) {
	if r.Op.Kind == model.ReviewsRelease {
		c.released = true
	}
	if !r.Result.Failed && c.heldBy(r) {
		c.givenUp = true
	}
}

// A claimList has the claims of one review in order of their grants.
type claimList []claimFacts

func (l claimList) find(token engine.Token) *claimFacts {
	for i := len(l) - 1; i >= 0; i-- {
		if l[i].token == token {
			return &l[i]
		}
	}
	return nil
}

// latest returns the claim that was granted last, or nil.
func (l claimList) latest() *claimFacts {
	if len(l) == 0 {
		return nil
	}
	return &l[len(l)-1]
}

func (l *claimList) granted(r *Record) {
	*l = append(*l, claimFacts{
		token: r.Result.Token, attempt: r.Op.Key.Attempt, actor: r.Actor, life: r.Life, grantedAt: r.At,
	})
}

// confirmed takes the answer that a claim was granted. Each claim of an attempt by a process is another one's
// successor, so the latest is meant.
func (l claimList) confirmed(r *Record) {
	for i := len(l) - 1; i >= 0; i-- {
		if c := &l[i]; c.heldBy(r) && c.attempt == r.Key.Attempt {
			c.confirmed = true
			return
		}
	}
}
