package pgserver

import (
	"bufio"
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// each runs a test with a server of each source that this machine has; where nothing may be skipped, at least one.
func each(t *testing.T, run func(t *testing.T, s *Server)) {
	ran := false
	defer func() {
		if !ran && os.Getenv("CI") == "true" {
			t.Error("neither Docker nor local binaries: no server was tested")
		}
	}()
	for _, source := range []Source{Docker, Local} {
		t.Run(string(source), func(t *testing.T) {
			s, err := Find(t.Context(), Only(source))
			if errors.Is(err, ErrNone) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Stop(context.Background()); err != nil {
					t.Error(err)
				}
			})
			t.Log(s)
			ran = true
			run(t, s)
		})
	}
}

// connect opens a connection that is closed when the test ends.
func connect(t *testing.T, address string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return connection
}

// insert adds the next row; the second insert of a number does nothing, so that it can be repeated when its outcome is
// not known.
func insert(ctx context.Context, connection *pgx.Conn, number int) error {
	_, err := connection.Exec(ctx, "INSERT INTO work VALUES ($1) ON CONFLICT DO NOTHING", number)
	return err
}

// TestSteering kills, restarts and pauses a server in the middle of a small workload: what was acknowledged stays.
func TestSteering(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		address := s.Database(t)
		connection := connect(t, address)
		if _, err := connection.Exec(t.Context(), "CREATE TABLE work (number int PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		for number := range 100 {
			if err := insert(t.Context(), connection, number); err != nil {
				t.Fatal(err)
			}
			var err error
			switch number {
			case 20:
				err = s.Kill(t.Context())
			case 40:
				err = s.Restart(t.Context())
			case 60:
				err = s.Pause(t.Context())
			default:
				continue
			}
			if err != nil {
				t.Fatalf("after %d: %v", number, err)
			}
			brief, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			err = insert(brief, connection, number+1)
			cancel()
			var reported *pgconn.PgError
			if err == nil || number == 60 && !errors.Is(err, context.DeadlineExceeded) || errors.As(err, &reported) && reported.Code != "57P01" {
				t.Fatalf("after %d: the insert answered %v", number, err)
			}
			switch number {
			case 20:
				if _, err := pgx.Connect(t.Context(), address); err == nil {
					t.Fatal("a killed server took a connection")
				}
				if err := s.Pause(t.Context()); err == nil {
					t.Fatal("a killed server was paused")
				}
				if err := errors.Join(s.Kill(t.Context()), s.Restart(t.Context())); err != nil {
					t.Fatal(err)
				}
			case 60:
				if err := errors.Join(s.Pause(t.Context()), s.Resume(t.Context()), s.Resume(t.Context())); err != nil {
					t.Fatal(err)
				}
			}
			connection = connect(t, address)
		}
		var rows int
		if err := connection.QueryRow(t.Context(), "SELECT count(*) FROM work").Scan(&rows); err != nil || rows != 100 {
			t.Errorf("%d rows, %v; want 100", rows, err)
		}
	})
}

// TestKillWhilePaused kills and stops paused servers.
func TestKillWhilePaused(t *testing.T) {
	each(t, func(t *testing.T, s *Server) {
		for _, step := range []func(context.Context) error{s.Pause, s.Kill, s.Restart, s.Pause, s.Restart, s.Pause} {
			if err := step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Stop(t.Context()); err != nil {
			t.Errorf("stopped again: %v", err)
		}
		if err := s.Restart(t.Context()); err == nil {
			t.Error("a stopped server was restarted")
		}
		if _, err := pgx.Connect(t.Context(), s.URL()); err == nil {
			t.Error("a stopped server took a connection")
		}
		if l, isLocal := s.control.(*localServer); isLocal {
			if _, err := os.Stat(l.directory); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("its directory: %v", err)
			}
		}
	})
}

