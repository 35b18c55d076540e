package pgwire

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A Direction is the sender of a message.
type Direction uint8

// The directions.
const (
	FromClient Direction = iota
	FromServer
)

// String returns "client" or "server".
func (d Direction) String() string {
	if d == FromServer {
		return "server"
	}
	return "client"
}

// A Place identifies a message, counted from the last [Proxy.Begin]. It does not depend on timing, because the two
// directions are counted separately.
type Place struct {
	// Connection is the number of the connection, from 1, in the order of their first messages.
	Connection int
	// Direction is the sender of the message.
	Direction Direction
	// Index is the number of messages before it on this connection in this direction.
	Index int
}

// String returns the place, such as "connection 1, client message 3".
func (p Place) String() string {
	return fmt.Sprintf("connection %d, %s message %d", p.Connection, p.Direction, p.Index)
}

// A Message is one message of the Postgres protocol, before it is forwarded.
type Message struct {
	Place
	// Type is the name of the message in the documentation of the protocol, such as Parse or CommandComplete. The
	// request for a connection counts as a message of its client, of type [Connect].
	Type string
	// SQL is the statement of a Query, Parse, Bind, Describe or Execute, as the client wrote it, if it is known.
	SQL string
	// Detail is the tag of a CommandComplete, or the code and text of an ErrorResponse.
	Detail string
	// Bytes is its length on the wire.
	Bytes int
}

// Connect is the type of the message that stands for a client's request to connect. Cutting before it refuses the
// connection, so the server never sees it. A request to cancel, which has a connection of its own, is always forwarded:
// it is not a message of an operation.
const Connect = "Connect"

// String returns the message in one line, such as "connection 1, client message 3: Parse UPDATE app.reviews SET …".
func (m Message) String() string {
	text := m.Place.String() + ": " + m.Type
	for _, more := range []string{m.SQL, m.Detail} {
		if more == "" {
			continue
		}
		words := []rune(strings.Join(strings.Fields(more), " "))
		if len(words) > textLengthMax {
			words = append(words[:textLengthMax-1], '…')
		}
		text += " " + string(words)
	}
	return text
}

// textLengthMax bounds a statement in [Message.String], in characters.
const textLengthMax = 80

// Codes in place of the protocol version in the first message of a client:
// https://www.postgresql.org/docs/current/protocol-message-formats.html
const (
	codeCancel = 80877102
	codeTLS    = 80877103
	codeGSS    = 80877104
)

// Names of the first messages of a client, which have no type on the wire.
const (
	typeStartup = "StartupMessage"
	typeCancel  = "CancelRequest"
	typeTLS     = "SSLRequest"
	typeGSS     = "GSSENCRequest"
)

// firstType returns the name of a client's first message.
func firstType(frame []byte) string {
	switch binary.BigEndian.Uint32(frame[4:]) {
	case codeCancel:
		return typeCancel
	case codeTLS:
		return typeTLS
	case codeGSS:
		return typeGSS
	default:
		return typeStartup
	}
}

// clientTypes and serverTypes are the names of messages by their first byte.
var (
	clientTypes = map[byte]string{
		'B': "Bind", 'C': "Close", 'd': "CopyData", 'c': "CopyDone", 'f': "CopyFail", 'D': "Describe", 'E': "Execute",
		'F': "FunctionCall", 'H': "Flush", 'P': "Parse", 'p': "AuthenticationResponse", 'Q': "Query", 'S': "Sync", 'X': "Terminate",
	}
	serverTypes = map[byte]string{
		'R': "Authentication", 'K': "BackendKeyData", '2': "BindComplete", '3': "CloseComplete", 'C': "CommandComplete",
		'd': "CopyData", 'c': "CopyDone", 'G': "CopyInResponse", 'H': "CopyOutResponse", 'W': "CopyBothResponse",
		'D': "DataRow", 'I': "EmptyQueryResponse", 'E': "ErrorResponse", 'V': "FunctionCallResponse",
		'v': "NegotiateProtocolVersion", 'n': "NoData", 'N': "NoticeResponse", 'A': "NotificationResponse",
		't': "ParameterDescription", 'S': "ParameterStatus", '1': "ParseComplete", 's': "PortalSuspended",
		'Z': "ReadyForQuery", 'T': "RowDescription",
	}
)

// A decoder decodes the messages of one direction of a connection, one after the other.
type decoder struct {
	direction  Direction
	statements map[string]string // SQL by the name of the prepared statement
	portals    map[string]string // SQL by the name of the portal
}

// newDecoder returns a decoder of one direction of a connection.
func newDecoder(direction Direction) *decoder {
	return &decoder{direction: direction, statements: map[string]string{}, portals: map[string]string{}}
}

// decode returns the message of a frame with a type byte. A body that cannot be decoded gives neither SQL nor detail;
// whether it is an error is for its receiver to decide.
func (d *decoder) decode(frame []byte) Message {
	m := Message{Bytes: len(frame)}
	names := clientTypes
	if d.direction == FromServer {
		names = serverTypes
	}
	m.Type = names[frame[0]]
	if m.Type == "" {
		m.Type = fmt.Sprintf("Unknown(%q)", frame[0])
	}
	body := frame[headerBytes:]
	if d.direction == FromClient {
		m.SQL = d.statement(m.Type, body)
	} else {
		m.Detail = detail(m.Type, body)
	}
	return m
}

// statement returns the SQL that a client's message refers to, and remembers it for later messages.
func (d *decoder) statement(name string, body []byte) string {
	switch name {
	case "Query":
		var m pgproto3.Query
		if m.Decode(body) == nil {
			return m.String
		}
	case "Parse":
		var m pgproto3.Parse
		if m.Decode(body) == nil {
			d.statements[m.Name] = m.Query
			return m.Query
		}
	case "Bind":
		var m pgproto3.Bind
		if m.Decode(body) == nil {
			d.portals[m.DestinationPortal] = d.statements[m.PreparedStatement]
			return d.statements[m.PreparedStatement]
		}
	case "Describe":
		var m pgproto3.Describe
		if m.Decode(body) == nil && m.ObjectType == 'S' {
			return d.statements[m.Name]
		} else if m.ObjectType == 'P' {
			return d.portals[m.Name]
		}
	case "Execute":
		var m pgproto3.Execute
		if m.Decode(body) == nil {
			return d.portals[m.Portal]
		}
	}
	return ""
}

// detail returns the Detail of a server's message.
func detail(name string, body []byte) string {
	switch name {
	case "CommandComplete":
		var m pgproto3.CommandComplete
		if m.Decode(body) == nil {
			return string(m.CommandTag)
		}
	case "ErrorResponse":
		var m pgproto3.ErrorResponse
		if m.Decode(body) == nil {
			return m.Code + " " + m.Message
		}
	}
	return ""
}
