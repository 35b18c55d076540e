package httpapi

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// eventReader parses Server-Sent Events as the WHATWG HTML standard, section 9.2.6 "Interpreting an event stream",
// says. It is a push parser that keeps what it has of an unfinished event, so that reading may go on after the context
// of one call has ended: no parser over a plain io.Reader can.
type eventReader struct {
	source   BodyReader
	bytesMax int

	chunk  []byte // read and not parsed yet, within buffer
	buffer []byte

	line     []byte // of an unfinished line, without its end
	afterCR  bool   // the last line ended with CR: a LF would belong to it
	started  bool   // past the place where a byte order mark may stand
	name     []byte // of the unfinished event
	data     []byte // each line followed by LF
	sequence []byte // the last id, which stays until there is another
}

// A frame is one dispatched event. It is valid until the next call.
type frame struct {
	alive bool   // no event: bytes have arrived that complete none
	name  []byte // empty: the default, "message"
	id    []byte
	data  []byte
}

// errFrameTooLarge: a line, or the data of an event, is over the limit.
var errFrameTooLarge = errors.New("event is too large")

// frameChunkBytes is how much is read at once. Events are mostly shorter.
const frameChunkBytes = 4 << 10

func newEventReader(source BodyReader, bytesMax int) *eventReader {
	return &eventReader{source: source, bytesMax: bytesMax, buffer: make([]byte, frameChunkBytes)}
}

// next returns the next event that has data, or a frame that is merely alive if bytes have arrived and completed none. At
// the end of the stream an unfinished event is discarded. The error is the source's or errFrameTooLarge.
func (r *eventReader) next(ctx context.Context) (frame, error) {
	for read := false; ; read = true {
		for len(r.chunk) > 0 {
			line, complete := r.takeLine()
			if len(r.line)+len(r.data) > r.bytesMax {
				return frame{}, errFrameTooLarge
			}
			if !complete {
				continue
			}
			f, dispatched := r.interpret(line)
			r.line = r.line[:0]
			if dispatched {
				return f, nil
			}
		}
		if read {
			return frame{alive: true}, nil
		}
		n, err := r.source.ReadContext(ctx, r.buffer)
		if n > 0 {
			// An error that comes with bytes comes again without them.
			r.chunk = r.buffer[:n]
		} else if err != nil {
			return frame{}, err
		}
	}
}

var (
	byteOrderMark = []byte("\xEF\xBB\xBF")
	lineFeed      = []byte{'\n'}
	fieldData     = []byte("data")
	fieldEvent    = []byte("event")
	fieldID       = []byte("id")
)

// takeLine moves the chunk's bytes up to the next end of line into line. A line ends with LF, CR or CR LF; after a CR
// it is complete at once, since the LF may be long in coming.
func (r *eventReader) takeLine() (line []byte, complete bool) {
	if r.afterCR {
		r.afterCR = false
		if r.chunk[0] == '\n' {
			r.chunk = r.chunk[1:]
			return nil, false
		}
	}
	end := bytes.IndexByte(r.chunk, '\n')
	within := r.chunk
	if end >= 0 {
		within = r.chunk[:end]
	}
	if cr := bytes.IndexByte(within, '\r'); cr >= 0 {
		end = cr
		r.afterCR = true
	}
	if end < 0 {
		r.line = append(r.line, r.chunk...)
		r.chunk = nil
		return nil, false
	}
	r.line = append(r.line, r.chunk[:end]...)
	r.chunk = r.chunk[end+1:]
	line = r.line
	if !r.started {
		r.started = true
		line = bytes.TrimPrefix(line, byteOrderMark)
	}
	return line, true
}

// interpret takes one line in, and returns the event that it completes.
func (r *eventReader) interpret(line []byte) (f frame, dispatched bool) {
	if len(line) == 0 {
		if len(r.data) > 0 {
			f = frame{name: r.name, id: r.sequence, data: bytes.TrimSuffix(r.data, lineFeed)}
			dispatched = true
		}
		// What f refers to is overwritten by the next line only.
		r.name, r.data = r.name[:0], r.data[:0]
		return f, dispatched
	}
	field, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimPrefix(value, []byte{' '})
	switch {
	case bytes.Equal(field, fieldData):
		r.data = append(append(r.data, value...), '\n')
	case bytes.Equal(field, fieldEvent):
		r.name = append(r.name[:0], value...)
	case bytes.Equal(field, fieldID):
		if bytes.IndexByte(value, 0) < 0 {
			r.sequence = append(r.sequence[:0], value...)
		}
	}
	// A comment has an empty field name; retry concerns only clients that reconnect by themselves.
	return frame{}, false
}

// appendFrame encodes an event. Neither name nor id may hold an end of line; data becomes as many lines as it has.
func appendFrame(to []byte, id, name string, data []byte) []byte {
	if id != "" {
		to = append(append(append(to, "id: "...), id...), '\n')
	}
	to = append(append(append(to, "event: "...), name...), '\n')
	for {
		end := bytes.IndexByte(data, '\n')
		line := data
		if end >= 0 {
			line = data[:end]
		}
		to = append(append(append(to, "data: "...), line...), '\n')
		if end < 0 {
			return append(to, '\n')
		}
		data = data[end+1:]
	}
}

// A contextReader reads a body under one context, for what wants an io.Reader.
type contextReader struct {
	ctx  context.Context
	body BodyReader
}

func (r contextReader) Read(p []byte) (int, error) { return r.body.ReadContext(r.ctx, p) }

var _ io.Reader = contextReader{}
