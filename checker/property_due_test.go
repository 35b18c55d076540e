package checker

import (
	"time"

	"github.com/onceover/onceover/checker/model"
)

// dueCases are the histories of the property in property_due.go.
var dueCases = []propertyCase{
	{
		property: "clocks-may-differ", cause: "no-room-for-clocks",
		good: func(s *script) {
			s.config.App.StaleAfter = 40 * time.Minute
			s.upTo(pending, r1)
			s.stores("app-1", claimDueIn(s, 40*time.Minute))
		},
		bad: func(s *script) {
			s.config.App.StaleAfter = time.Hour
			s.upTo(pending, r1)
			s.stores("app-1", claimDueIn(s, time.Hour))
		},
	},
	{
		property: "clocks-may-differ", cause: "claimed-long-before-it-is-due",
		good: func(s *script) { // by a clock that is 10 min ahead
			s.upTo(pending, r1)
			s.prepares("app-1", r1)
			s.do("app-1", claimDueIn(s, 40*time.Minute))
			s.prepares("app-2", r1)
			s.after(31 * time.Minute)
			op := claimDueIn(s, 40*time.Minute)
			op.Now = op.Now.Add(10 * time.Minute)
			s.do("app-2", op)
		},
		bad: func(s *script) { // a minute behind the clock that set a due time an hour ahead
			s.upTo(pending, r1)
			s.prepares("app-1", r1)
			s.do("app-1", claimDueIn(s, time.Hour))
			s.prepares("app-2", r1)
			op := claimDueIn(s, 40*time.Minute)
			op.Now = op.Now.Add(-time.Minute)
			s.do("app-2", op)
		},
	},
}

// claimDueIn returns a claim of the first review that is stale after a time.
func claimDueIn(s *script, after time.Duration) model.ReviewsOp {
	op := s.claimOp(r1)
	op.DueAt = op.Now.Add(after)
	return op
}
