package pgwire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

const (
	// headerBytes is the size of the type and the length before a body. The length counts itself, but not the type.
	headerBytes = 5
	// frameBytesMax bounds a message. Postgres itself takes less than 1 GiB.
	frameBytesMax = 1 << 30
	// firstBytesMax bounds a client's first message, as in Postgres (MAX_STARTUP_PACKET_LENGTH).
	firstBytesMax = 10_000
)

// A ProtocolError reports a stream that does not follow the Postgres protocol.
type ProtocolError struct {
	Direction Direction
	Reason    string
}

// Error returns the sender and what is wrong.
func (e *ProtocolError) Error() string {
	return fmt.Sprintf("the %s does not speak the Postgres protocol: %s", e.Direction, e.Reason)
}

// readFrame reads one message with its header. The error is io.EOF only where a message may begin.
func readFrame(from io.Reader, direction Direction) ([]byte, error) {
	header := make([]byte, headerBytes)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	return readBody(from, direction, header, int64(binary.BigEndian.Uint32(header[1:]))-4, frameBytesMax)
}

// readFirst reads a client's first message, which has no type.
func readFirst(from io.Reader) ([]byte, error) {
	header := make([]byte, 8)
	if _, err := io.ReadFull(from, header); err != nil {
		return nil, err
	}
	return readBody(from, FromClient, header, int64(binary.BigEndian.Uint32(header))-8, firstBytesMax)
}

// readBody reads the body after a header. The length in the header may be wrong, so memory is allocated as bytes
// arrive.
func readBody(from io.Reader, direction Direction, header []byte, length, most int64) ([]byte, error) {
	if length < 0 || length > most {
		return nil, &ProtocolError{direction, fmt.Sprintf("a message %q with a body of %d bytes, 0 to %d are allowed", header, length, most)}
	}
	frame := bytes.NewBuffer(header)
	if _, err := io.CopyN(frame, from, length); err != nil {
		if err == io.EOF { //nolint:errorlint // io.CopyN returns it unwrapped.
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return frame.Bytes(), nil
}
