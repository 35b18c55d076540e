package world

import (
	"time"

	"github.com/onceover/onceover/engine"
)

// A Message is something sent from one party to another: a call or its answer. [Spec].OnMessage is told of it when it
// is sent, and again, with Lost, when it gets lost on its way.
type Message struct {
	Number   uint64 // of the run, from 1
	Of       uint64 // of an answer, the number of the call
	Step     uint64 // at which it was sent
	Sent     time.Duration
	Arrives  time.Duration // unless it gets lost; what is sent late was sent when it should have been
	From, To string        // processes, database, journal, agent
	Name     string        // of the call, such as worker.start or store.claim
	Key      engine.AttemptKey
	Answer   bool // to a call
	Copy     bool // delivered a second time
	Lost     bool
}

// sends tells of a message that is sent now, if somebody listens, and returns its number.
func (w *World) sends(m Message, latency time.Duration) uint64 {
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
		w.spec.OnMessage(Message{Number: number, Lost: true, Step: w.kernel.Steps(), Arrives: w.kernel.Now()})
	}
}

// exchangeWith returns what a process sends to a service or, of a call that was carried out, the service's answer.
func exchangeWith(process, service, name string, key engine.AttemptKey, answer bool, call uint64) Message {
	m := Message{From: process, To: service, Name: name, Key: key}
	if answer {
		m.From, m.To, m.Answer, m.Of = service, process, true, call
	}
	return m
}
