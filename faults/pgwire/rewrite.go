package pgwire

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgproto3"
)

// A Rewrite changes the text of statements (Query and Parse) on their way to the server. The client does not notice.
type Rewrite struct {
	pattern     *regexp.Regexp
	replacement string
	matches     atomic.Int64
}

// NewRewrite returns a rewrite that replaces all matches of a regular expression. The replacement may refer to its
// groups, as in [regexp.Regexp.ReplaceAllString]. The error is that of the expression.
func NewRewrite(pattern, replacement string) (*Rewrite, error) {
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("rewrite: %w", err)
	}
	return &Rewrite{pattern: compiled, replacement: replacement}, nil
}

// Matches returns how many statements it has changed.
func (r *Rewrite) Matches() int { return int(r.matches.Load()) }

// change returns the changed text of a statement.
func (r *Rewrite) change(sql string) string {
	if !r.pattern.MatchString(sql) {
		return sql
	}
	r.matches.Add(1)
	return r.pattern.ReplaceAllString(sql, r.replacement)
}

// rewrite applies all rewrites to a client's message, and returns the frame that the server gets.
func rewrite(rewrites []*Rewrite, name string, frame []byte) ([]byte, error) {
	apply := func(sql string) string {
		for _, r := range rewrites {
			sql = r.change(sql)
		}
		return sql
	}
	body := frame[headerBytes:]
	switch {
	case len(rewrites) == 0:
		return frame, nil
	case name == "Query":
		var m pgproto3.Query
		if err := m.Decode(body); err != nil {
			return nil, fmt.Errorf("rewrite a Query: %w", err)
		}
		changed := apply(m.String)
		if changed == m.String {
			return frame, nil
		}
		m.String = changed
		return m.Encode(nil)
	case name == "Parse":
		var m pgproto3.Parse
		if err := m.Decode(body); err != nil {
			return nil, fmt.Errorf("rewrite a Parse: %w", err)
		}
		changed := apply(m.Query)
		if changed == m.Query {
			return frame, nil
		}
		// A body is name, text and the types of parameters; what follows the text stays unchanged.
		tail := body[len(m.Name)+1+len(m.Query)+1:]
		encoded := append([]byte{'P', 0, 0, 0, 0}, m.Name...)
		encoded = append(append(append(append(encoded, 0), changed...), 0), tail...)
		binary.BigEndian.PutUint32(encoded[1:], uint32(len(encoded)-1))
		return encoded, nil
	default:
		return frame, nil
	}
}
