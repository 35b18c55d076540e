package kernel

import (
	"fmt"
	"strings"
	"time"
)

// A TraceEvent is one line of a readable trace. It shows a step, a task that continues in a step, a crash, restart,
// pause or resumption of a process, a note ([Kernel.Note]) or a text ([Kernel.Tracef]).
type TraceEvent struct {
	Step    uint64        // number of the step, from 1; 0 before the first
	Time    time.Duration // virtual time since the start of the run
	Process string        // empty for none
	Task    string        // empty for none
	Point   string        // of the event, or of the note
	Text    string        // of a text or a note; may be empty
}

// String returns the event as one line in columns.
func (e TraceEvent) String() string {
	who := e.Process
	if e.Task != "" {
		who += "/" + e.Task
	}
	line := fmt.Sprintf("%6d %12.6fs  %-20s %-22s %s", e.Step, e.Time.Seconds(), who, e.Point, e.Text)
	return strings.TrimRight(line, " ")
}

// tracing reports whether texts are added to a trace.
func (k *Kernel) tracing() bool { return k.config.Trace != nil && !k.unwinding }

// Tracef adds a text to the trace. It formats the text only if [Config].Trace is not nil. It does not change the hash.
func (k *Kernel) Tracef(format string, arguments ...any) {
	if k.tracing() {
		k.trace(nil, k.current, k.point, fmt.Sprintf(format, arguments...))
	}
}

// Note adds two numbers to the hash and to the trace, so that runs with different numbers have different hashes.
func (k *Kernel) Note(point Point, a, b uint64) {
	if k.unwinding {
		return
	}
	k.called()
	k.hash = fold(fold(k.hash, point.hash(), a), b, goldenGamma)
	if k.config.Trace != nil {
		k.trace(nil, k.current, point, fmt.Sprintf("%d %d", a, b))
	}
}

// trace calls [Config].Trace. A panic of that function fails the run and does not reach the task on the same goroutine.
func (k *Kernel) trace(p *Process, t *task, point Point, text string) {
	e := TraceEvent{Step: k.steps, Time: k.Now(), Point: point.String(), Text: text}
	if t != nil {
		p = t.process
		e.Task = t.name
	}
	if p != nil {
		e.Process = p.name
	}
	defer func() {
		if value := recover(); value != nil {
			k.fail(nil, value)
		}
	}()
	k.config.Trace(e)
}
