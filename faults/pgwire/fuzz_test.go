package pgwire

import (
	"bytes"
	"context"
	"io"
	"net"
	"regexp"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
)

// script is a connection to a peer that sends its bytes at once and accepts everything.
type script struct {
	io.Reader
	net.Conn // nil: what is not overridden must not be called
}

func (s script) Read(p []byte) (int, error)  { return s.Reader.Read(p) }
func (s script) Write(p []byte) (int, error) { return len(p), nil }
func (s script) Close() error                { return nil }

// FuzzLink sends any bytes from both sides of a link, under every action: the link ends, without a panic.
func FuzzLink(f *testing.F) {
	encode := func(messages ...interface {
		Encode([]byte) ([]byte, error)
	}) []byte {
		var all []byte
		for _, m := range messages {
			encoded, err := m.Encode(nil)
			if err != nil {
				f.Fatal(err)
			}
			all = append(all, encoded...)
		}
		return all
	}
	startup := &pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersion30, Parameters: map[string]string{"user": "u"}}
	client := encode(&pgproto3.SSLRequest{}, startup, &pgproto3.Query{String: "SELECT 1"},
		&pgproto3.Parse{Name: "s", Query: "SELECT $1", ParameterOIDs: []uint32{23}}, &pgproto3.Bind{PreparedStatement: "s"},
		&pgproto3.Describe{ObjectType: 'P'}, &pgproto3.Execute{}, &pgproto3.Sync{}, &pgproto3.Terminate{})
	server := encode(&pgproto3.AuthenticationOk{}, &pgproto3.ReadyForQuery{TxStatus: 'I'},
		&pgproto3.CommandComplete{CommandTag: []byte("SELECT 1")}, &pgproto3.ErrorResponse{Code: "23505", Message: "no"})
	for action := range 6 {
		f.Add(client, server, uint8(action), uint8(3))
	}
	f.Add(encode(&pgproto3.CancelRequest{ProcessID: 1, SecretKey: []byte{1, 2, 3, 4}}), []byte{}, uint8(0), uint8(0))
	f.Add([]byte{0, 0, 0, 4}, []byte{'Z', 0xff, 0xff, 0xff, 0xff}, uint8(0), uint8(0))
	f.Fuzz(func(t *testing.T, client, server []byte, action, at uint8) {
		rewrites := []*Rewrite{{pattern: regexp.MustCompile("SELECT"), replacement: "DELETE"}}
		p := newProxy(func(context.Context) (net.Conn, error) { return script{Reader: bytes.NewReader(server)}, nil }, rewrites)
		messages := 0
		p.Begin(Func(func(m Message) Decision {
			_ = m.String()
			messages++
			if messages-1 == int(at) {
				return Decision{Action: Action(action % 6)}
			}
			return Decision{}
		}))
		l := p.newLink(script{Reader: bytes.NewReader(client)})
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.serve()
			p.remove(l)
		}()
		select {
		case <-ended:
		case <-time.After(time.Minute):
			t.Fatal("both sides have ended, and the link has not")
		}
		if err := p.CutAll(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// FuzzRewrite changes statements in messages that are malformed in any way: the result decodes to the changed
// statement.
func FuzzRewrite(f *testing.F) {
	f.Add("statement", "SELECT x FROM t FOR UPDATE", []byte{0, 0})
	f.Add("", "", []byte{0, 1, 0, 0, 0, 23})
	f.Fuzz(func(t *testing.T, name, sql string, tail []byte) {
		body := append(append(append(append([]byte(name), 0), sql...), 0), tail...)
		frame := append([]byte{'P', 0, 0, 0, 0}, body...)
		changed, err := rewrite([]*Rewrite{{pattern: regexp.MustCompile("FOR UPDATE"), replacement: "FOR SHARE"}}, "Parse", frame)
		var before, after pgproto3.Parse
		if decodeErr := before.Decode(body); decodeErr != nil {
			if err == nil {
				t.Errorf("what cannot be decoded was rewritten: %v", decodeErr)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if decodeErr := after.Decode(changed[headerBytes:]); decodeErr != nil {
			t.Fatal(decodeErr)
		}
		want := regexp.MustCompile("FOR UPDATE").ReplaceAllString(before.Query, "FOR SHARE")
		if after.Query != want || after.Name != before.Name || len(after.ParameterOIDs) != len(before.ParameterOIDs) {
			t.Errorf("%+v became %+v", before, after)
		}
	})
}
