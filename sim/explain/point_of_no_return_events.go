package explain

import (
	"fmt"
	"sort"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// An event is what happened at a step.
type event struct {
	step        uint64
	at          time.Duration
	actor, what string
	weight      int // of several at one step, the heaviest counts; of equals, the last
}

const (
	messageWeight = iota // something is sent
	lineWeight           // a line of the trace
	changeWeight         // one that changes something
	faultWeight          // a fault that was injected
)

// eventsOf returns what happened at the steps of a run, in their order.
func eventsOf(seen *timeline) []event {
	best := map[uint64]event{}
	note := func(e event) {
		if old, ok := best[e.step]; !ok || e.weight >= old.weight {
			best[e.step] = e
		}
	}
	for i := range seen.Lines {
		line := &seen.Lines[i]
		e := event{line.Step, line.At, line.Actor, line.Text, lineWeight}
		switch {
		case line.Fault != "":
			e.weight = faultWeight
		case line.Class == run.Mutation:
			e.weight = changeWeight
		}
		note(e)
	}
	for i := range seen.Messages {
		m := &seen.Messages[i]
		if m.Number == 0 {
			continue // a delivery that nobody asked for
		}
		e := event{m.Step, m.Sent, m.From, fmt.Sprintf("sends %s%s to %s", m.Name, about(m), m.To), messageWeight}
		if m.Answer {
			e.what = fmt.Sprintf("answers the %s%s of %s", m.Name, about(m), m.To)
		}
		note(e)
	}
	events := make([]event, 0, len(best))
	for _, e := range best {
		events = append(events, e)
	}
	sort.Slice(events, func(i, j int) bool { return events[i].step < events[j].step })
	return events
}

// about returns what a message is about, as a part of a sentence.
func about(m *run.Message) string {
	switch {
	case m.Part != "":
		return " of " + m.Part
	case m.Subject != "":
		return " of " + m.Subject
	}
	return ""
}
