package pgwire

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

// Phases of a link.
const (
	flowing int32 = iota // messages are forwarded
	hung                 // they are swallowed, and nobody is told
	ended                // both sides are told that it is over; what they still send is swallowed
)

// A link is one client's connection, with that to the server.
//
// A cut ends both sides with a FIN, not with a reset: a reset may destroy what was forwarded before, and nobody could
// say any more what the server has got to see.
type link struct {
	proxy  *Proxy
	client net.Conn
	phase  atomic.Int32
	ctx    context.Context //nolint:containedctx // It ends with the link; delays are given it.
	cancel context.CancelFunc

	mu          sync.Mutex
	server      net.Conn      // nil until it is dialled
	serverEnded chan struct{} // closed when the server has ended its session

	// Guarded by the proxy's mutex: where the next message stands.
	operation, number int
	passed            [2]int
}

// serve lives the life of the link.
func (l *link) serve() {
	defer l.cancel()
	first, err := l.first()
	if err != nil {
		l.told(err)
		return
	}
	cancels := firstType(first) == typeCancel
	if !cancels && !l.welcome() {
		return
	}
	server, err := l.proxy.dial(l.ctx)
	if err != nil {
		return // Whether there is a server is not the proxy's business; the client sees its connection end.
	}
	if !l.meet(server) {
		_ = server.Close() // Nothing was said on it.
		return
	}
	if cancels {
		// Drivers send it in the background when they give a connection up, whenever that is: it may come in the midst of
		// the next operation, and would make the places of its messages a matter of speed.
		_, _ = server.Write(first)
		closeWrite(server) // The server answers by ending the connection.
		_, _ = io.Copy(io.Discard, server)
		close(l.serverEnded)
		return
	}
	l.pass(Message{Place: Place{Direction: FromClient}, Type: firstType(first), Bytes: len(first)}, first, server)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(l.serverEnded)
		l.pump(newDecoder(FromServer), server, l.client)
	}()
	l.pump(newDecoder(FromClient), l.client, server)
	<-done
}

// welcome asks whether a client may connect, and tells whether it may.
func (l *link) welcome() bool {
	action := l.proxy.ask(l, Message{Place: Place{Direction: FromClient}, Type: Connect})
	switch fate := l.delayed(action); fate {
	case Forward:
		return true
	case Hang:
		l.phase.CompareAndSwap(flowing, hung)
		_, _ = io.Copy(io.Discard, l.client) // Until the client has had enough.
		return false
	default:
		// A refused connection is a reset one.
		if tcp, is := l.client.(*net.TCPConn); is {
			_ = tcp.SetLinger(0) // Without it the client sees an end instead of a refusal.
		}
		return false
	}
}

// first returns the client's first message to the server. Requests for encryption are for the next hop, which is the
// proxy, and it has none.
func (l *link) first() ([]byte, error) {
	const requestsMax = 2 // one for GSSAPI, one for TLS
	for requests := 0; ; requests++ {
		frame, err := readFirst(l.client)
		if err != nil {
			return nil, err
		}
		if name := firstType(frame); name != typeTLS && name != typeGSS {
			return frame, nil
		}
		if requests == requestsMax {
			return nil, &ProtocolError{FromClient, "it asked for encryption again and again"}
		}
		if _, err := l.client.Write([]byte{'N'}); err != nil {
			return nil, err
		}
	}
}

// meet makes the server's connection a part of the link, unless that has ended already.
func (l *link) meet(server net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase.Load() == ended || l.ctx.Err() != nil {
		return false
	}
	l.server = server
	return true
}

// pump passes one direction's messages on, until there are no more.
func (l *link) pump(d *decoder, from io.Reader, to net.Conn) {
	for {
		frame, err := readFrame(from, d.direction)
		if err != nil {
			l.told(err)
			// The client's end is the server's. The server's end is that of a client that can hear: one that hangs can't.
			if d.direction == FromClient || l.phase.Load() != hung {
				l.cut()
			}
			return
		}
		m := d.decode(frame)
		m.Direction = d.direction
		l.pass(m, frame, to)
	}
}

// pass asks what becomes of a message and does that.
func (l *link) pass(m Message, frame []byte, to io.Writer) {
	if l.phase.Load() != flowing {
		return
	}
	fate := l.delayed(l.proxy.ask(l, m))
	if l.phase.Load() != flowing {
		return // The other direction was cut in the meantime.
	}
	if m.Direction == FromClient && m.SQL != "" {
		changed, err := rewrite(l.proxy.rewrites, m.Type, frame)
		if err != nil {
			l.proxy.fail(err)
			fate = CutBefore
		} else {
			frame = changed
		}
	}
	var part []byte
	switch fate {
	case Forward, CutAfter:
		part = frame
	case CutMiddle:
		part = frame[:len(frame)/2]
	case Hang:
		l.phase.CompareAndSwap(flowing, hung)
		return
	case CutBefore:
	}
	if len(part) > 0 {
		// Whoever has gone without reading is noticed by whoever reads from there.
		_, _ = to.Write(part)
	}
	if fate != Forward {
		l.cut()
	}
}

// delayed waits as an action says, and returns its fate.
func (l *link) delayed(action Action) Fate {
	if action.Delay != nil && action.Delay(l.ctx) != nil {
		return CutBefore
	}
	return action.Fate
}

// told notes an error of a stream that the proxy was not the cause of.
func (l *link) told(err error) {
	var protocol *ProtocolError
	if errors.As(err, &protocol) {
		l.proxy.fail(err)
	}
}

// cut tells both sides that it is over. What was forwarded arrives, nothing follows.
func (l *link) cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase.Swap(ended) == ended {
		return
	}
	l.cancel()
	closeWrite(l.client)
	if l.server != nil {
		closeWrite(l.server)
	}
}

// waitServer waits until the server has ended its session, if there was one.
func (l *link) waitServer(ctx context.Context) error {
	l.mu.Lock()
	server := l.server
	l.mu.Unlock()
	if server == nil {
		return nil
	}
	select {
	case <-l.serverEnded:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// close ends both sides at once.
func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.phase.Store(ended)
	l.cancel()
	_ = l.client.Close()
	if l.server != nil {
		_ = l.server.Close()
	}
}

// closeWrite tells a peer that nothing follows.
func closeWrite(connection net.Conn) {
	if half, can := connection.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite() // A peer that has gone need not be told.
		return
	}
	_ = connection.Close()
}
