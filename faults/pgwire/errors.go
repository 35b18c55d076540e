package pgwire

import (
	"fmt"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Raisable reports whether [Raise] can replace the message: it is a client's, and of the extended protocol.
func (m Message) Raisable() bool {
	if m.Direction != FromClient {
		return false
	}
	switch m.Type {
	case "Parse", "Bind", "Describe", "Execute", "Sync":
		return true
	}
	return false
}

// raising returns the messages that make a server raise an error. Their first two answers, ParseComplete and
// BindComplete, belong to no message of the client.
func raising(code string) ([]byte, error) {
	var frames []byte
	for _, m := range []pgproto3.FrontendMessage{
		&pgproto3.Parse{Query: fmt.Sprintf("DO $$ BEGIN RAISE 'injected' USING ERRCODE = '%s'; END $$", code)},
		&pgproto3.Bind{}, &pgproto3.Execute{},
	} {
		var err error
		if frames, err = m.Encode(frames); err != nil {
			return nil, fmt.Errorf("pgwire: raise an error: %w", err)
		}
	}
	return frames, nil
}

// lastWords returns the message that ends a session with an error.
func lastWords(code string) ([]byte, error) {
	frame, err := (&pgproto3.ErrorResponse{Severity: "FATAL", SeverityUnlocalized: "FATAL", Code: code, Message: "injected"}).Encode(nil)
	if err != nil {
		return nil, fmt.Errorf("pgwire: end a session with an error: %w", err)
	}
	return frame, nil
}

// An answers counts the answers of a server to prepared and bound statements, and finds those that answer what the proxy
// has added. Both directions of a connection use it, so the link guards it.
type answers struct {
	sent, seen, added [2]int // Parse and Bind: sent to the server, answered by it, and the number of the added one, or 0
}

// answerTo returns the index in answers of a client's message or of its answer, if it has one.
func answerTo(name string) (int, bool) {
	switch name {
	case "Parse", "ParseComplete":
		return 0, true
	case "Bind", "BindComplete":
		return 1, true
	}
	return 0, false
}

// forwarded counts a message that the server receives.
func (a *answers) forwarded(name string) {
	if i, counted := answerTo(name); counted {
		a.sent[i]++
	}
}

// add notes that the proxy adds a Parse and a Bind.
func (a *answers) add() {
	for i := range a.sent {
		a.sent[i]++
		a.added[i] = a.sent[i]
	}
}

// own reports whether a server's message answers what the proxy has added. A message that ends an exchange ends the
// count, because the server answers nothing that came after an error.
func (a *answers) own(name string) bool {
	if name == "ReadyForQuery" {
		a.added = [2]int{}
		return false
	}
	i, counted := answerTo(name)
	if !counted {
		return false
	}
	a.seen[i]++
	return a.seen[i] == a.added[i]
}
