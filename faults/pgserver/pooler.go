package pgserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// debianPoolerPath is where Debian and its derivatives install PgBouncer, which is not in the PATH of every user.
const debianPoolerPath = "/usr/sbin/pgbouncer"

// ErrNoPooler reports that PgBouncer can't be started here. The error that wraps it is one line.
var ErrNoPooler = errors.New("no PgBouncer")

// cleanPooler is the reaper's script for a directory $1 with the files of a pooler.
const cleanPooler = `
pid=
if [ -f "$1/pid" ]; then read -r pid <"$1/pid"; fi
if [ -n "$pid" ]; then kill -CONT "$pid" 2>/dev/null; kill -KILL "$pid" 2>/dev/null; fi
rm -rf "$1"
`

// A Pooler is a running PgBouncer that shares the connections of a [Server] between its clients, in transaction mode:
// each transaction of a client may run on another connection to the server.
type Pooler struct {
	directory string
	port      int
	settings  map[string]string
	account   *account // nil: that of this process
	reaper    *reaper
	process   *os.Process
	gone      chan struct{} // closed when the process has ended
	user      string
	password  string
}

// StartPooler starts a PgBouncer on a port of the loopback interface, for all databases of the server and the user of
// its URL. settings are added to the section pgbouncer of its configuration, such as default_pool_size; they override
// the ones that are set here. The caller must stop it. If PgBouncer is not installed or can't be started, the error
// wraps [ErrNoPooler].
func (s *Server) StartPooler(ctx context.Context, settings map[string]string) (*Pooler, error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = debianPoolerPath
	}
	if !executable(program) {
		return nil, fmt.Errorf("%w: the program is neither in PATH nor %s; install the package pgbouncer", ErrNoPooler, debianPoolerPath)
	}
	// PgBouncer refuses to run as root.
	as, err := unprivileged()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNoPooler, program, err)
	}
	target, err := pgx.ParseConfig(s.url)
	if err != nil {
		return nil, errors.New("start PgBouncer: the server's URL cannot be parsed") // the cause would contain the password
	}
	for attempt := 1; ; attempt++ {
		p, err := runPooler(ctx, program, as, target, settings)
		if err == nil {
			return p, nil
		}
		if attempt == startAttempts || ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %s", ErrNoPooler, oneLine(err))
		}
	}
}

