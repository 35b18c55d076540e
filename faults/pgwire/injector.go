package pgwire

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// An Action is what the proxy does with a message and its connection.
type Action uint8

// The actions, the mildest first.
const (
	// Forward: the message is forwarded.
	Forward Action = iota
	// CutBefore: the connection ends on both sides, and the message is lost.
	CutBefore
	// CutMiddle: the first half of the message's bytes is forwarded, then the connection ends on both sides.
	CutMiddle
	// CutAfter: the message is forwarded, then the connection ends on both sides. If it is a client's message, the
	// server carries it out and nobody gets the answer.
	CutAfter
	// Hang: the message and all that follow on this connection are dropped, in both directions. The connection stays
	// open until its client closes it.
	Hang
	// Raise: the server raises an error with the decision's code in place of a client's message, within the same
	// transaction. It applies to messages of the extended protocol, see [Message.Raisable], and forwards all others.
	Raise
)

// String returns the action in words, such as "cut before".
func (a Action) String() string {
	switch a {
	case Forward:
		return "forward"
	case CutBefore:
		return "cut before"
	case CutMiddle:
		return "cut in the middle of"
	case CutAfter:
		return "cut after"
	case Hang:
		return "hang before"
	case Raise:
		return "raise an error in place of"
	default:
		return fmt.Sprintf("Action(%d)", uint8(a))
	}
}

// A Decision is what an [Injector] decides about a message. The zero Decision forwards it.
type Decision struct {
	// Action is what happens.
	Action Action
	// Code is the SQLSTATE of the error of [Raise]. With CutBefore and CutAfter, unless empty, the client receives an
	// error with this code, of severity FATAL, as the last message: servers end a session so, or refuse it, and poolers
	// that have lost their server. It is sent whether or not the server was to receive the message.
	Code string
	// Delay, unless nil, is called before the action. Its context ends with the connection. If it returns an error, the
	// connection is cut before the message. Messages of the other direction are not delayed.
	Delay func(ctx context.Context) error
}

// An Injector decides about each message. A proxy asks it about one message at a time.
type Injector interface {
	Decide(m Message) Decision
}

// Func is a function as an [Injector].
type Func func(m Message) Decision

// Decide calls the function.
func (f Func) Decide(m Message) Decision { return f(m) }

// Refuse is a [Func] that refuses every new connection and forwards everything on open ones.
func Refuse(m Message) Decision {
	if m.Type == Connect {
		return Decision{Action: CutBefore}
	}
	return Decision{}
}

// Once is an [Injector] that acts on the first message at one place and forwards all others.
type Once struct {
	at       Place
	decision Decision
	then     Injector
	done     atomic.Bool
}

// At returns an injector that acts once, at the given place.
func At(place Place, decision Decision) *Once { return &Once{at: place, decision: decision} }

// Then sets the injector that decides about all messages after the one that o acted on: with Then(Func(Refuse)) the
// server stays unreachable. It returns o.
func (o *Once) Then(next Injector) *Once {
	o.then = next
	return o
}

// Decide returns the decision of [At] if m is the message at the place.
func (o *Once) Decide(m Message) Decision {
	switch {
	case o.done.Load():
		if o.then != nil {
			return o.then.Decide(m)
		}
		return Decision{}
	case m.Place == o.at:
		o.done.Store(true)
		return o.decision
	default:
		return Decision{}
	}
}

// Done reports whether there was a message at the place.
func (o *Once) Done() bool { return o.done.Load() }

// A Cut is one way to cut one operation.
type Cut struct {
	// Message is the recorded message where the connection is cut.
	Message Message
	// Action is how it is cut, and Code what the client is told; see [Decision].
	Action Action
	Code   string
}

// String returns the cut in one line.
func (c Cut) String() string {
	text := c.Action.String() + " " + c.Message.String()
	if c.Code != "" {
		text += ", with error " + c.Code
	}
	return text
}

// Injector returns an injector for one run.
func (c Cut) Injector() *Once { return At(c.Message.Place, Decision{Action: c.Action, Code: c.Code}) }

// Cuts returns every way to cut an operation that exchanges these messages: before, in the middle of and after each, in
// either direction. A request for a connection can only be cut before it.
func Cuts(messages []Message) []Cut {
	var cuts []Cut
	for _, m := range messages {
		actions := []Action{CutBefore, CutMiddle, CutAfter}
		if m.Type == Connect {
			actions = actions[:1]
		}
		for _, action := range actions {
			cuts = append(cuts, Cut{Message: m, Action: action})
		}
	}
	return cuts
}

// LastWords returns every way to end a session with an error of a code during an operation that exchanges these
// messages: before and after each, in either direction. A request for a connection is refused with it.
func LastWords(messages []Message, code string) []Cut {
	var cuts []Cut
	for _, m := range messages {
		cuts = append(cuts, Cut{m, CutBefore, code})
		if m.Type != Connect {
			cuts = append(cuts, Cut{m, CutAfter, code})
		}
	}
	return cuts
}

// Errors returns every way to let the server raise an error of a code during an operation that exchanges these messages:
// in place of each message of the client that can be replaced.
func Errors(messages []Message, code string) []Cut {
	var cuts []Cut
	for _, m := range messages {
		if m.Raisable() {
			cuts = append(cuts, Cut{m, Raise, code})
		}
	}
	return cuts
}

// A Recorder is an [Injector] that records messages in the order of their arrival, and lets another injector decide.
type Recorder struct {
	then     Injector
	mu       sync.Mutex
	messages []Message
}

// NewRecorder returns a recorder that lets then decide. If then is nil, it forwards everything.
func NewRecorder(then Injector) *Recorder { return &Recorder{then: then} }

// Decide records the message.
func (r *Recorder) Decide(m Message) Decision {
	r.mu.Lock()
	r.messages = append(r.messages, m)
	r.mu.Unlock()
	if r.then == nil {
		return Decision{}
	}
	return r.then.Decide(m)
}

// Messages returns the messages so far. Those of one connection and direction are in the order of the protocol, those
// of different directions in the order of their arrival.
func (r *Recorder) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}
