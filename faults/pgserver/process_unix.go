//go:build unix

package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// An account is the user of a server, if that is not the user of this process.
type account struct{ uid, gid int }

// unprivileged returns the account for a server. It is nil unless this process runs as root.
func unprivileged() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // Without an error, nil is the account of this process.
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.Atoi(found.Uid)
		gid, gidErr := strconv.Atoi(found.Gid)
		if uidErr == nil && gidErr == nil {
			return &account{uid: uid, gid: gid}, nil
		}
	}
	return nil, errors.New("it refuses to run as root, and there is no user postgres or nobody; run as another user or add one")
}

// own makes the account the owner of files.
func (a *account) own(paths ...string) error {
	if a == nil {
		return nil
	}
	for _, path := range paths {
		if err := os.Chown(path, a.uid, a.gid); err != nil {
			return err
		}
	}
	return nil
}

// run makes a command run as the account.
func (a *account) run(command *exec.Cmd) {
	if a != nil {
		command.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
}

// detach keeps the signals of the terminal from a command: Ctrl-C ends a test, not its server.
func detach(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// suspend stops a process until [proceed]. If it has ended already, that is no error.
func suspend(pid int) error { return signal(pid, syscall.SIGSTOP) }

// proceed continues a suspended process. If it has ended already, that is no error.
func proceed(pid int) error { return signal(pid, syscall.SIGCONT) }

// endAll kills processes.
func endAll(pids []int) error {
	var err error
	for _, pid := range pids {
		err = errors.Join(err, signal(pid, syscall.SIGKILL))
	}
	return err
}

// signal sends a signal to a process. If it has ended already, that is no error.
func signal(pid int, number syscall.Signal) error {
	if err := syscall.Kill(pid, number); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("signal %s to process %d: %w", number, pid, err)
	}
	return nil
}

// A processEntry is one line of the table of processes.
type processEntry struct {
	pid, parent int
	zombie      bool
}

// childrenOf returns the processes whose parent is pid.
func childrenOf(ctx context.Context, pid int) ([]int, error) {
	entries, err := processes(ctx)
	var children []int
	for _, entry := range entries {
		if entry.parent == pid && !entry.zombie {
			children = append(children, entry.pid)
		}
	}
	return children, err
}

// waitGone waits until killed processes are gone, or are zombies.
func waitGone(ctx context.Context, pids []int) error {
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		entries, err := processes(ctx)
		if err != nil {
			return err
		}
		alive := make(map[int]bool, len(entries))
		for _, entry := range entries {
			alive[entry.pid] = !entry.zombie
		}
		left := false
		for _, pid := range pids {
			left = left || alive[pid]
		}
		if !left {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("killed processes of the server are still there: %w", context.Cause(ctx))
		}
	}
}

// processes returns the table of processes, from /proc on Linux, else from ps.
func processes(ctx context.Context) ([]processEntry, error) {
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		return processesOfProc()
	}
	output, err := exec.CommandContext(ctx, "ps", "-A", "-o", "pid=,ppid=,stat=").Output()
	if err != nil {
		return nil, fmt.Errorf("list processes: %w", err)
	}
	var entries []processEntry
	for line := range strings.Lines(string(output)) {
		entries = appendEntry(entries, strings.Fields(line))
	}
	return entries, nil
}

// processesOfProc reads the table of processes from /proc.
func processesOfProc() ([]processEntry, error) {
	directory, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var entries []processEntry
	for _, file := range directory {
		if _, err := strconv.Atoi(file.Name()); err != nil {
			continue
		}
		content, err := os.ReadFile("/proc/" + file.Name() + "/stat")
		if err != nil {
			continue // It has ended since.
		}
		// The second field is the name in parentheses, and may hold anything.
		stat := string(content)
		fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
		if len(fields) > 1 {
			entries = appendEntry(entries, []string{file.Name(), fields[1], fields[0]})
		}
	}
	return entries, nil
}

// appendEntry appends the entry of the fields process, parent and state, if they are valid.
func appendEntry(entries []processEntry, fields []string) []processEntry {
	if len(fields) < 3 {
		return entries
	}
	pid, pidErr := strconv.Atoi(fields[0])
	parent, parentErr := strconv.Atoi(fields[1])
	if pidErr != nil || parentErr != nil {
		return entries
	}
	return append(entries, processEntry{pid: pid, parent: parent, zombie: strings.HasPrefix(fields[2], "Z")})
}