// runPooler starts a pooler and waits until it answers.
func runPooler(ctx context.Context, program string, as *account, target *pgx.ConnConfig, settings map[string]string) (*Pooler, error) {
	ctx, cancel := context.WithTimeout(ctx, localTimeLimit)
	defer cancel()
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	directory, err := os.MkdirTemp("", "onceover-pgbouncer-")
	if err != nil {
		return nil, err
	}
	p := &Pooler{directory: directory, port: port, settings: settings, account: as, user: target.User, password: target.Password}
	if p.reaper, err = startReaper(cleanPooler, directory); err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	err = p.configure(target.Host, target.Port)
	if err == nil {
		err = p.start(ctx, program)
	}
	if err == nil {
		_, err = waitReady(ctx, p.address(&url.URL{Scheme: "postgres", Path: "/" + target.Database}), p.gone)
	}
	if err != nil {
		if last := lastLine(p.path("log")); last != "" {
			err = fmt.Errorf("%w; its last line of log: %s", err, last)
		}
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// path returns the path of one of the pooler's files.
func (p *Pooler) path(name string) string { return filepath.Join(p.directory, name) }

// configure writes the configuration, with the server at an address behind the pooler.
func (p *Pooler) configure(host string, port uint16) error {
	settings := map[string]string{
		"listen_addr": loopback, "listen_port": strconv.Itoa(p.port), "unix_socket_dir": "",
		"auth_type": "plain", "auth_file": p.path("users"), "pidfile": p.path("pid"),
		"pool_mode": "transaction", "max_client_conn": connectionsMax,
		// A server that was away is tried again at once.
		"server_login_retry": "0", "server_tls_sslmode": "prefer",
	}
	maps.Copy(settings, p.settings)
	lines := []string{"[databases]", fmt.Sprintf("* = host=%s port=%d", host, port), "[pgbouncer]"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		lines = append(lines, name+" = "+settings[name])
	}
	quote := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	for name, content := range map[string]string{
		"configuration": strings.Join(lines, "\n") + "\n",
		"users":         quote(p.user) + " " + quote(p.password) + "\n",
	} {
		if err := os.WriteFile(p.path(name), []byte(content), 0o600); err != nil {
			return err
		}
		if err := p.account.own(p.path(name)); err != nil {
			return err
		}
	}
	return p.account.own(p.directory)
}

// start starts the process.
func (p *Pooler) start(ctx context.Context, program string) error {
	log, err := os.OpenFile(p.path("log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // The pooler has its own handle.
	// The pooler outlives the context of its start.
	command := exec.CommandContext(context.WithoutCancel(ctx), program, p.path("configuration"))
	command.Dir, command.Stdout, command.Stderr = p.directory, log, log
	detach(command)
	p.account.run(command)
	if err := command.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	p.process, p.gone = command.Process, gone
	go func() {
		defer close(gone)
		_ = command.Wait() // It is meant to be killed, so how it ended does not matter.
	}()
	return nil
}

// URL returns the URL of a database of the server by way of the pooler, password included.
func (p *Pooler) URL(database string) (string, error) {
	parsed, err := url.Parse(database)
	if err != nil {
		return "", errors.New("the URL of the database cannot be parsed") // the cause would contain the password
	}
	return p.address(parsed), nil
}

// address returns a URL with the pooler in place of its server.
func (p *Pooler) address(database *url.URL) string {
	through := *database
	through.User = url.UserPassword(p.user, p.password)
	through.Host = net.JoinHostPort(loopback, strconv.Itoa(p.port))
	query := through.Query()
	query.Del("host")
	query.Set("sslmode", "disable") // PgBouncer here has no certificate.
	through.RawQuery = query.Encode()
	return through.String()
}

// PointTo makes the pooler connect to another server, as after a failover. Its clients stay connected: their next
// transactions run on the other server, which must have the same user and password.
func (p *Pooler) PointTo(ctx context.Context, s *Server) error {
	target, err := pgx.ParseConfig(s.url)
	if err != nil {
		return errors.New("the server's URL cannot be parsed") // the cause would contain the password
	}
	if err := p.configure(target.Host, target.Port); err != nil {
		return err
	}
	return p.command(ctx, "RELOAD")
}

// command runs a command of the pooler's console.
func (p *Pooler) command(ctx context.Context, command string) error {
	config, err := pgx.ParseConfig(p.address(&url.URL{Scheme: "postgres", Path: "/pgbouncer"}))
	if err != nil {
		return err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer connection.Close(ctx) //nolint:errcheck // The answer has arrived.
	_, err = connection.PgConn().Exec(ctx, command).ReadAll()
	return err
}

// Stop ends the pooler and removes its files.
func (p *Pooler) Stop(ctx context.Context) error {
	var err error
	if p.process != nil {
		err = signalGone(p.process.Kill())
	}
	return errors.Join(err, p.reaper.finish(ctx))
}

// signalGone returns nil for the error of a signal to a process that has ended.
func signalGone(err error) error {
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// PoolerForTest starts a pooler in front of a server until the test ends. If PgBouncer can't be started, the test is
// skipped with the reason, or fails if the environment variable CI is "true".
func PoolerForTest(t testing.TB, s *Server, settings map[string]string) *Pooler {
	t.Helper()
	p, err := s.StartPooler(t.Context(), settings)
	switch {
	case errors.Is(err, ErrNoPooler) && os.Getenv("CI") != "true":
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), dropTimeLimit)
		defer cancel()
		if err := p.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return p
}

// Through returns the URL of a database of the server by way of the pooler, for a test.
func (p *Pooler) Through(t testing.TB, database string) string {
	t.Helper()
	through, err := p.URL(database)
	if err != nil {
		t.Fatal(err)
	}
	return through
}
