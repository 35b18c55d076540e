package world

import (
	"context"
	"io"
	"net"
	"syscall"

	"github.com/onceover/onceover/engine/httpapi"
	"github.com/onceover/onceover/sim/kernel"
)

var (
	labelSegment = kernel.NewPoint("stream.segment")
	opSegment    = timingOp(70, "stream.segment")
	opSegmentAt  = timingOp(80, "stream.segment.at")
	opSegmentLag = latencyOp(60, "stream.segment.latency")
)

// segmented is the share of writes that arrive in two parts.
const segmented = 1.0 / 8

// A pipe is the body of a streamed answer on its way. The serving task writes it, a task of the client reads it. These
// short streams never fill the window of a connection, so writing does not block. Bytes arrive in order; sometimes the
// end of a write arrives later, so that a reader may stop waiting in the middle of an event.
type pipe struct {
	world      *Deployment
	actor      *kernel.Actor // decides when bytes arrive
	stream     *eventStream  // the source of what is written
	unread     []byte
	arrived    int   // bytes of unread that have arrived
	late       bool  // the others are still to arrive
	end        error // returned behind the last byte
	closed     bool  // by the reader
	stalled    bool  // what is written gets lost
	completion kernel.Completion
	waiting    bool
}

var _ httpapi.BodyReader = (*pipe)(nil)

// errResetStream is the error at both ends of a broken connection.
var errResetStream = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

// write sends bytes to the reader. It fails if nobody is going to read them.
func (p *pipe) write(bytes []byte) error {
	if p.closed || p.end != nil {
		return io.ErrClosedPipe
	}
	if p.stalled {
		return nil
	}
	k := p.world.kernel
	p.unread = append(p.unread, bytes...)
	if p.late {
		return nil
	}
	if k.Chance(p.actor, opSegment, segmented) {
		p.late = true
		p.arrived += k.Pick(p.actor, opSegmentAt, len(bytes))
		k.Schedule(k.Latency(p.actor, opSegmentLag, agentLatency), labelSegment, p)
	} else {
		p.arrived = len(p.unread)
	}
	p.wake()
	return nil
}

// Fire is the arrival of the late bytes.
func (p *pipe) Fire() {
	p.late = false
	p.arrived = len(p.unread)
	p.wake()
}

// closeWriting ends the body cleanly, after some last bytes.
func (p *pipe) closeWriting(last []byte) {
	if p.end != nil || p.stalled {
		return
	}
	p.unread = append(p.unread, last...)
	if !p.late {
		p.arrived = len(p.unread)
	}
	p.end = io.EOF
	p.wake()
}

// reset breaks the connection. Unread bytes are lost.
func (p *pipe) reset() {
	if p.end == nil || len(p.unread) > 0 {
		p.unread, p.arrived, p.end = nil, 0, errResetStream
		p.wake()
	}
}

// ReadContext implements [httpapi.BodyReader].
func (p *pipe) ReadContext(ctx context.Context, to []byte) (int, error) {
	for {
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case p.closed:
			return 0, io.ErrClosedPipe
		case p.arrived > 0:
			n := copy(to, p.unread[:p.arrived])
			p.unread = p.unread[n:]
			p.arrived -= n
			return n, nil
		case p.end != nil && !p.late:
			return 0, p.end
		}
		p.completion.Reset(p.world.kernel)
		p.waiting = true
		err := p.completion.Wait(ctx)
		p.waiting = false
		if err != nil {
			return 0, err
		}
	}
}

// Read implements [io.Reader], for as long as it takes.
func (p *pipe) Read(to []byte) (int, error) { return p.ReadContext(context.Background(), to) }

// Close closes the connection; the task that serves it ends. It implements [io.Closer].
func (p *pipe) Close() error {
	p.closed = true
	if p.stream != nil {
		p.stream.broken = true
		p.stream.wake()
	}
	return nil
}

func (p *pipe) wake() {
	if p.waiting {
		p.completion.Complete()
	}
}
