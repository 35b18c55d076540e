package checker

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/onceover/onceover/engine"
)

// What the order of the commits explains, the search explains too, in every view. So it need not be asked, whether the
// recorded answers and rows are those of a right store or not.
func TestOrderOfCommitsSavesTheSearch(t *testing.T) {
	explained, doubted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		r := newRecording()
		randomHistory(t, r)
		for range rapid.IntRange(0, 2).Draw(t, "falsified") {
			falsify(t, r.history)
		}
		h := r.history
		h.witness()
		proven := h.explained()
		if proven {
			explained++
		} else {
			doubted++
		}
		for _, view := range []View{Client, Oracle, Both} {
			if h.validate(view) != nil {
				continue
			}
			searched := h.searchAll(view, DefaultBudget)
			if proven && searched.Verdict != Pass {
				t.Fatalf("%s view: the order of the commits explains it, and the search finds: %s", view, searched.Message)
			}
			if j := h.Check(view, 0); j.Verdict != searched.Verdict || j.Message != searched.Message || j.View != searched.View {
				t.Fatalf("%s view: %s (%s); the search finds %s (%s)", view, j.Verdict, j.Message, searched.Verdict, searched.Message)
			}
		}
	})
	if explained == 0 || doubted == 0 {
		t.Errorf("%d histories explained, %d not; want some of both", explained, doubted)
	}
}

// falsify changes what was recorded of one operation or one commit.
func falsify(t *rapid.T, h *History) {
	o := &h.operations[rapid.IntRange(0, len(h.operations)-1).Draw(t, "operation")]
	switch rapid.IntRange(0, 6).Draw(t, "change") {
	case 0:
		o.granted++
	case 1:
		o.shows, o.seen.status = true, engine.Status(rapid.IntRange(int(engine.Pending), int(engine.Cancelled)).Draw(t, "status"))
	case 2:
		o.outcome, o.returned = outcomeAnswered, h.clock+1
	case 3:
		o.outcome, o.refusal, o.returned = outcomeRefused, engine.NotFound, h.clock+1
	case 4:
		o.returned = o.called + 1
	case 5:
		o.order += 2
	default:
		if len(h.landings) != 0 {
			l := &h.landings[rapid.IntRange(0, len(h.landings)-1).Draw(t, "landing")]
			l.row.attempt++
		}
	}
}
