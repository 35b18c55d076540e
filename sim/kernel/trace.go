package kernel

import (
	"fmt"
	"strings"
	"time"
)

// A TraceEvent is one line of a readable trace: a step, what a step has led to, a change in the life of a process, a
// note, or a text.
type TraceEvent struct {
	Step    uint64        `json:"step"`
	Time    time.Duration `json:"time"`
	Process string        `json:"process,omitempty"` // empty for what belongs to none
	Task    string        `json:"task,omitempty"`
	Point   string        `json:"point"`
	Text    string        `json:"text,omitempty"`
}

// String gives the event as one line in columns.
func (e TraceEvent) String() string {
	who := e.Process
	if e.Task != "" {
		who += "/" + e.Task
	}
	line := fmt.Sprintf("%6d %12.6fs  %-20s %-22s %s", e.Step, e.Time.Seconds(), who, e.Point, e.Text)
	return strings.TrimRight(line, " ")
}

// Tracing reports whether somebody reads the trace.
func (k *Kernel) Tracing() bool { return k.config.Trace != nil && !k.unwinding }

// Tracef adds a text to the trace, formatted only if somebody reads it. It has no influence on the hash. To spare the
// arguments too, ask [Kernel.Tracing] first.
func (k *Kernel) Tracef(format string, arguments ...any) {
	if k.Tracing() {
		k.trace(nil, k.current, k.point, fmt.Sprintf(format, arguments...))
	}
}

// Note folds data into the hash, so that runs that differ in it count as different, and adds it to the trace.
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

// trace hands an event to whoever reads the trace. A panic in there is a failure of the run and not of the task on
// whose goroutine the kernel happens to be.
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
