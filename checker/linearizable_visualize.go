package checker

import (
	"fmt"
	"io"

	"github.com/anishathalye/porcupine"

	"github.com/onceover/onceover/engine"
)

// Visualize writes porcupine's picture of one review's operations as a page of HTML: a line per caller, and for each
// operation the longest order that it can take part in. Of [Both] the client's view is shown.
func (h *History) Visualize(w io.Writer, review engine.ReviewID, view View) error {
	at, ok := h.index[review]
	if !ok {
		return fmt.Errorf("visualize: the history has no review %q; it has %d others", review, len(h.reviews))
	}
	if err := h.validate(view); err != nil {
		return fmt.Errorf("visualize: %w", err)
	}
	h.prepare(at, view, DefaultBudget)
	s := &h.searcher
	h.lanes(s)
	m := s.model()
	_, info := porcupine.CheckOperationsVerbose(m, s.operations, 0)
	s.steps = 0 // drawing takes steps too
	if err := porcupine.Visualize(m, info, w); err != nil {
		return fmt.Errorf("visualize: %w", err)
	}
	return nil
}

// lanes gives each caller a line of the picture. Until then ClientId is the number of the operation.
func (h *History) lanes(s *searcher) {
	var actors []string
	for i := range s.operations {
		o := &s.operations[i]
		actor := h.operations[o.ClientId].actor
		lane := 0
		for lane < len(actors) && actors[lane] != actor {
			lane++
		}
		if lane == len(actors) {
			actors = append(actors, actor)
		}
		o.ClientId = lane
		o.Metadata = actor
		o.Return = min(o.Return, h.clock+1) // infinity does not fit on a page
	}
}
