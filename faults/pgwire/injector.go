package pgwire

import (
	"context"
	"fmt"
	"sync/atomic"
)

// A Fate is what becomes of a message and its connection.
type Fate uint8

// The fates, from the mildest.
const (
	// Forward: the message goes on.
	Forward Fate = iota
	// CutBefore: the connection ends on both sides; the message is lost.
	CutBefore
	// CutMiddle: the first half of the message's bytes goes on, then the connection ends on both sides.
	CutMiddle
	// CutAfter: the message goes on, then the connection ends on both sides. After a client's message, the server does
	// as it was told and nobody hears of it.
	CutAfter
	// Hang: the message and all that follow on this connection are swallowed, in both directions. The connection stays
	// open until its client closes it.
	Hang
)

// String names the fate for a reader: "cut before".
func (f Fate) String() string {
	switch f {
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
	default:
		return fmt.Sprintf("Fate(%d)", uint8(f))
	}
}

// An Action is an injector's answer. The zero Action forwards.
type Action struct {
	// Fate is what happens.
	Fate Fate
	// Delay is called before it happens, unless nil. It gets a context that ends with the connection; its error, if any,
	// cuts the connection before the message. Messages of the other direction are not delayed.
	Delay func(ctx context.Context) error
}

// An Injector decides what becomes of each message. A proxy asks it about one message at a time.
type Injector interface {
	Decide(m Message) Action
}

// Func is an [Injector] that is a function.
type Func func(m Message) Action

// Decide calls the function.
func (f Func) Decide(m Message) Action { return f(m) }

// Refuse refuses every connection and forwards everything on those that are open.
func Refuse(m Message) Action {
	if m.Type == Connect {
		return Action{Fate: CutBefore}
	}
	return Action{}
}

// Once acts at one place, the first time that a message comes there, and forwards all else.
type Once struct {
	at     Place
	action Action
	then   Injector
	done   atomic.Bool
}

// At returns an injector that acts once.
func At(place Place, action Action) *Once { return &Once{at: place, action: action} }

// Then lets another injector decide about all messages after the one that it acted on: Then(Func(Refuse)) keeps the
// server away. It returns the injector.
func (o *Once) Then(next Injector) *Once {
	o.then = next
	return o
}

// Decide acts if this is the place.
func (o *Once) Decide(m Message) Action {
	switch {
	case o.done.Load():
		if o.then != nil {
			return o.then.Decide(m)
		}
		return Action{}
	case m.Place == o.at:
		o.done.Store(true)
		return o.action
	default:
		return Action{}
	}
}

// Done tells whether a message came to the place.
func (o *Once) Done() bool { return o.done.Load() }

// A Cut is one way to cut one operation.
type Cut struct {
	// Message is the one at whose place the connection is cut, as it was recorded.
	Message Message
	// Fate is how.
	Fate Fate
}

// String tells of the cut in one line.
func (c Cut) String() string { return c.Fate.String() + " " + c.Message.String() }

// Injector returns an injector for one run.
func (c Cut) Injector() *Once { return At(c.Message.Place, Action{Fate: c.Fate}) }

// Cuts lists every way to cut an operation that exchanges these messages: before, in the middle of and after each, of
// either direction. A connection that is wished for has no middle, and nothing to cut after it.
func Cuts(messages []Message) []Cut {
	var cuts []Cut
	for _, m := range messages {
		fates := []Fate{CutBefore, CutMiddle, CutAfter}
		if m.Type == Connect {
			fates = fates[:1]
		}
		for _, fate := range fates {
			cuts = append(cuts, Cut{m, fate})
		}
	}
	return cuts
}
