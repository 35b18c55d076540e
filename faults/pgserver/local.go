package pgserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// localTimeLimit bounds the creation of a data directory and the start of its server.
	localTimeLimit = 60 * time.Second
	// connectionsMax is the limit of a server that is started here: enough for several pools of several tests at once.
	connectionsMax = "200"
	// sharedMemory is a file system in memory, if there is one.
	sharedMemory = "/dev/shm"
	// sharedMemoryBytesLeast is the space that a data directory may need. In containers it often has 64 MB.
	sharedMemoryBytesLeast = 1 << 30
	// socketPathBytesMax is the length of a socket's path that every Unix allows, without the terminating zero.
	socketPathBytesMax = 103
)

// clean is the reaper's script for a directory $1, in which data is the data directory: it ends the server, then
// removes all files. An initdb that still runs may create files meanwhile, so the removal is repeated.
const clean = `
pid=
if [ -f "$1/data/postmaster.pid" ]; then read -r pid <"$1/data/postmaster.pid"; fi
if [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null; then
	kill -CONT "$pid" 2>/dev/null
	n=0
	while kill -0 "$pid" 2>/dev/null && [ "$n" -lt 100 ]; do n=$((n + 1)); sleep 0.1; done
	kill -KILL "$pid" 2>/dev/null
fi
n=0
until rm -rf "$1" 2>/dev/null && [ ! -e "$1" ]; do
	n=$((n + 1))
	if [ "$n" -gt 50 ]; then exit 1; fi
	sleep 0.1
done
`

// localServer is a server that this process has started from installed binaries.
type localServer struct {
	programs  binaries
	directory string // holds data, log, a socket and nothing else
	port      int
	durable   bool
	account   *account // nil: that of this process
	reaper    *reaper

	process *os.Process
	gone    chan struct{} // closed when the process has ended
}

// startLocal starts a server from installed binaries. Every failure is a reason to try the next source.
func startLocal(ctx context.Context, durable bool) (*Server, error) {
	programs, err := findBinaries(ctx)
	if err != nil {
		return nil, absentf("%w", err)
	}
	// Postgres refuses to run as root.
	as, err := unprivileged()
	if err != nil {
		return nil, absentf("%s: %w", programs.postgres, err)
	}
	for attempt := 1; ; attempt++ {
		s, err := runLocal(ctx, programs, as, durable)
		if err == nil {
			return s, nil
		}
		if attempt == startAttempts || ctx.Err() != nil {
			return nil, absentf("%s: %w", programs.postgres, err)
		}
	}
}

// runLocal creates a data directory, starts a server on it and waits until it answers.
func runLocal(ctx context.Context, programs binaries, as *account, durable bool) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, localTimeLimit)
	defer cancel()
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	directory, err := os.MkdirTemp(parentDirectory(durable), "onceover-postgres-")
	if err != nil {
		return nil, err
	}
	l := &localServer{programs: programs, directory: directory, port: port, durable: durable, account: as}
	if l.reaper, err = startReaper(clean, directory); err != nil {
		return nil, errors.Join(err, os.RemoveAll(directory))
	}
	password := rand.Text()
	version := ""
	address := (&url.URL{
		Scheme: "postgres", User: url.UserPassword(serverUser, password),
		Host: net.JoinHostPort(loopback, strconv.Itoa(port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}).String()
	err = l.initialise(ctx, password)
	if err == nil {
		err = l.start(ctx)
	}
	if err == nil {
		version, err = waitReady(ctx, address, l.gone)
	}
	if err != nil {
		if last := lastLine(l.logPath()); last != "" {
			err = fmt.Errorf("%w; its last line of log: %s", err, last)
		}
		return nil, errors.Join(err, l.stop(context.WithoutCancel(ctx)))
	}
	return &Server{
		source: Local, url: address, sockets: l.socketDirectory(), version: version,
		detail: fmt.Sprintf("%s on port %d", programs.postgres, port), control: l,
	}, nil
}

// parentDirectory returns where data directories are created: in memory if there is space, unless the data must reach a
// disk.
func parentDirectory(durable bool) string {
	if !durable && freeBytes(sharedMemory) >= sharedMemoryBytesLeast {
		return sharedMemory
	}
	return os.TempDir()
}

// logPath is the file of the server's log.
func (l *localServer) logPath() string { return filepath.Join(l.directory, "log") }

// dataPath is the data directory.
func (l *localServer) dataPath() string { return filepath.Join(l.directory, "data") }

// socketPath is the file of the server's socket. Statements over it take less time than over TCP.
func (l *localServer) socketPath() string {
	return filepath.Join(l.directory, ".s.PGSQL."+strconv.Itoa(l.port))
}

// socketDirectory is where the server creates its socket. If the path would be too long, it is empty, and there is only
// TCP.
func (l *localServer) socketDirectory() string {
	if len(l.socketPath()) > socketPathBytesMax {
		return ""
	}
	return l.directory
}

// initialise creates the data directory of a server with one user.
func (l *localServer) initialise(ctx context.Context, password string) error {
	passwordPath := filepath.Join(l.directory, "password")
	if err := os.WriteFile(passwordPath, []byte(password+"\n"), 0o600); err != nil {
		return err
	}
	if err := l.account.own(l.directory, passwordPath); err != nil {
		return err
	}
	command := exec.CommandContext(ctx, l.programs.initdb, "--pgdata", l.dataPath(), "--username", serverUser, "--pwfile", passwordPath,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	command.Dir = l.directory
	detach(command)
	l.account.run(command)
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(output))
	}
	return os.Remove(passwordPath)
}

