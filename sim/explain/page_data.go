package explain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/onceover/onceover/sim/run"
)

// pageData is what the script of the page draws. Times are in milliseconds.
type pageData struct {
	End      float64       `json:"end"`
	Noun     string        `json:"noun"`  // of a subject
	Focus    string        `json:"focus"` // a subject; empty for all
	Message  string        `json:"message"`
	Actors   []actorData   `json:"actors"`
	Tracks   []string      `json:"tracks"` // the rows of each subject
	Subjects []subjectData `json:"subjects"`
	Routes   []routeData   `json:"routes"`
	Events   []eventData   `json:"events"`
	Messages []messageData `json:"messages"`
	Curve    *curvesData   `json:"curve,omitempty"`
	Jump     *jumpData     `json:"jump,omitempty"`
	History  string        `json:"history,omitempty"`
}

type actorData struct {
	Name    string     `json:"name"`
	Service bool       `json:"service,omitempty"` // it has no life, and its lane is always there
	Outages []spanData `json:"outages"`
}

type subjectData struct {
	ID     string      `json:"id"`
	Group  string      `json:"group"`
	Tracks []trackData `json:"tracks"`
}

type trackData struct {
	Name string     `json:"name"`
	Bars []spanData `json:"bars"`
}

type spanData struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Open  bool    `json:"open,omitempty"`
	Label string  `json:"label"`
	Text  string  `json:"text,omitempty"`
	Style string  `json:"style,omitempty"`
}

type routeData struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type eventData struct {
	At      float64 `json:"at"`
	Step    uint64  `json:"step"`
	Lane    string  `json:"lane"`
	Subject string  `json:"subject,omitempty"`
	Cause   string  `json:"cause,omitempty"`
	Text    string  `json:"text"`
	Short   string  `json:"short,omitempty"` // of a fault
	Fault   bool    `json:"fault,omitempty"`
	Needed  bool    `json:"needed,omitempty"`
	Change  bool    `json:"change,omitempty"` // of something that lasts
	Life    bool    `json:"life,omitempty"`   // of a process
}

