package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onceover/onceover/checker"
	"github.com/onceover/onceover/engine"
	"github.com/onceover/onceover/sim/inevitable"
	"github.com/onceover/onceover/sim/timeline"
	"github.com/onceover/onceover/sim/world"
)

// pageData is what the script of the page draws. Times are in milliseconds.
type pageData struct {
	End      float64       `json:"end"`
	Focus    string        `json:"focus"`
	Message  string        `json:"message"`
	Actors   []string      `json:"actors"`
	Reviews  []reviewData  `json:"reviews"`
	Events   []eventData   `json:"events"`
	Messages []messageData `json:"messages"`
	Outages  []spanData    `json:"outages"`
	Curve    *curvesData   `json:"curve,omitempty"`
	Jump     *jumpData     `json:"jump,omitempty"`
	History  string        `json:"history,omitempty"`
}

type reviewData struct {
	ID       string     `json:"id"`
	Owner    string     `json:"owner"`
	Statuses []spanData `json:"statuses"`
	Leases   []spanData `json:"leases"`
	Sessions []spanData `json:"sessions"`
}

type spanData struct {
	Lane    string  `json:"lane"`
	From    float64 `json:"from"`
	To      float64 `json:"to"`
	Open    bool    `json:"open,omitempty"`
	Attempt int     `json:"attempt"`
	Number  int64   `json:"number"`
	Text    string  `json:"text"`
}

type eventData struct {
	At     float64 `json:"at"`
	Step   uint64  `json:"step"`
	Lane   string  `json:"lane"`
	Review string  `json:"review,omitempty"`
	Cause  string  `json:"cause,omitempty"`
	Text   string  `json:"text"`
	Short  string  `json:"short,omitempty"` // of a fault
	Fault  bool    `json:"fault,omitempty"`
	Needed bool    `json:"needed,omitempty"`
	Change bool    `json:"change,omitempty"` // of a row or a session
	Life   bool    `json:"life,omitempty"`   // of a process
}

type messageData struct {
	Sent    float64 `json:"sent"`
	Arrives float64 `json:"arrives"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Name    string  `json:"name"`
	Kind    string  `json:"kind"` // of the arrow
	Review  string  `json:"review,omitempty"`
	About   string  `json:"about,omitempty"`
	Answer  bool    `json:"answer,omitempty"`
	Copy    bool    `json:"copy,omitempty"`
	Lost    bool    `json:"lost,omitempty"`
}

type curvesData struct {
	Calm   []pointData `json:"calm"`
	Stormy []pointData `json:"stormy"`
}

type pointData struct {
	At    float64 `json:"at"`
	Step  uint64  `json:"step"`
	Share float64 `json:"share"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Told  string  `json:"told"`
}

type jumpData struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// eventsMost is how many events and messages are drawn at most, each. In a run that lasts for hours, most of them are
// about no review: sweeps, and renewals of leases.
const eventsMost = 6000

// most returns those that are drawn: all if they are few, otherwise the last ones that matter.
func most[T any](list []T, matters func(*T) bool) []T {
	if len(list) <= eventsMost {
		return list
	}
	list = slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !matters(&item) })
	return list[max(0, len(list)-eventsMost):]
}

func (p *Page) data() *pageData {
	t := p.timeline
	d := &pageData{
		End: milliseconds(t.End), Focus: string(p.focus()), Message: p.story.Outcome.Violation.Message,
		Actors: t.Actors, Reviews: []reviewData{}, Outages: spans(t.Outages), History: p.history,
		Events: p.events(), Messages: messages(t.Messages),
	}
	for i := range t.Reviews {
		r := &t.Reviews[i]
		d.Reviews = append(d.Reviews, reviewData{string(r.ID), string(r.Owner), spans(r.Statuses), spans(r.Leases), spans(r.Sessions)})
	}
	if len(p.curves.Calm.Points) > 0 {
		d.Curve = &curvesData{points(&p.curves.Calm), points(&p.curves.Stormy)}
	}
	if jump := p.curves.Decisive().After(); jump != nil {
		d.Jump = &jumpData{milliseconds(jump.At), p.curves.Sentence()}
	}
	return d
}

