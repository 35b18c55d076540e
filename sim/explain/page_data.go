package explain

import (
	"cmp"
	"slices"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// pageData is what the script of the page draws. Times are in milliseconds.
type pageData struct {
	End      float64       `json:"end"`
	Noun     string        `json:"noun"`     // of a subject
	Focus    string        `json:"focus"`    // a subject; empty for all
	Message  string        `json:"message"`  // of the violation; empty for none
	Involved []string      `json:"involved"` // subjects of the violation
	Actor    string        `json:"actor"`    // that did the last step
	Actors   []actorData   `json:"actors"`   // from the top
	Tracks   []termData    `json:"tracks"`   // the rows of each subject
	Subjects []subjectData `json:"subjects"`
	Routes   []termData    `json:"routes"` // kinds of messages
	Events   []eventData   `json:"events"`
	Messages []messageData `json:"messages"`
	LeftOut  int           `json:"left_out"` // events and messages in the middle that are not drawn
	Curve    *curvesData   `json:"curve,omitempty"`
	Jump     *jumpData     `json:"jump,omitempty"`    // the point of no return
	Other    *otherData    `json:"other,omitempty"`   // another run, drawn beside it
	Drawing  *historyDrawn `json:"history,omitempty"` // of the subject in focus
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
	Lane  string  `json:"lane,omitempty"`
	Label string  `json:"label"`
	Text  string  `json:"text,omitempty"`
	Style string  `json:"style,omitempty"`
}

type termData struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

type eventData struct {
	At      float64 `json:"at"`
	Step    uint64  `json:"step"`
	Lane    string  `json:"lane"`
	Actor   string  `json:"actor"`
	Subject string  `json:"subject,omitempty"`
	Cause   string  `json:"cause,omitempty"`
	Text    string  `json:"text"`
	Short   string  `json:"short,omitempty"` // of a misfortune
	Kind    string  `json:"kind,omitempty"`  // of a fault
	Fault   bool    `json:"fault,omitempty"`
	Needed  bool    `json:"needed,omitempty"`
	Change  bool    `json:"change,omitempty"`  // of something that lasts
	Life    bool    `json:"life,omitempty"`    // of a process
	Routine bool    `json:"routine,omitempty"` // hidden until it is asked for
	Minor   bool    `json:"minor,omitempty"`   // a call, a look: no line of its own on a phone
	Count   int     `json:"count,omitempty"`   // how often, if more than once
	Until   float64 `json:"until,omitempty"`   // the last time
}

type messageData struct {
	Sent    float64 `json:"sent"`
	Arrives float64 `json:"arrives"`
	Step    uint64  `json:"step"`
	From    string  `json:"from"`
	To      string  `json:"to"`
	Name    string  `json:"name"`
	Route   string  `json:"route,omitempty"`
	Subject string  `json:"subject,omitempty"`
	About   string  `json:"about,omitempty"`
	Answer  bool    `json:"answer,omitempty"`
	Copy    bool    `json:"copy,omitempty"`
	Lost    bool    `json:"lost,omitempty"`
	Routine bool    `json:"routine,omitempty"`
	Count   int     `json:"count,omitempty"`
	Until   float64 `json:"until,omitempty"`
}

// otherData is another run: the states of its subjects, as far as the picture goes.
type otherData struct {
	Name     string        `json:"name"`
	Sentence string        `json:"sentence"`
	Subjects []subjectData `json:"subjects"`
	Violated float64       `json:"violated,omitempty"` // when it violates a property
}

// historyDrawn is the history of a subject.
type historyDrawn struct {
	Operations []operationData `json:"operations"`
	Breaks     int             `json:"breaks"`
}

type operationData struct {
	Actor    string `json:"actor"`
	Text     string `json:"text"`
	Called   int64  `json:"called"`
	Returned int64  `json:"returned"` // 0 for never
	Place    int    `json:"place"`    // 0 for none
}

// eventsMost is how many events and messages are drawn at most, each.
const eventsMost = 6000

func (f *Failure) pageData() *pageData {
	t := f.seen
	d := &pageData{
		End: milliseconds(t.End), Noun: t.Words.Subject, Focus: f.focus(), Involved: []string{}, Actors: []actorData{},
		Tracks: pageTerms(t.Words.Tracks), Routes: pageTerms(t.Words.Routes), Subjects: pageSubjects(t),
	}
	if v := f.Violation; v != nil {
		d.Message, d.Actor = v.Message, lastActor(t)
		d.Involved = append(d.Involved, v.Subjects...)
	}
	var left, more int
	d.Events, left = f.pageEvents()
	d.Messages, more = pageMessages(t)
	d.LeftOut = left + more
	for _, name := range t.Actors {
		outages, mortal := t.life(name)
		d.Actors = append(d.Actors, actorData{name, !mortal, pageSpans(outages)})
	}
	for _, s := range d.Subjects {
		for _, track := range s.Tracks {
			if !slices.ContainsFunc(d.Tracks, func(t termData) bool { return t.Name == track.Name }) {
				d.Tracks = append(d.Tracks, termData{Name: track.Name})
			}
		}
	}
	if p := f.PointOfNoReturn; p != nil && len(p.Calm.Points) > 0 {
		d.Curve = &curvesData{pagePoints(&p.Calm), pagePoints(&p.Stormy)}
	}
	if jump := f.jump(); jump != nil {
		d.Jump = &jumpData{milliseconds(jump.At), f.PointOfNoReturn.Sentence()}
	}
	if f.other != nil {
		d.Other = f.pageOther()
	}
	if f.history != nil {
		d.Drawing = &historyDrawn{Breaks: f.history.Breaks}
		for _, o := range f.history.Operations {
			d.Drawing.Operations = append(d.Drawing.Operations, operationData(o))
		}
	}
	return d
}

// lastActor is who did the step at which the run ended.
func lastActor(t *timeline) string {
	for i := len(t.Lines) - 1; i >= 0; i-- {
		if lane := t.Lines[i].DrawnIn(); lane != "" {
			return lane
		}
	}
	return ""
}

func pageTerms(terms []run.Term) []termData {
	list := []termData{}
	for _, term := range terms {
		list = append(list, termData{term.Name, term.Sentence})
	}
	return list
}

func pageSubjects(t *timeline) []subjectData {
	list := []subjectData{}
	for i := range t.Subjects {
		s := &t.Subjects[i]
		data := subjectData{ID: s.Name, Group: s.Group, Tracks: []trackData{}}
		for j := range s.Tracks {
			data.Tracks = append(data.Tracks, trackData{s.Tracks[j].Name, pageSpans(s.Tracks[j].Spans)})
		}
		list = append(list, data)
	}
	return list
}

func (f *Failure) pageOther() *otherData {
	o := &otherData{Name: f.other.Name, Sentence: f.other.sentence(f.focus()), Subjects: pageSubjects(f.other.Seen)}
	if v := f.other.Seen.Result.Violation; v != nil {
		o.Violated = milliseconds(v.At)
	}
	return o
}

// pageEvents returns what is drawn of the trace, and how many lines that leaves out.
func (f *Failure) pageEvents() (list []eventData, leftOut int) {
	needed := misfortunes(f.Necessary)
	list = []eventData{}
	for _, line := range foldLines(f.seen.Lines) {
		lane := line.DrawnIn()
		if lane == "" && line.Misfortune() && slices.Contains(f.seen.Actors, line.Actor) {
			lane = line.Actor // every misfortune has its mark
		}
		if lane == "" {
			continue
		}
		e := eventData{
			At: milliseconds(line.At), Step: line.Step, Lane: lane, Actor: line.Actor, Subject: line.Subject, Cause: line.Cause, Text: line.Text,
			Kind: line.Fault, Needed: needed[line.Decision], Change: line.Class == run.Mutation, Life: line.Class == run.Life && line.At > 0,
			Routine: routine(&line.Line), Minor: line.Weight >= run.Carrying,
		}
		e.Count, e.Until = pageCount(line.Count, line.Until)
		e.Fault = line.Misfortune() // a fault, a restart, or a process that does not come back
		if e.Fault {
			e.Short = cmp.Or(line.Fault, line.Text)
		}
		list = append(list, e)
	}
	list, _, leftOut = shortenMiddle(list, eventsMost)
	return list, leftOut
}

func pageCount(count int, until time.Duration) (times int, last float64) {
	if count <= 1 {
		return 0, 0
	}
	return count, milliseconds(until)
}

func pageMessages(t *timeline) (list []messageData, leftOut int) {
	list = []messageData{}
	for _, m := range foldMessages(t.Lines, t.Messages) {
		data := messageData{
			Sent: milliseconds(m.Sent), Arrives: milliseconds(m.Arrives), Step: m.Step, From: m.From, To: m.To, Name: m.Name, Route: m.Route,
			Subject: m.Subject, About: cmp.Or(m.Part, m.Subject), Answer: m.Answer, Copy: m.Copy, Lost: m.Lost, Routine: m.Subject == "",
		}
		data.Count, data.Until = pageCount(m.Count, m.Until)
		list = append(list, data)
	}
	list, _, leftOut = shortenMiddle(list, eventsMost)
	return list, leftOut
}

func pageSpans(list []span) []spanData {
	data := []spanData{}
	for _, s := range list {
		data = append(data, spanData{milliseconds(s.From), milliseconds(s.To), s.Open, s.Lane, s.Label, s.Text, s.Style})
	}
	return data
}
