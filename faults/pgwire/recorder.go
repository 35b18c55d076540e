package pgwire

import (
	"slices"
	"sync"
)

// A Recorder notes the messages that pass, in the order in which they came, and lets another injector decide.
type Recorder struct {
	then     Injector
	mu       sync.Mutex
	messages []Message
}

// NewRecorder returns a recorder. It forwards everything if then is nil.
func NewRecorder(then Injector) *Recorder { return &Recorder{then: then} }

// Decide notes the message.
func (r *Recorder) Decide(m Message) Action {
	r.mu.Lock()
	r.messages = append(r.messages, m)
	r.mu.Unlock()
	if r.then == nil {
		return Action{}
	}
	return r.then.Decide(m)
}

// Messages returns what has passed so far. The order of messages of one connection and direction is that of the
// protocol; between directions it is that of their arrival.
func (r *Recorder) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}
