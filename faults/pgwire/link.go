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
	hung                 // messages are dropped
	ended                // both sides have got the end of their stream; what they still send is dropped
)

// A link is the connection of one client, and its connection to the server.
//
// A cut ends both sides with a FIN, not with a reset: a reset may destroy what was forwarded before, so it would be
// unknown what the server has received.
type link struct {
	proxy  *Proxy
	client net.Conn
	phase  atomic.Int32
	ctx    context.Context //nolint:containedctx // It ends with the link, and is the context of delays.
	cancel context.CancelFunc

	mu          sync.Mutex
	server      net.Conn      // nil until it is dialled
	serverEnded chan struct{} // closed when the server has ended its session
	answers     answers

	// Guarded by the proxy's mutex: the place of the next message.
	operation, number int
	passed            [2]int
}

// serve forwards messages until the link ends.
func (l *link) serve() {
	defer l.cancel()
	first, err := l.first()
	if err != nil {
		l.noteError(err)
		return
	}
	cancels := firstType(first) == typeCancel
	if !cancels && !l.welcome() {
		return
	}
	server, err := l.proxy.dial(l.ctx)
	if err != nil {
		return // The client sees its connection end, as with a server that is down.
	}
	if !l.meet(server) {
		_ = server.Close() // Nothing was sent on it.
		return
	}
	if cancels {
		// Drivers send it in the background after they give up a connection. It may come during the next operation,
		// where it would make the places of messages depend on speed, so the injector does not see it.
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

// welcome asks the injector whether a client may connect, and reports whether it may.
func (l *link) welcome() bool {
	decision := l.proxy.ask(l, Message{Place: Place{Direction: FromClient}, Type: Connect})
	switch action := l.delayed(decision); action {
	case Forward:
		return true
	case Hang:
		l.phase.CompareAndSwap(flowing, hung)
		_, _ = io.Copy(io.Discard, l.client) // Until the client gives up.
		return false
	default:
		if decision.Code != "" {
			l.end(decision.Code)
			return false
		}
		// A refused connection is reset.
		if tcp, is := l.client.(*net.TCPConn); is {
			_ = tcp.SetLinger(0) // Without it the client sees an end instead of a refusal.
		}
		return false
	}
}

// first returns the client's first message to the server. Requests for encryption concern the proxy alone, which
// refuses them.
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
			return nil, &ProtocolError{FromClient, "it asked for encryption repeatedly"}
		}
		if _, err := l.client.Write([]byte{'N'}); err != nil {
			return nil, err
		}
	}
}

// meet adds the connection to the server to the link. It reports false if the link has ended already.
func (l *link) meet(server net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.phase.Load() == ended || l.ctx.Err() != nil {
		return false
	}
	l.server = server
	return true
}

// pump passes the messages of one direction until there are no more.
func (l *link) pump(d *decoder, from io.Reader, to net.Conn) {
	for {
		frame, err := readFrame(from, d.direction)
		if err != nil {
			l.noteError(err)
			// The end of the client's stream ends the server's. The end of the server's stream ends the client's,
			// unless it hangs.
			if d.direction == FromClient || l.phase.Load() != hung {
				l.cut()
			}
			return
		}
		m := d.decode(frame)
		m.Direction = d.direction
		if d.direction == FromServer && l.answersProxy(m.Type) {
			continue
		}
		l.pass(m, frame, to)
	}
}

// pass asks for the decision about a message and carries it out.
func (l *link) pass(m Message, frame []byte, to io.Writer) {
	if l.phase.Load() != flowing {
		return
	}
	decision := l.proxy.ask(l, m)
	action := l.delayed(decision)
	if l.phase.Load() != flowing {
		return // The other direction was cut in the meantime.
	}
	if m.Direction == FromClient && m.SQL != "" {
		changed, err := rewrite(l.proxy.rewrites, m.Type, frame)
		if err != nil {
			l.proxy.fail(err)
			action = CutBefore
		} else {
			frame = changed
		}
	}
	var part []byte
	switch action {
	case Raise, Forward, CutAfter:
		if action == Raise && m.Raisable() {
			part = l.raise(decision.Code)
		}
		part = append(part, frame...)
		if m.Direction == FromClient {
			l.mu.Lock()
			l.answers.forwarded(m.Type)
			l.mu.Unlock()
		}
	case CutMiddle:
		part = frame[:len(frame)/2]
	case Hang:
		l.phase.CompareAndSwap(flowing, hung)
		return
	case CutBefore:
	}
	if len(part) > 0 {
		// If the peer has gone, the pump that reads from it notices.
		_, _ = to.Write(part)
	}
	if action != Forward && action != Raise {
		l.end(decision.Code)
	}
}

// raise returns the messages that make the server raise an error, and expects their answer.
func (l *link) raise(code string) []byte {
	added, err := raising(code)
	if err != nil {
		l.proxy.fail(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers.add()
	return added
}

// answersProxy reports whether a server's message answers what the proxy has added, and counts it.
func (l *link) answersProxy(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.answers.own(name)
}

// end cuts the link. The client's last message is an error with a code, unless that is empty.
func (l *link) end(code string) {
	// From here on nothing is forwarded, so the error is the last message.
	if l.phase.CompareAndSwap(flowing, hung) && code != "" {
		frame, err := lastWords(code)
		if err != nil {
			l.proxy.fail(err)
		}
		_, _ = l.client.Write(frame) // The client may have gone already.
	}
	l.cut()
}

// delayed calls the decision's delay, and returns its action.
func (l *link) delayed(decision Decision) Action {
	if decision.Delay != nil && decision.Delay(l.ctx) != nil {
		return CutBefore
	}
	return decision.Action
}

// noteError keeps an error of a stream that the proxy did not cause.
func (l *link) noteError(err error) {
	var protocol *ProtocolError
	if errors.As(err, &protocol) {
		l.proxy.fail(err)
	}
}

// cut ends the streams to both sides. What was forwarded arrives; nothing follows.
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

// close closes both connections.
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

// closeWrite ends the stream to a peer.
func closeWrite(connection net.Conn) {
	if half, can := connection.(interface{ CloseWrite() error }); can {
		_ = half.CloseWrite() // The peer may have gone already.
		return
	}
	_ = connection.Close()
}
