package inevitable

import (
	"fmt"
	"sort"
	"time"

	"github.com/onceover/onceover/sim/run"
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
func (s *search) watch() run.Result {
	best := map[uint64]event{}
	note := func(e event) {
		if old, ok := best[e.step]; !ok || e.weight >= old.weight {
			best[e.step] = e
		}
	}
	spec := s.spec
	spec.Trace = func(line run.Line) {
		e := event{line.Step, line.At, line.Actor, line.Text, lineWeight}
		switch {
		case line.Fault != "":
			e.weight = faultWeight
		case line.Class == run.Mutation:
			e.weight = changeWeight
		}
		note(e)
	}
	spec.OnMessage = func(m run.Message) {
		if m.Lost || m.Number == 0 {
			return // lost, which a fault tells of; or nobody's call
		}
		e := event{m.Step, m.Sent, m.From, fmt.Sprintf("sends %s%s to %s", m.Name, about(&m), m.To), messageWeight}
		if m.Answer {
			e.what = fmt.Sprintf("answers the %s%s of %s", m.Name, about(&m), m.To)
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

func about(m *run.Message) string {
	switch {
	case m.Part != "":
		return " of " + m.Part
	case m.Subject != "":
		return " of " + m.Subject
	}
	return ""
}
