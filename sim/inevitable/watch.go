package inevitable

import (
	"fmt"
	"sort"
	"time"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/world"
)

// An event is what there is to tell of a step.
type event struct {
	step        uint64
	at          time.Duration
	actor, what string
	weight      int // of several at one step, the heaviest is told; of equals, the last
}

const (
	messageWeight = iota // something is sent
	lineWeight           // a line of the trace
	changeWeight         // one that changes something
	faultWeight          // a misfortune
)

// watch carries out the run itself and notes what happens at which step.
func (s *search) watch() world.Outcome {
	best := map[uint64]event{}
	note := func(e event) {
		if old, ok := best[e.step]; !ok || e.weight >= old.weight {
			best[e.step] = e
		}
	}
	spec := s.spec
	spec.Trace = func(line world.Line) {
		e := event{line.Step, line.At, line.Actor, line.Text, lineWeight}
		switch {
		case line.Fault:
			e.weight = faultWeight
		case line.Kind == checker.StoreChanged, line.Kind == checker.SessionStarted, line.Kind == checker.SessionEnded:
			e.weight = changeWeight
		}
		note(e)
	}
	spec.OnMessage = func(m world.Message) {
		if m.From == "" {
			return // it is lost, which a fault tells of
		}
		e := event{m.Step, m.Sent, m.From, fmt.Sprintf("sends %s%s to %s", m.Name, about(m.Key), m.To), messageWeight}
		if m.Answer {
			e.what = fmt.Sprintf("answers the %s%s of %s", m.Name, about(m.Key), m.To)
		}
		note(e)
	}
	outcome := s.w.Run(spec)
	s.events = make([]event, 0, len(best))
	for _, e := range best {
		s.events = append(s.events, e)
	}
	sort.Slice(s.events, func(i, j int) bool { return s.events[i].step < s.events[j].step })
	return outcome
}

func about(key engine.AttemptKey) string {
	if key == (engine.AttemptKey{}) {
		return ""
	}
	return " of " + key.String()
}