type messageData struct {
	Sent    float64 `json:"sent"`
	Arrives float64 `json:"arrives"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Name    string  `json:"name"`
	Route   string  `json:"route,omitempty"`
	Subject string  `json:"subject,omitempty"`
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
	What  string  `json:"what"`
}

type jumpData struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// eventsMost is how many events and messages are drawn at most, each. In a run that lasts for hours, most of them are
// about no subject, such as looking for work.
const eventsMost = 6000

// most returns those that are drawn: all if they are few, otherwise the last ones that matter.
func most[T any](list []T, matters func(*T) bool) []T {
	if len(list) <= eventsMost {
		return list
	}
	list = slices.DeleteFunc(slices.Clone(list), func(item T) bool { return !matters(&item) })
	return list[max(0, len(list)-eventsMost):]
}

func (f *Failure) pageData() *pageData {
	t := f.seen
	d := &pageData{
		End: milliseconds(t.End), Noun: t.Words.Subject, Focus: f.focus(), Message: f.Violation.Message,
		Actors: []actorData{}, Tracks: []string{}, Subjects: []subjectData{}, Routes: []routeData{},
		History: f.history, Events: f.pageEvents(), Messages: pageMessages(t.Messages),
	}
	for _, name := range t.Actors {
		outages, mortal := t.life(name)
		d.Actors = append(d.Actors, actorData{name, !mortal, pageSpans(outages)})
	}
	for _, track := range t.Words.Tracks {
		d.Tracks = append(d.Tracks, track.Name)
	}
	for i := range t.Subjects {
		s := &t.Subjects[i]
		data := subjectData{ID: s.Name, Group: s.Group, Tracks: []trackData{}}
		for j := range s.Tracks {
			data.Tracks = append(data.Tracks, trackData{s.Tracks[j].Name, pageSpans(s.Tracks[j].Spans)})
			if !slices.Contains(d.Tracks, s.Tracks[j].Name) {
				d.Tracks = append(d.Tracks, s.Tracks[j].Name)
			}
		}
		d.Subjects = append(d.Subjects, data)
	}
	for _, route := range t.Words.Routes {
		d.Routes = append(d.Routes, routeData{route.Name, route.Sentence})
	}
	if p := f.PointOfNoReturn; p != nil && len(p.Calm.Points) > 0 {
		d.Curve = &curvesData{pagePoints(&p.Calm), pagePoints(&p.Stormy)}
	}
	if jump := f.jump(); jump != nil {
		d.Jump = &jumpData{milliseconds(jump.At), f.PointOfNoReturn.Sentence()}
	}
	return d
}

func (f *Failure) pageEvents() []eventData {
	needed := misfortunes(f.Necessary)
	list := []eventData{}
	for i := range f.seen.Lines {
		line := &f.seen.Lines[i]
		lane := line.DrawnIn()
		if lane == "" {
			continue
		}
		e := eventData{
			At: milliseconds(line.At), Step: line.Step, Lane: lane, Subject: line.Subject, Cause: line.Cause, Text: line.Text,
			Needed: needed[line.Decision], Change: line.Class == run.Mutation, Life: line.Class == run.Life && line.At > 0,
		}
		e.Fault = line.Fault != "" || e.Needed // a restart, or a process that does not come back
		if e.Fault {
			e.Short = cmp.Or(line.Fault, line.Text)
		}
		list = append(list, e)
	}
	return most(list, func(e *eventData) bool { return e.Subject != "" || e.Fault || e.Life })
}

func pageMessages(list []run.Message) []messageData {
	data := []messageData{}
	list = most(list, func(m *run.Message) bool { return m.Subject != "" })
	for i := range list {
		m := &list[i]
		data = append(data, messageData{
			Sent: milliseconds(m.Sent), Arrives: milliseconds(m.Arrives), From: m.From, To: m.To, Name: m.Name, Route: m.Route,
			Subject: m.Subject, About: cmp.Or(m.Part, m.Subject), Answer: m.Answer, Copy: m.Copy, Lost: m.Lost,
		})
	}
	return data
}

func pageSpans(list []span) []spanData {
	data := []spanData{}
	for _, s := range list {
		data = append(data, spanData{milliseconds(s.From), milliseconds(s.To), s.Open, s.Label, s.Text, s.Style})
	}
	return data
}

func pagePoints(c *Curve) []pointData {
	data := []pointData{}
	for i := range c.Points {
		q := &c.Points[i]
		data = append(data, pointData{milliseconds(q.At), q.Step, c.Share(q), q.Low, q.High, q.describe()})
	}
	return data
}

// A curveTable is the table of both curves.
type curveTable struct {
	Branches int
	Points   []curveRow
}

type curveRow struct {
	Point
	Described                                  string
	Calm, CalmInterval, Stormy, StormyInterval string
	Jump                                       bool
}

// curveTable returns both curves by step; nil when there are none.
func (f *Failure) curveTable() *curveTable {
	if f.PointOfNoReturn == nil || len(f.PointOfNoReturn.Calm.Points) == 0 {
		return nil
	}
	calm, stormy := &f.PointOfNoReturn.Calm, &f.PointOfNoReturn.Stormy
	table := &curveTable{Branches: calm.Branches}
	jump := f.jump()
	for i, j := 0, 0; i < len(calm.Points) || j < len(stormy.Points); {
		var row curveRow
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
		row.Described = row.Point.describe()
		row.Jump = jump != nil && row.Step == jump.Step
		table.Points = append(table.Points, row)
	}
	return table
}

func cells(c *Curve, p *Point) (share, interval string) {
	return fmt.Sprintf("%.0f %%", 100*c.Share(p)), fmt.Sprintf("%.0f–%.0f %%", 100*p.Low, 100*p.High)
}
