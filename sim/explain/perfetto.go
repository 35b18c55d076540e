package explain

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/onceover/onceover/sim/run"
)

// Trace writes the failure as a trace that https://ui.perfetto.dev and chrome://tracing open. It is an error if
// [Options].Pictures was not set.
//
// The format is the JSON of Chrome's "Trace Event Format" (Nat Duca and Dean Jackson, Google, 2016,
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU), in the part of it that Perfetto
// reads (https://perfetto.dev/docs/getting-started/other-formats). Times are microseconds of virtual time.
//
// Each actor is a process of the trace, with one thread for itself (when it was down or paused, and its faults) and one
// for each subject that it had to do with. Messages are arrows between the threads that send and receive them, and
// calls last from the call to its answer. One more process has the states of each subject, a thread per track; it is
// called as the world calls its subjects, such as "reviews". The probability of the failure, when it is known, is a
// counter. The violation and the point of no return are instants over all processes.
//
// What is repeated between two changes, such as the sweeps of a run that is stuck for hours, is there once, with its
// number.
func (f *Failure) Trace(w io.Writer) error {
	if f.seen == nil {
		return errNoPictures
	}
	return writeTrace(w, f.seen, f.PointOfNoReturn)
}

// Trace carries out a run that need not fail and writes it as [Failure.Trace] does. The error may be a
// [*run.BrokenError], after which the world must not be used any more.
func Trace(out io.Writer, w run.World, spec run.Spec) (err error) {
	defer recoverBroken(&err)
	return writeTrace(out, watch(guarded{w}, run.VocabularyOf(w), spec, true, true), nil)
}

func writeTrace(w io.Writer, t *timeline, point *PointOfNoReturn) error {
	out := traceWriter{out: bufio.NewWriter(w), subjects: subjectsProcess(t.Words), processes: map[string]int{}, calls: map[uint64]int{}}
	out.text(`{"displayTimeUnit":"ms","traceEvents":[`)
	for _, actor := range t.Actors {
		out.process(actor)
	}
	out.outages(t)
	out.lines(t)
	out.messages(t)
	out.tracks(t)
	if point != nil {
		out.curve(&point.Calm)
		out.curve(&point.Stormy)
		if jump := point.Decisive().After(); jump != nil {
			out.moment("point of no return", "", jump.At, point.Sentence())
		}
	}
	if v := t.Result.Violation; v != nil {
		out.moment("violation", v.Subject, v.At, v.Message)
	}
	out.text("\n]}\n")
	if out.err != nil {
		return out.err
	}
	return out.out.Flush()
}