func (p *Page) events() []eventData {
	list := []eventData{}
	for i := range p.timeline.Lines {
		line := &p.timeline.Lines[i]
		lane := timeline.Lane(line)
		if lane == "" {
			continue
		}
		e := eventData{
			At: milliseconds(line.At), Step: line.Step, Lane: lane, Review: string(line.Key.Review), Cause: string(line.Cause.Review),
			Text: line.Text, Fault: line.Fault, Needed: p.needed[line.Decision],
		}
		switch line.Kind {
		case checker.StoreChanged, checker.SessionStarted, checker.SessionEnded:
			e.Change = true
		case checker.ProcessCrashed, checker.ProcessStarted, checker.ProcessPaused, checker.ProcessResumed, checker.ShutdownBegan, checker.ShutdownEnded:
			e.Life = line.At > 0
		default:
		}
		if e.Needed {
			e.Fault = true // a deployment, or a process that does not come back
		}
		if e.Fault {
			e.Short, _, _ = strings.Cut(strings.TrimPrefix(line.Text, "fault: "), " (")
		}
		list = append(list, e)
	}
	return most(list, func(e *eventData) bool { return e.Review != "" || e.Fault || e.Life })
}

func messages(list []world.Message) []messageData {
	data := []messageData{}
	list = most(list, func(m *world.Message) bool { return m.Key.Review != "" })
	for i := range list {
		m := &list[i]
		about := ""
		if m.Key != (engine.AttemptKey{}) {
			about = m.Key.String()
		}
		data = append(data, messageData{
			Sent: milliseconds(m.Sent), Arrives: milliseconds(m.Arrives), From: m.From, To: m.To, Name: m.Name, Kind: kindOf(m),
			Review: string(m.Key.Review), About: about, Answer: m.Answer, Copy: m.Copy, Lost: m.Lost,
		})
	}
	return data
}

// kindOf returns which kind of arrow a message is drawn as.
func kindOf(m *world.Message) string {
	switch {
	case m.From == timeline.Clients || m.To == timeline.Clients:
		return "client"
	case m.From == timeline.Agent || m.To == timeline.Agent:
		return "agent"
	case strings.HasPrefix(m.Name, "worker."):
		return "dispatch"
	case m.Name == "app.callback":
		return "callback"
	}
	return "store"
}

func spans(list []timeline.Span) []spanData {
	data := []spanData{}
	for _, s := range list {
		data = append(data, spanData{s.Lane, milliseconds(s.From), milliseconds(s.To), s.Open, s.Attempt, s.Number, s.Text})
	}
	return data
}

func points(c *inevitable.Curve) []pointData {
	data := []pointData{}
	for i := range c.Points {
		q := &c.Points[i]
		data = append(data, pointData{milliseconds(q.At), q.Step, c.Share(q), q.Low, q.High, q.Told()})
	}
	return data
}

// futures is the table of both curves.
type futures struct {
	Branches int
	Points   []futuresRow
}

type futuresRow struct {
	inevitable.Point
	Calm, CalmInterval, Stormy, StormyInterval string
	Jump                                       bool
}

// futures returns both curves by step; nil when there are none.
func (p *Page) futures() *futures {
	calm, stormy := &p.curves.Calm, &p.curves.Stormy
	if len(calm.Points) == 0 {
		return nil
	}
	f := &futures{Branches: calm.Branches}
	jump := p.curves.Decisive().After()
	for i, j := 0, 0; i < len(calm.Points) || j < len(stormy.Points); {
		var row futuresRow
		atCalm := i < len(calm.Points) && (j == len(stormy.Points) || calm.Points[i].Step <= stormy.Points[j].Step)
		atStormy := j < len(stormy.Points) && (i == len(calm.Points) || stormy.Points[j].Step <= calm.Points[i].Step)
		if atCalm {
			row.Point = calm.Points[i]
			row.Calm, row.CalmInterval = cells(calm, &calm.Points[i])
			i++
		}
		if atStormy {
			row.Point = stormy.Points[j]
			row.Stormy, row.StormyInterval = cells(stormy, &stormy.Points[j])
			j++
		}
		row.Jump = jump != nil && row.Step == jump.Step
		f.Points = append(f.Points, row)
	}
	return f
}

func cells(c *inevitable.Curve, p *inevitable.Point) (share, interval string) {
	return fmt.Sprintf("%.0f %%", 100*c.Share(p)), fmt.Sprintf("%.0f–%.0f %%", 100*p.Low, 100*p.High)
}