// start implements [control].
func (l *localServer) start(ctx context.Context) error {
	file, err := os.OpenFile(l.logPath(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // The server has its own handle.
	arguments := []string{
		"-D", l.dataPath(), "-p", strconv.Itoa(l.port), "-h", loopback, "-N", connectionsMax,
		"-c", "unix_socket_directories=" + l.socketDirectory(),
	}
	if !l.durable {
		// Tables live for seconds. When autovacuum analyses one, every connection plans its statements again.
		arguments = append(arguments, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "autovacuum=off")
	}
	// The server outlives the context of its start.
	command := exec.CommandContext(context.WithoutCancel(ctx), l.programs.postgres, arguments...)
	command.Dir, command.Stdout, command.Stderr = l.directory, file, file
	detach(command)
	l.account.run(command)
	if err := command.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	l.process, l.gone = command.Process, gone
	go func() {
		defer close(gone)
		_ = command.Wait() // The server is meant to be killed, so how it ended does not matter.
	}()
	return nil
}

// kill implements [control]. The postmaster is suspended first, so that it starts no more children.
func (l *localServer) kill(ctx context.Context) error {
	if err := suspend(l.process.Pid); err != nil {
		return err
	}
	children, err := childrenOf(ctx, l.process.Pid)
	if err != nil {
		return err
	}
	if err := errors.Join(l.process.Kill(), endAll(children)); err != nil {
		return err
	}
	select {
	case <-l.gone:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if err := waitGone(ctx, children); err != nil {
		return err
	}
	// Another process may soon have the same number, and must not be mistaken for the server.
	if err := os.Remove(l.socketPath() + ".lock"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Remove(filepath.Join(l.dataPath(), "postmaster.pid"))
}

// pause implements [control].
func (l *localServer) pause(ctx context.Context) error {
	if err := suspend(l.process.Pid); err != nil {
		return err
	}
	children, err := childrenOf(ctx, l.process.Pid)
	if err != nil {
		return err
	}
	for _, child := range children {
		err = errors.Join(err, suspend(child))
	}
	return err
}

// resume implements [control].
func (l *localServer) resume(ctx context.Context) error {
	children, err := childrenOf(ctx, l.process.Pid)
	for _, child := range append(children, l.process.Pid) {
		err = errors.Join(err, proceed(child))
	}
	return err
}

// stop implements [control].
func (l *localServer) stop(ctx context.Context) error {
	if err := l.reaper.finish(ctx); err != nil {
		return fmt.Errorf("clean up %s: %w", l.directory, err)
	}
	return nil
}

// lastLine returns the last line of a file, or "" if it can't be read.
func lastLine(path string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return lines[len(lines)-1]
}
