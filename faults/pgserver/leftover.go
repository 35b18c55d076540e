package pgserver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// An owner is what makes databases on somebody else's server recognisable while their process lives: their names contain its
// identifier, and a session of the process holds an advisory lock of it. When the process is killed, the lock goes with the
// session, so that what is left is seen to be left over.
type owner struct {
	mu      sync.Mutex
	id      string
	session *pgx.Conn
	created []string // databases that were not dropped yet
}

// ownedName is the form of names of databases with an owner.
var ownedName = regexp.MustCompile(`^` + DatabasePrefix + `([a-z2-7]{12})_[a-z2-7]{26}$`)

// objectInUse is the SQLSTATE of a database that somebody is connected to.
const objectInUse = "55006"

// lockKey returns the key of the advisory lock of an owner.
func lockKey(id string) int64 {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(DatabasePrefix + id)) // never fails
	return int64(hash.Sum64())
}

// own returns a name for a new database, once the lock of this process is held.
func (s *Server) own(ctx context.Context) (name string, err error) {
	o := &s.owner
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.id == "" {
		o.id = strings.ToLower(rand.Text())[:12]
	}
	if o.session != nil && o.session.Ping(ctx) != nil {
		o.session = nil // the server was restarted
	}
	if o.session == nil {
		session, err := pgx.Connect(ctx, s.url)
		if err != nil {
			return "", err
		}
		if _, err := session.Exec(ctx, "SELECT pg_advisory_lock($1)", lockKey(o.id)); err != nil {
			return "", errors.Join(err, session.Close(ctx))
		}
		o.session = session
	}
	name = DatabasePrefix + o.id + "_" + strings.ToLower(rand.Text())
	o.created = append(o.created, name)
	return name, nil
}

// disown forgets a database that was dropped.
func (s *Server) disown(name string) {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	s.owner.created = slices.DeleteFunc(s.owner.created, func(other string) bool { return other == name })
}

// DropCreated drops all databases that this process has created on the server and not dropped yet. It is for a process that
// has to end now.
func (s *Server) DropCreated(ctx context.Context) error {
	s.owner.mu.Lock()
	names := slices.Clone(s.owner.created)
	s.owner.mu.Unlock()
	var failed error
	for _, name := range names {
		failed = errors.Join(failed, s.drop(ctx, name))
	}
	return failed
}

// DropLeftOver drops the databases that processes which were killed have left behind on the server, and returns their names.
// It drops none of which the owner lives, none that somebody is connected to, and none of another user.
func (s *Server) DropLeftOver(ctx context.Context) (dropped []string, err error) {
	connection, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return nil, err
	}
	defer connection.Close(ctx) //nolint:errcheck // The answers have arrived.
	rows, err := connection.Query(ctx, `
		SELECT datname FROM pg_database
		WHERE starts_with(datname, $1) AND pg_has_role(datdba, 'USAGE')
		AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = pg_database.oid)
		ORDER BY datname`, DatabasePrefix)
	if err != nil {
		return nil, err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		of := ownedName.FindStringSubmatch(name)
		if of == nil {
			continue // somebody else's
		}
		lives, err := ownerLives(ctx, connection, of[1])
		if err != nil {
			return dropped, err
		}
		if lives {
			continue
		}
		// Without FORCE: it fails if somebody has connected by now.
		_, err = connection.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize())
		var refused *pgconn.PgError
		switch {
		case err == nil:
			dropped = append(dropped, name)
		case errors.As(err, &refused) && refused.Code == objectInUse:
		default:
			return dropped, fmt.Errorf("drop database %s, which is left over: %w", name, err)
		}
	}
	return dropped, nil
}

// ownerLives reports whether a session holds the lock of an owner. Locks are listed for all databases of a server, whichever
// of them the owner is connected to.
func ownerLives(ctx context.Context, connection *pgx.Conn, id string) (lives bool, err error) {
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(lockKey(id)))
	err = connection.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND objsubid = 1)`,
		binary.BigEndian.Uint32(key[:4]), binary.BigEndian.Uint32(key[4:])).Scan(&lives)
	return lives, err
}

// closeOwner gives the lock of this process up.
func (s *Server) closeOwner(ctx context.Context) error {
	s.owner.mu.Lock()
	defer s.owner.mu.Unlock()
	if s.owner.session == nil {
		return nil
	}
	session := s.owner.session
	s.owner.session = nil
	return session.Close(ctx)
}

// abandon closes the session without a word to the server, which may not answer any more.
func (o *owner) abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.session == nil {
		return
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	_ = o.session.Close(now) // closes the socket
	o.session = nil
}