// TestByURL uses a server of another source as if it belonged to somebody else.
func TestByURL(t *testing.T) {
	other := ForTest(t)
	t.Setenv(DatabaseURLVariable, other.URL())
	s, err := Find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Source() != URL || strings.Contains(s.String(), "://onceover:") && !strings.Contains(s.String(), "xxxxx") {
		t.Errorf("found %s", s)
	}
	for name, operation := range map[string]func(context.Context) error{
		"kill": s.Kill, "restart": s.Restart, "pause": s.Pause, "resume": s.Resume,
	} {
		err := operation(t.Context())
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) || unsupported.Operation != name || !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	connection := connect(t, s.Database(t))
	var tables int
	if err := connection.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").Scan(&tables); err != nil || tables != 0 {
		t.Errorf("a fresh database has %d tables, %v", tables, err)
	}
	if err := s.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	connect(t, other.URL()) // It still runs.

	// A user who may not create databases gets an error at once.
	if _, err := connection.Exec(t.Context(), "CREATE ROLE poor LOGIN PASSWORD 'little'"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.execute(context.Background(), "DROP ROLE poor"); err != nil {
			t.Error(err)
		}
	})
	for _, test := range []struct{ password, want string }{
		{"little", "may not create databases; ALTER ROLE"},
		{"none", "password authentication failed"},
	} {
		poor, err := url.Parse(other.URL())
		if err != nil {
			t.Fatal(err)
		}
		poor.User = url.UserPassword("poor", test.password)
		t.Setenv(DatabaseURLVariable, poor.String())
		if _, err := Find(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v; want %q", test.password, err, test.want)
		}
	}
}

// TestImageThatCannotBePulled goes on with the next source, and keeps the reason.
func TestImageThatCannotBePulled(t *testing.T) {
	if _, err := dockerProvider(); err != nil {
		t.Skipf("Docker is not running: %v", err)
	}
	t.Setenv(ImageVariable, "127.0.0.1:1/no/such/image:1")
	_, err := Find(t.Context(), Only(Docker))
	if !errors.Is(err, ErrNone) || !strings.Contains(err.Error(), "127.0.0.1:1/no/such/image:1: cannot be pulled") {
		t.Errorf("got %v", err)
	}
}

// childVariable makes a test run as the child process of itself.
const childVariable = "ONCEOVER_TEST_CHILD"

// TestNothingIsLeftOver kills a process that has started a server, and waits until the server is gone.
func TestNothingIsLeftOver(t *testing.T) {
	if source := os.Getenv(childVariable); source != "" {
		s, err := Find(t.Context(), Only(Source(source)))
		if err != nil {
			t.Fatal(err)
		}
		place := ""
		switch e := s.control.(type) {
		case *localServer:
			place = e.directory
		case *dockerServer:
			place = e.name
		}
		os.Stdout.WriteString("\nchild " + s.URL() + " " + place + "\n") //nolint:errcheck // The parent waits for it.
		<-t.Context().Done()
		return
	}
	each(t, func(t *testing.T, s *Server) {
		source := s.Source()
		command := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNothingIsLeftOver$")
		command.Env = append(os.Environ(), childVariable+"="+string(source))
		output, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		var address, place string
		for lines := bufio.NewScanner(output); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "child" {
				address, place = fields[1], fields[2]
				break
			}
		}
		if address == "" {
			t.Fatal("the child found no server")
		}
		if err := connect(t, address).Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = command.Wait() // It was killed.
		gone := func() bool {
			if source == Docker {
				return exec.CommandContext(t.Context(), "docker", "inspect", place).Run() != nil
			}
			_, err := os.Stat(filepath.Clean(place))
			return errors.Is(err, os.ErrNotExist)
		}
		for !gone() {
			if t.Context().Err() != nil {
				t.Fatal(t.Context().Err())
			}
		}
		if connection, err := pgx.Connect(t.Context(), address); err == nil {
			_ = connection.Close(t.Context())
			t.Error("the server is still there")
		}
	})
}
