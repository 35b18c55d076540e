package world

import (
	"time"

	"github.com/onceover/onceover/sim/run"
)

// sends tells of a message that is sent now, if somebody listens, and returns its number.
func (w *World) sends(m run.Message, latency time.Duration) uint64 {
	if w.spec.OnMessage == nil || w.kernel.Unwinding() {
		return 0
	}
	w.sent++
	m.Number, m.Step, m.Sent = w.sent, w.kernel.Steps(), w.kernel.Now()
	m.Arrives = m.Sent + latency
	w.spec.OnMessage(m)
	return m.Number
}

// loses tells that a message got lost on its way.
func (w *World) loses(number uint64) {
	if number != 0 && w.spec.OnMessage != nil {
		w.spec.OnMessage(run.Message{Number: number, Lost: true, Step: w.kernel.Steps(), Arrives: w.kernel.Now()})
	}
}
