package explain

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// A timeline is one run as it is drawn: who was up when, which state each subject was in from when to when, and every
// message. The story, the point of no return, the page and the trace for Perfetto are all made from it.
type timeline struct {
	Result   run.Result
	Words    *run.Vocabulary // of the world
	Actors   []string        // those that something happens to, in the order of the vocabulary
	Subjects []subject       // in the order of their first appearance
	Lines    []run.Line
	Messages []run.Message // in the order in which they were sent
	Lives    []life        // of the actors that may be down, in the order of their first appearance
	Phases   []span        // Label is the phase
	End      time.Duration
}

// A subject is what became of one subject of the run.
type subject struct {
	Name   string
	Group  string // what it belongs to, such as its owner
	Tracks []track
}

// A track is a row of a picture.
type track struct {
	Name  string
	Spans []span // of those without an ID, each ends before the next begins
}

// A life is when an actor was not up.
type life struct {
	Actor   string
	Outages []span // Label is "down" or "paused"
}

// A span is a state that lasted; see [run.State].
type span struct {
	From, To time.Duration
	Open     bool // it lasted at the end of the run
	Lane     string
	ID, Part string
	Label    string
	Text     string
	Style    string
}

// watch carries out a run and returns its timeline. It has the lines of the trace, messages if they are asked for, and
// with pictures everything.
func watch(w run.World, words *run.Vocabulary, spec run.Spec, pictures, messages bool) *timeline {
	t := &timeline{Words: words}
	o := observer{timeline: t, messages: map[uint64]int{}, actors: map[string]bool{}, named: map[string]bool{}}
	spec = spec.Silent()
	spec.Trace = o.line
	if messages || pictures {
		spec.OnMessage = o.message
	}
	if pictures {
		spec.OnState = o.state
	}
	t.Result = w.Run(spec)
	t.End = t.Result.Virtual
	o.close()
	for actor := range o.actors {
		t.Actors = append(t.Actors, actor)
	}
	slices.SortFunc(t.Actors, func(a, b string) int {
		return cmp.Or(rank(t.Words.Actors, a)-rank(t.Words.Actors, b), cmp.Compare(a, b))
	})
	for i := range t.Subjects {
		slices.SortStableFunc(t.Subjects[i].Tracks, func(a, b track) int { return trackRank(words, a.Name) - trackRank(words, b.Name) })
	}
	return t
}

// rank returns the place of a name in a list; those that are not in it come last.
func rank(list []string, name string) int {
	if i := slices.Index(list, name); i >= 0 {
		return i
	}
	return math.MaxInt32
}

func trackRank(words *run.Vocabulary, name string) int {
	if i := slices.IndexFunc(words.Tracks, func(t run.Term) bool { return t.Name == name }); i >= 0 {
		return i
	}
	return math.MaxInt32
}

// find returns a row of a subject; nil when it has no such row.
func (s *subject) find(name string) *track {
	for i := range s.Tracks {
		if s.Tracks[i].Name == name {
			return &s.Tracks[i]
		}
	}
	return nil
}

// life returns when an actor was not up. ok is false for an actor that has no life, such as a service.
func (t *timeline) life(actor string) (outages []span, ok bool) {
	for i := range t.Lives {
		if t.Lives[i].Actor == actor {
			return t.Lives[i].Outages, true
		}
	}
	return nil, false
}

// An observer notes what happens in one run.
type observer struct {
	timeline *timeline
	messages map[uint64]int // by number
	actors   map[string]bool
	// Subjects of lines: they follow those that have states.
	named map[string]bool
	names []subject
}

func (o *observer) line(line run.Line) {
	o.timeline.Lines = append(o.timeline.Lines, line)
	o.actor(line.DrawnIn())
	if line.Subject != "" && !o.named[line.Subject] {
		o.named[line.Subject] = true
		o.names = append(o.names, subject{Name: line.Subject, Group: line.Group})
	}
}

func (o *observer) actor(name string) {
	if name != "" {
		o.actors[name] = true
	}
}

func (o *observer) message(m run.Message) {
	if at, known := o.messages[m.Number]; known && m.Number != 0 {
		o.timeline.Messages[at].Lost = o.timeline.Messages[at].Lost || m.Lost
		o.timeline.Messages[at].Arrives = m.Arrives
		return
	}
	o.messages[m.Number] = len(o.timeline.Messages)
	o.timeline.Messages = append(o.timeline.Messages, m)
	o.actor(m.From)
	o.actor(m.To)
}

func (o *observer) state(s run.State) {
	switch s.Track {
	case run.TrackLife:
		o.actor(s.Lane)
		life := o.life(s.Lane)
		life.Outages = follow(life.Outages, &s)
	case run.TrackPhase:
		o.timeline.Phases = follow(o.timeline.Phases, &s)
	default:
		o.actor(s.Lane)
		track := o.subject(s.Subject, s.Group).track(s.Track)
		track.Spans = follow(track.Spans, &s)
	}
}

func (o *observer) life(actor string) *life {
	t := o.timeline
	for i := range t.Lives {
		if t.Lives[i].Actor == actor {
			return &t.Lives[i]
		}
	}
	t.Lives = append(t.Lives, life{Actor: actor})
	return &t.Lives[len(t.Lives)-1]
}

func (o *observer) subject(name, group string) *subject {
	t := o.timeline
	for i := range t.Subjects {
		if s := &t.Subjects[i]; s.Name == name {
			s.Group = cmp.Or(s.Group, group)
			return s
		}
	}
	t.Subjects = append(t.Subjects, subject{Name: name, Group: group})
	return &t.Subjects[len(t.Subjects)-1]
}

func (s *subject) track(name string) *track {
	if known := s.find(name); known != nil {
		return known
	}
	s.Tracks = append(s.Tracks, track{Name: name})
	return &s.Tracks[len(s.Tracks)-1]
}

// follow ends the state that lasts, if there is one of the same ID, and begins the next, unless they are the same.
func follow(spans []span, next *run.State) []span {
	for i := len(spans) - 1; i >= 0; i-- {
		last := &spans[i]
		if !last.Open || last.ID != next.ID {
			continue
		}
		switch {
		case next.Label == "" && last.Part != next.Part, next.Label != "" && last.Part == next.Part && last.Label == next.Label:
			return spans
		case next.Label == "" && next.Text != "":
			last.Label += ", " + next.Text
			last.Text += ", " + next.Text
		}
		last.Open, last.To = false, next.At
		break
	}
	if next.Label == "" {
		return spans
	}
	return append(spans, span{
		From: next.At, Open: true, Lane: next.Lane, ID: next.ID, Part: next.Part, Label: next.Label, Text: next.Text, Style: next.Style,
	})
}

// close ends the states that last at the end of the run.
func (o *observer) close() {
	for _, s := range o.names {
		o.subject(s.Name, s.Group)
	}
	t := o.timeline
	end := func(spans []span) {
		for i := range spans {
			if spans[i].Open {
				spans[i].To = t.End
			}
		}
	}
	end(t.Phases)
	for i := range t.Lives {
		end(t.Lives[i].Outages)
	}
	for i := range t.Subjects {
		for j := range t.Subjects[i].Tracks {
			end(t.Subjects[i].Tracks[j].Spans)
		}
	}
}