// A traceEvent is one entry of a trace. The names of its fields are the format's.
type traceEvent struct {
	Phase    string         `json:"ph"`
	Name     string         `json:"name,omitempty"`
	Category string         `json:"cat,omitempty"`
	At       int64          `json:"ts"`
	Duration *int64         `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	ID       string         `json:"id,omitempty"`
	Scope    string         `json:"s,omitempty"`
	Bind     string         `json:"bp,omitempty"`
	Args     map[string]any `json:"args,omitempty"`
}

// Phases of events.
const (
	complete     = "X" // a slice with its duration
	instant      = "i"
	asyncBegins  = "b" // a slice that need not be nested
	asyncEnds    = "e"
	flowStarts   = "s" // an arrow from the slice around it
	flowFinishes = "f"
	counter      = "C"
	metadata     = "M"
)

// subjectsProcess names the process of the trace in which each subject has its threads.
func subjectsProcess(words *run.Vocabulary) string {
	if words.Subject == "" {
		return "run"
	}
	return words.Subject + "s"
}

type thread struct {
	process string
	name    string
}

type traceWriter struct {
	out       *bufio.Writer
	err       error
	some      bool           // an event was written
	subjects  string         // the process of all subjects
	processes map[string]int // numbers, from 1
	order     []thread
	calls     map[uint64]int // index of the call by its number
}

func (w *traceWriter) text(s string) {
	if w.err == nil {
		_, w.err = w.out.WriteString(s)
	}
}

func (w *traceWriter) event(e traceEvent) {
	line, err := json.Marshal(e)
	if err != nil && w.err == nil {
		w.err = fmt.Errorf("encode a trace event: %w", err)
	}
	if w.some {
		w.text(",")
	}
	w.some = true
	w.text("\n" + string(line))
}

// process returns the number of a process, which it names when it is new.
func (w *traceWriter) process(name string) int {
	if number, known := w.processes[name]; known {
		return number
	}
	number := len(w.processes) + 1
	w.processes[name] = number
	w.event(traceEvent{Phase: metadata, Name: "process_name", Process: number, Args: map[string]any{"name": name}})
	w.event(traceEvent{Phase: metadata, Name: "process_sort_index", Process: number, Args: map[string]any{"sort_index": number}})
	return number
}

// at puts an event on a thread, which is named when it is new.
func (w *traceWriter) at(process, name string, e traceEvent) {
	e.Process = w.process(process)
	key := thread{process, name}
	for i := range w.order {
		if w.order[i] == key {
			e.Thread = i + 1
		}
	}
	if e.Thread == 0 {
		w.order = append(w.order, key)
		e.Thread = len(w.order)
		w.event(traceEvent{Phase: metadata, Name: "thread_name", Process: e.Process, Thread: e.Thread, Args: map[string]any{"name": name}})
		w.event(traceEvent{Phase: metadata, Name: "thread_sort_index", Process: e.Process, Thread: e.Thread, Args: map[string]any{"sort_index": e.Thread}})
	}
	w.event(e)
}

// threadOf names the thread of an actor on which it deals with a subject.
func threadOf(subject string) string { return cmp.Or(subject, "itself") }

func (w *traceWriter) outages(t *timeline) {
	for _, l := range t.Lives {
		for i := range l.Outages {
			w.at(l.Actor, "itself", slice(&l.Outages[i]))
		}
	}
}

func slice(s *span) traceEvent {
	duration := max((s.To - s.From).Microseconds(), 1)
	e := traceEvent{Phase: complete, Name: s.Label, At: s.From.Microseconds(), Duration: &duration}
	if s.Text != "" {
		e.Args = map[string]any{"text": s.Text}
	}
	return e
}

// moment writes an instant that all processes show.
func (w *traceWriter) moment(name, subject string, at time.Duration, text string) {
	w.at(w.subjects, threadOf(subject), traceEvent{
		Phase: instant, Name: name, Category: "failure", At: at.Microseconds(), Scope: "g", Args: map[string]any{"text": text},
	})
}

func (w *traceWriter) lines(t *timeline) {
	for _, line := range foldLines(t.Lines) {
		lane := line.DrawnIn()
		e := traceEvent{Phase: instant, Name: line.Text, Category: "event", At: line.At.Microseconds(), Scope: "t", Args: map[string]any{"step": line.Step}}
		repeated(&e, line.Count, line.Until)
		switch {
		case line.Class == run.Phase:
			e.Scope, e.Category = "g", "phase"
			lane = w.subjects
		case lane == "":
			continue
		case line.Fault != "":
			e.Scope, e.Category = "p", "fault"
		}
		w.at(lane, threadOf(line.Subject), e)
	}
}

// repeated notes in an event how many it stands for.
func repeated(e *traceEvent, count int, until time.Duration) {
	if count > 1 {
		e.Name = fmt.Sprintf("%d × %s", count, e.Name)
		e.Args["count"], e.Args["until"] = count, Moment(until)
	}
}

// messages writes calls and arrows. An arrow begins and ends in a slice, so each of its ends has one of a microsecond.
func (w *traceWriter) messages(t *timeline) {
	messages := foldMessages(t.Lines, t.Messages)
	for i := range messages {
		m := &messages[i]
		if !m.Answer && m.Number != 0 {
			w.calls[m.Number] = i
		}
		w.arrow(i, m)
		call, ok := w.calls[m.Of]
		if !m.Answer || !ok || m.Lost {
			continue
		}
		asked := &messages[call]
		id := fmt.Sprintf("call %d", asked.Number)
		w.at(asked.From, threadOf(asked.Subject), traceEvent{Phase: asyncBegins, Category: "call", Name: asked.Name, ID: id, At: asked.Sent.Microseconds()})
		w.at(asked.From, threadOf(asked.Subject), traceEvent{Phase: asyncEnds, Category: "call", Name: asked.Name, ID: id, At: m.Arrives.Microseconds()})
	}
}

func (w *traceWriter) arrow(place int, m *foldedMessage) {
	name, duration := m.Name, int64(1)
	if m.Answer {
		name = "answer to " + name
	}
	if m.Lost {
		name += " (lost)"
	}
	thread, id := threadOf(m.Subject), fmt.Sprintf("message %d", m.Number)
	if m.Number == 0 {
		id = fmt.Sprintf("delivery %d", place)
	}
	end := func(actor, verb string, at time.Duration) {
		e := traceEvent{
			Phase: complete, Name: verb + " " + name, Category: "message", At: at.Microseconds(), Duration: &duration,
			Args: map[string]any{"from": m.From, "to": m.To, "about": cmp.Or(m.Part, m.Subject)},
		}
		repeated(&e, m.Count, m.Until)
		w.at(actor, thread, e)
	}
	end(m.From, "send", m.Sent)
	if m.Lost {
		return
	}
	w.at(m.From, thread, traceEvent{Phase: flowStarts, Name: m.Name, Category: "message", ID: id, At: m.Sent.Microseconds()})
	end(m.To, "receive", m.Arrives)
	w.at(m.To, thread, traceEvent{Phase: flowFinishes, Bind: "e", Name: m.Name, Category: "message", ID: id, At: m.Arrives.Microseconds()})
}

func (w *traceWriter) tracks(t *timeline) {
	for i := range t.Subjects {
		subject := &t.Subjects[i]
		for j := range subject.Tracks {
			track := &subject.Tracks[j]
			thread := subject.Name + " " + track.Name
			for n := range track.Spans {
				span := &track.Spans[n]
				if span.ID == "" {
					w.at(w.subjects, thread, slice(span))
					continue
				}
				// States with an ID may last at the same time, and slices of a thread must nest.
				e := slice(span)
				e.Phase, e.Duration, e.Category, e.ID = asyncBegins, nil, track.Name, fmt.Sprintf("%s %d", thread, n)
				w.at(w.subjects, thread, e)
				e.Phase, e.At, e.Args = asyncEnds, span.To.Microseconds(), nil
				w.at(w.subjects, thread, e)
			}
		}
	}
}

func (w *traceWriter) curve(c *Curve) {
	for i := range c.Points {
		p := &c.Points[i]
		w.event(traceEvent{
			Phase: counter, Name: fmt.Sprintf("failing continuations, %s (%%)", c.Continuation), At: p.At.Microseconds(), Process: w.process(w.subjects),
			Args: map[string]any{"share": 100 * c.Share(p)},
		})
	}
}
