package kernel

import "fmt"

// A Panic is the value of a panic that belongs to the simulation: a simulated service panics with it, where real code
// might. Code under simulation may recover from it ([Process.Recoverable]). Every other panic is a mistake, or ends a task
// whose process has crashed.
type Panic struct{ Value any }

// String returns the text of the value.
func (p Panic) String() string { return fmt.Sprint(p.Value) }

// Recoverable reports whether code under simulation may recover from a panic: only from a [Panic].
func (p *Process) Recoverable(value any) bool {
	_, simulated := value.(Panic)
	return simulated
}

// panicked handles a panic that nobody has recovered from: a [Panic] crashes the process of the task, as soon as the task
// has ended; any other one fails the run.
func (k *Kernel) panicked(t *task, value any) {
	if _, simulated := value.(Panic); !simulated || t.process.onPanic == nil {
		k.fail(t, value)
		return
	}
	k.After(0, labelPanic, t.process.onPanic)
}

var labelPanic = NewPoint("kernel.panic")

// OnPanic sets what happens when a task of the process panics with a [Panic] and does not recover. It is called in an
// event; it is meant to crash the process. Without it the run fails.
func (p *Process) OnPanic(crash func()) { p.onPanic = crash }
