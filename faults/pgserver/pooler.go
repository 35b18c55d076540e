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

// A Pooler is a running PgBouncer that shares the connections to a server between its clients, in transaction mode: each
// transaction of a client may run on another connection to the server.
type Pooler struct {
	url       *url.URL // of the database by way of the pooler
	directory string
	settings  map[string]string
	account   *account // nil: that of this process
	reaper    *reaper
	process   *os.Process
	gone      chan struct{} // closed when the process has ended
}

// StartPooler starts a PgBouncer on a port of the loopback interface, in front of the server of a database URL and for
// the user of that URL. settings are added to the section pgbouncer of its configuration, such as default_pool_size; they
// override the ones that are set here. The caller must stop it. If PgBouncer is not installed or can't be started, the
// error wraps [ErrNoPooler].
func StartPooler(ctx context.Context, databaseURL string, settings map[string]string) (*Pooler, error) {
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
	for attempt := 1; ; attempt++ {
		p, err := runPooler(ctx, program, as, databaseURL, settings)
		if err == nil {
			return p, nil
		}
		if attempt == startAttempts || ctx.Err() != nil {
			return nil, fmt.Errorf("%w: %s", ErrNoPooler, oneLine(err))
		}
	}
}

// runPooler starts a pooler and waits until it answers.
func runPooler(ctx context.Context, program string, as *account, databaseURL string, settings map[string]string) (*Pooler, error) {
	ctx, cancel := context.WithTimeout(ctx, localTimeLimit)
	defer cancel()
	through, err := url.Parse(databaseURL)
	if err != nil {
		return nil, errors.New("the URL of the database cannot be parsed") // the cause would contain the password
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	through.Host = net.JoinHostPort(loopback, strconv.Itoa(port))
	query := through.Query()
	query.Del("host")
	query.Set("sslmode", "disable") // PgBouncer here has no certificate.
	through.RawQuery = query.Encode()
	directory, err := os.MkdirTemp("", "onceover-pgbouncer-")
	if err != nil {
		return nil, err
	}
	p := &Pooler{url: through, directory: directory, settings: settings, account: as}
	if p.reaper, err = startReaper(cleanPooler, directory); err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	err = p.configure(databaseURL)
	if err == nil {
		err = p.start(ctx, program)
	}
	if err == nil {
		_, err = waitReady(ctx, p.URL(), p.gone)
	}
	if err != nil {
		if last := lastLine(p.path("log")); last != "" {
			err = fmt.Errorf("%w; its last line of log: %s", err, last)
		}
		return nil, errors.Join(err, p.Stop(context.WithoutCancel(ctx)))
	}
	return p, nil
}

// URL returns the URL of the database by way of the pooler, password included.
func (p *Pooler) URL() string { return p.url.String() }

// path returns the path of one of the pooler's files.
func (p *Pooler) path(name string) string { return filepath.Join(p.directory, name) }

// configure writes the configuration, with the server of a URL behind the pooler.
func (p *Pooler) configure(databaseURL string) error {
	server, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return errors.New("the URL of the database cannot be parsed") // the cause would contain the password
	}
	settings := map[string]string{
		"listen_addr": loopback, "listen_port": p.url.Port(), "unix_socket_dir": "", "auth_type": "plain", "auth_file": p.path("users"),
		"admin_users": server.User, "pidfile": p.path("pid"), "pool_mode": "transaction", "max_client_conn": connectionsMax,
		// A server that was away is tried again at once.
		"server_login_retry": "0", "server_tls_sslmode": "prefer",
	}
	maps.Copy(settings, p.settings)
	lines := []string{"[databases]", fmt.Sprintf("* = host=%s port=%d", server.Host, server.Port), "[pgbouncer]"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		lines = append(lines, name+" = "+settings[name])
	}
	quote := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
	for name, content := range map[string]string{
		"configuration": strings.Join(lines, "\n") + "\n",
		"users":         quote(server.User) + " " + quote(server.Password) + "\n",
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

// PointTo makes the pooler connect to the server of another URL, as after a failover. Its clients stay connected: their
// next transactions run on the other server. User, password and database have to be the same.
func (p *Pooler) PointTo(ctx context.Context, databaseURL string) error {
	if err := p.configure(databaseURL); err != nil {
		return err
	}
	console := *p.url
	console.Path = "/pgbouncer"
	config, err := pgx.ParseConfig(console.String())
	if err != nil {
		return err
	}
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer connection.Close(ctx) //nolint:errcheck // The answer has arrived.
	_, err = connection.PgConn().Exec(ctx, "RELOAD").ReadAll()
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

// PoolerForTest starts a pooler in front of the server of a URL until the test ends. If PgBouncer can't be started, the
// test is skipped with the reason, or fails if the environment variable CI is "true".
func PoolerForTest(t testing.TB, databaseURL string, settings map[string]string) *Pooler {
	t.Helper()
	p, err := StartPooler(t.Context(), databaseURL, settings)
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
