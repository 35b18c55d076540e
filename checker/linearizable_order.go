package checker

import (
	"fmt"
	"math"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/engine"
)

// An Order is how far the operations on one review have an order that explains their answers. It is for pictures; what
// counts is the [Judgement].
type Order struct {
	// Linearizable: all operations have a place. It is false as well when the search gave up.
	Linearizable bool
	Operations   []OrderedOperation // in the order of their calls
	// Breaks is the index of the operation that no order reaches, and Reason why the specification refuses it after the
	// operations that have a place; -1 if there is none.
	Breaks int
	Reason string
}

// An OrderedOperation is one operation on a review, with its place in the longest order that was found.
type OrderedOperation struct {
	Actor string
	// Text is the operation with what its caller came to know.
	Text string
	// Called and Returned are moments of the history, counted from 1. Returned is 0 for an operation whose caller has no
	// answer: it may take effect at any time, or never.
	Called, Returned int64
	Place            int // from 1; 0 for none
}

// Order returns how far the operations on one review have an order, by porcupine. Of [Both] it is the client's view.
func (h *History) Order(review engine.ReviewID, view View) (Order, error) {
	at, ok := h.index[review]
	if !ok {
		return Order{}, fmt.Errorf("order: the history has no review %q; it has %d others", review, len(h.reviews))
	}
	if err := h.validate(view); err != nil {
		return Order{}, fmt.Errorf("order: %w", err)
	}
	h.prepare(at, view, DefaultBudget)
	s := &h.searcher
	places := make([]int, len(s.operations))
	for place, i := range s.longest() {
		places[i] = place + 1
	}
	order := Order{Linearizable: true, Breaks: -1}
	for i := range s.operations {
		o := &s.operations[i]
		operation := OrderedOperation{
			Actor: h.operations[o.ClientId].actor, Text: s.inputs[i].String(), Called: o.Call, Returned: o.Return, Place: places[i],
		}
		if o.Return == math.MaxInt64 {
			operation.Returned = 0
		}
		order.Operations = append(order.Operations, operation)
		order.Linearizable = order.Linearizable && places[i] > 0
	}
	if i := s.breaks(places); i >= 0 {
		order.Breaks, order.Reason = i, s.inputs[i].explainRefusal(s.after(places))
	}
	return order, nil
}

// longest returns the operations in the longest order that porcupine finds: all of them if there is one.
func (s *searcher) longest() (longest []int) {
	// porcupine numbers the operations as they are given.
	_, info := porcupine.CheckOperationsVerbose(s.model(), s.operations, 0)
	for _, partition := range info.PartialLinearizations() {
		for _, found := range partition {
			if len(found) > len(longest) {
				longest = found
			}
		}
	}
	return longest
}

// breaks returns the operation without a place that was over first: every order has to reach it before any that was
// called later. -1 for none.
func (s *searcher) breaks(places []int) int {
	first := -1
	for i := range s.operations {
		if places[i] == 0 && (first < 0 || s.operations[i].Return < s.operations[first].Return) {
			first = i
		}
	}
	return first
}

// after returns the state after all operations that have a place.
func (s *searcher) after(places []int) (at state) {
	ordered := make([]int, len(places)+1)
	for i, place := range places {
		ordered[place] = i + 1
	}
	for _, i := range ordered[1:] {
		if i > 0 {
			at, _ = s.inputs[i-1].step(at)
		}
	}
	return at
}

// explainRefusal describes why the specification does not take the operation in a state.
func (in *input) explainRefusal(at state) string {
	next, accepted := at.apply(&in.call)
	switch {
	case in.need == needNever:
		return "it was answered, and had not happened"
	case in.need == needRefused:
		return fmt.Sprintf("it was refused as %s, and the specification has the review as %s then", in.refusal, at)
	case !accepted:
		return fmt.Sprintf("the specification refuses it: the review is then %s", at)
	case in.shows:
		return fmt.Sprintf("the answer shows %s, and the specification comes to %s", in.row, next)
	case in.granted != 0:
		return fmt.Sprintf("it was granted claim %d, and the specification grants %d", in.granted, next.claim)
	}
	return "no order reaches it in time"
}
