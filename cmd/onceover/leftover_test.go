package main

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/faults/pgserver"
)

// TestDatabasesOfEndedRuns ends runs on somebody's server in both hard ways: by two Ctrl-C, after which nothing is left, and by
// a signal that nobody hears, after which 'onceover clean' drops what is left.
func TestDatabasesOfEndedRuns(t *testing.T) {
	s := pgserver.ForTest(t)
	connection, err := pgx.Connect(t.Context(), s.Database(t))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(t.Context()) //nolint:errcheck // nothing was written
	count := func() (databases int) {
		t.Helper()
		err := connection.QueryRow(t.Context(), "SELECT count(*) FROM pg_database WHERE starts_with(datname, $1)", pgserver.DatabasePrefix).Scan(&databases)
		if err != nil {
			t.Fatal(err)
		}
		return databases
	}
	before := count()
	begin := func() *exec.Cmd {
		t.Helper()
		command := exec.CommandContext(t.Context(), "onceover", "run", "--store", "postgres", "--database-url", s.URL(), "--seeds", "1000000000", "--parallel", "1")
		command.Dir, command.Stderr = t.TempDir(), os.Stderr
		stdout, err := command.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			if strings.HasPrefix(lines.Text(), "store: ") {
				break
			}
		}
		return command
	}
	until := func(what string, is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: there are %d databases, and %d before", what, count(), before)
			}
		}
	}

	twice := begin()
	until("a run", func() bool { return count() > before })
	for range 2 {
		if err := twice.Process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Fatal(err)
		}
	}
	if err := twice.Wait(); err == nil {
		t.Error("a run that was ended twice has passed")
	}
	if after := count(); after != before {
		t.Errorf("after two Ctrl-C there are %d databases, and %d before", after, before)
	}

	killed := begin()
	until("another run", func() bool { return count() > before })
	if err := killed.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = killed.Wait() // the signal
	until("cleaning", func() bool {
		printed, err := exec.CommandContext(t.Context(), "onceover", "clean", "--database-url", s.URL()).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, printed)
		}
		return count() == before
	})
}
