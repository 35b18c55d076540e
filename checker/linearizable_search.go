package checker

import (
	"context"
	"math"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/checker/model"
	"github.com/onceover/onceover/engine"
)

// A searcher is the memory of a search by porcupine. States are interned: porcupine handles them as small numbers,
// which cost no allocation.
type searcher struct {
	inputs     []input
	operations []porcupine.Operation
	states     []state
	budget     int
	steps      int
}

// An input is one operation as the search sees it.
type input struct {
	call
	need    need
	refusal engine.ErrorKind
	shows   bool // the row after it is known: row
	row     state
	granted engine.Token
	// also is the row of the answer, where the oracle knows another.
	alsoShows bool
	also      state
}

// A need is what a step must satisfy.
type need uint8

const (
	needNothing  need = iota // has its effect, if it can have one
	needAccepted             // must be possible, and show what was seen
	needRefused              // must be impossible
	needNever                // was answered and had not happened
)

// stateNumber is how porcupine sees a state.
type stateNumber uint16

// search has porcupine look for an order that explains one partition.
func (h *History) search(review int, view View, budget int) (Verdict, int) {
	s := &h.searcher
	h.prepare(review, view, budget)
	m := s.model()
	ok := porcupine.CheckOperations(m, s.operations)
	switch {
	case s.steps > s.budget:
		return Unknown, s.steps
	case ok:
		return Pass, s.steps
	}
	return Violated, s.steps
}

// prepare makes the operations of one partition as one view knows them.
func (h *History) prepare(review int, view View, budget int) {
	s := &h.searcher
	s.inputs, s.operations = s.inputs[:0], s.operations[:0]
	s.states = append(s.states[:0], state{})
	s.budget, s.steps = budget, 0
	if view == Oracle {
		h.prepareOracle(review)
	} else {
		h.prepareClient(review)
	}
	for i := range s.operations {
		s.operations[i].Input = &s.inputs[i]
	}
}

func (s *searcher) add(actor int, in input, called, returned int64) {
	s.inputs = append(s.inputs, in)
	s.operations = append(s.operations, porcupine.Operation{ClientId: actor, Call: called, Return: returned})
}

// prepareClient: an operation counts as its caller knows it. What is ambiguous is open, and so is each further delivery
// of one that was duplicated, and one that was refused although a duplicate of it landed.
func (h *History) prepareClient(review int) {
	s := &h.searcher
	for i := range h.operations {
		o := &h.operations[i]
		c := o.call
		switch {
		case o.review == review:
		case h.supersedes(o, review):
			c = h.superseding(o, review)
		default:
			continue
		}
		open := max(o.landings-1, 0)
		switch {
		case o.outcome == outcomeOpen:
			open++
		case o.outcome == outcomeRefused && o.review == review && conclusive(o.kind, o.refusal):
			s.add(i, input{call: c, need: needRefused, refusal: o.refusal}, o.called, o.returned)
			open = o.landings
		case o.outcome == outcomeRefused:
			open = o.landings
		default:
			in := input{call: c, need: needAccepted}
			if o.review == review {
				in.shows, in.row, in.granted = o.shows, o.seen, o.granted
			}
			s.add(i, in, o.called, o.returned)
		}
		if c.kind == model.ReviewsGet {
			continue // a read that nobody got an answer to has no effect
		}
		for range open {
			s.add(i, input{call: c}, o.called, math.MaxInt64)
		}
	}
}

// prepareOracle: each landing is an operation at the moment of its commit, and the row that it left is known. One that
// was answered before its only commit was answered for something that had not happened.
func (h *History) prepareOracle(review int) {
	s := &h.searcher
	for i := range h.landings {
		l := &h.landings[i]
		o := &h.operations[l.operation]
		switch {
		case l.review == review && l.review != o.review:
			s.add(l.operation, input{call: h.superseding(o, review), need: needAccepted, shows: true, row: l.row}, l.at, l.at)
		case l.refused && (o.refusals > 1 || !conclusive(o.kind, o.refusal)):
			// Which of several refusals was answered is not known.
		case l.review == review && l.refused:
			s.add(l.operation, input{call: o.call, need: needRefused, refusal: o.refusal}, l.at, l.at)
		case l.review == review:
			in := input{call: o.call, need: needAccepted, shows: l.shows, row: l.row}
			if o.landings == 1 && o.outcome == outcomeAnswered {
				in.granted, in.alsoShows, in.also = o.granted, o.shows, o.seen
				if o.returned < l.at {
					in.need = needNever
				}
			}
			s.add(l.operation, in, l.at, l.at)
		case l.review == o.review && h.supersedes(o, review):
			s.add(l.operation, input{call: h.superseding(o, review), need: needAccepted}, l.at, l.at)
		}
	}
	for i := range h.operations {
		if o := &h.operations[i]; o.review == review && o.outcome == outcomeAnswered && o.landings == 0 {
			s.add(i, input{call: o.call, need: needNever}, o.called, o.returned)
		}
	}
}

// model is the specification of one partition for porcupine.
func (s *searcher) model() porcupine.Model {
	return porcupine.Model{
		Init: func() any { return stateNumber(0) },
		StepContext: func(_ context.Context, at, in, _ any) (bool, any) {
			if s.steps++; s.steps > s.budget {
				return false, at
			}
			next, ok := in.(*input).step(s.states[at.(stateNumber)])
			if !ok {
				return false, at
			}
			return true, s.intern(next)
		},
		Hash: func(at any) uint64 { return uint64(at.(stateNumber)) * 0x9E3779B97F4A7C15 },
		DescribeOperation: func(in, _ any) string {
			return in.(*input).String()
		},
		DescribeState: func(at any) string { return s.states[at.(stateNumber)].String() },
	}
}

// intern returns the number of a state.
func (s *searcher) intern(next state) stateNumber {
	for i := len(s.states) - 1; i >= 0; i-- {
		if s.states[i] == next {
			return stateNumber(i)
		}
	}
	s.states = append(s.states, next)
	return stateNumber(len(s.states) - 1)
}

// step is one step of the specification.
func (in *input) step(at state) (next state, ok bool) {
	next, accepted := at.apply(&in.call)
	switch in.need {
	case needNothing:
		if !accepted {
			return at, true
		}
		return next, true
	case needRefused:
		return at, at.refuses(&in.call, in.refusal)
	case needNever:
		return at, false
	case needAccepted: // see below
	}
	switch {
	case !accepted,
		in.shows && !next.shows(in.row),
		in.alsoShows && !next.shows(in.also),
		in.kind == model.ReviewsClaim && in.granted != 0 && in.granted != next.claim:
		return at, false
	}
	return next, true
}

// String is the operation with what is known of its outcome.
func (in *input) String() string {
	text := in.call.String()
	switch {
	case in.need == needNothing:
		return text + " -> unknown"
	case in.need == needRefused:
		return text + " -> " + in.refusal.String()
	case in.need == needNever:
		return text + " -> answered, but had not landed"
	case in.shows:
		return text + " -> " + in.row.String()
	case in.alsoShows:
		return text + " -> " + in.also.String()
	}
	return text + " -> done"
}
