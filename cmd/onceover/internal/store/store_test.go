package store

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onceover/onceover/engine/enginetest"
	"github.com/onceover/onceover/sim/certify"
	"github.com/onceover/onceover/sim/run"
	"github.com/onceover/onceover/sim/world"
)

// newWorld returns a world on the model.
func newWorld() run.World { return world.New() }

// errAway is what a memory that is out of reach returns.
var errAway = errors.New("the memory is away")

// A memory is a server with stores in memory.
type memory struct {
	away             bool // every store is out of reach
	stopped, removed int
	openErr, stopErr error
}

// server returns the server.
func (m *memory) server() *Server {
	return &Server{
		Source: "memory", Text: "stores in memory",
		Open: func(context.Context) (world.Stores, func(context.Context) error, error) {
			if m.openErr != nil {
				return nil, nil, m.openErr
			}
			rows, journal := enginetest.NewReviews(), enginetest.NewJournal()
			ports := &certify.Ports{
				Reviews: rows,
				Journal: journal,
				Clear: func(context.Context) error {
					if m.away {
						return errAway
					}
					rows.Reset()
					journal.Reset()
					return nil
				},
				Outage: func(err error) bool { return errors.Is(err, errAway) },
			}
			return ports, func(context.Context) error { m.removed++; return nil }, nil
		},
		Stop: func(context.Context) error { m.stopped++; return m.stopErr },
	}
}

// use runs one seed on a memory by Use, and returns what use saw, and the warnings.
func use(t *testing.T, m *memory, then error) (seen *Store, result run.Result, warned []string, err error) {
	t.Helper()
	find := func(context.Context) (*Server, error) { return m.server(), nil }
	warn := func(err error) { warned = append(warned, err.Error()) }
	err = Use(t.Context(), find, warn, func(ctx context.Context, s *Store) error {
		seen = s
		w := s.NewWorld()
		result = w.Run(run.Spec{Seed: 7, Profile: "default"})
		w.Close()
		return then
	})
	return seen, result, warned, err
}

func TestModel(t *testing.T) {
	s := Model(newWorld)
	if s.Server() != "" || s.Flags() != "" || s.Lost() != nil || s.Describe().Name != ModelName || Tally(s.Describe()) != "" {
		t.Errorf("the model is %+v, %q, %q", s.Describe(), s.Server(), s.Flags())
	}
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	w := s.NewWorld()
	defer w.Close()
	if result := w.Run(run.Spec{Seed: 1, Profile: "calm"}); result.Verdict != run.Pass {
		t.Errorf("seed 1 on the model: %+v", result)
	}
}

func TestUse(t *testing.T) {
	m := &memory{}
	s, result, warned, err := use(t, m, nil)
	if err != nil || warned != nil {
		t.Errorf("error %v, warnings %q", err, warned)
	}
	if result.Verdict != run.Pass || s.Lost() != nil || s.Flags() != " --store postgres" || s.Server() != "stores in memory" {
		t.Errorf("seed 7 came to %+v, on %q with %q", result, s.Server(), s.Flags())
	}
	d := s.Describe()
	if d.Name != PostgresName || d.Found != "memory" || *d.Runs != 1 || *d.Equal != 1 {
		t.Errorf("described as %+v", d)
	}
	if got := Tally(d); got != "1 run as on the model: every answer, all that was stored in the end, and the trace hash" {
		t.Errorf("tally %q", got)
	}
	*d.Equal = 0
	if got := Tally(d); got != "0 of 1 run as on the model" {
		t.Errorf("tally %q", got)
	}
	if m.stopped != 1 || m.removed == 0 {
		t.Errorf("the server was stopped %d times, and stores removed %d times", m.stopped, m.removed)
	}
}

func TestUseReportsErrors(t *testing.T) {
	wrong := errors.New("made up")
	for _, test := range []struct {
		name    string
		memory  memory
		then    error
		want    error
		warning string
	}{
		{"of the command", memory{}, wrong, wrong, ""},
		{"of opening", memory{openErr: wrong}, nil, wrong, ""},
		{"of clearing up", memory{stopErr: wrong}, nil, nil, "clearing up: made up"},
	} {
		_, _, warned, err := use(t, &test.memory, test.then)
		if !errors.Is(err, test.want) || strings.Join(warned, ", ") != test.warning || test.memory.stopped != 1 {
			t.Errorf("error %s: %v, warnings %q, stopped %d times", test.name, err, warned, test.memory.stopped)
		}
	}
	find := func(context.Context) (*Server, error) { return nil, wrong }
	err := Use(t.Context(), find, func(error) { t.Error("there is nothing to clear up") }, func(context.Context, *Store) error {
		t.Error("there is nothing to use")
		return nil
	})
	if !errors.Is(err, wrong) {
		t.Errorf("error of finding: %v", err)
	}
}

// A server that is lost ends the context, and nothing is removed from it.
func TestUseOfALostServer(t *testing.T) {
	m := &memory{}
	wrong := errors.New("made up")
	var lost *LostError
	find := func(context.Context) (*Server, error) { return m.server(), nil }
	err := Use(t.Context(), find, func(err error) { t.Errorf("warned of %v", err) }, func(ctx context.Context, s *Store) error {
		m.away = true
		w := s.NewWorld()
		result := w.Run(run.Spec{Seed: 7, Profile: "default"})
		w.Close()
		if result.Verdict != run.Unknown || s.Lost() == nil {
			t.Errorf("seed 7 came to %+v, and the server is lost: %v", result, s.Lost())
		}
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Second):
			t.Error("the context goes on")
		}
		return wrong
	})
	if !errors.As(err, &lost) || !errors.Is(lost.Err, wrong) || !errors.Is(err, errAway) || !strings.Contains(err.Error(), "the server is lost") {
		t.Errorf("error %v", err)
	}
	if m.removed != 0 || m.stopped != 1 {
		t.Errorf("removed %d times, stopped %d times", m.removed, m.stopped)
	}
}

// What a command has made is removed also after Ctrl-C.
func TestCleanUpAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := CleanUp(ctx, func(ctx context.Context) error {
		if _, limited := ctx.Deadline(); ctx.Err() != nil || !limited {
			t.Errorf("the context is over (%v), or has no limit", ctx.Err())
		}
		return errAway
	})
	if err == nil || err.Error() != "clearing up: the memory is away" {
		t.Errorf("error %v", err)
	}
}
