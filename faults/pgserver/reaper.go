package pgserver

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// A reaper is a child process that cleans up when this process ends, in any way, or on demand. It
// waits for the end of its standard input, whose other side is held here alone.
type reaper struct {
	input io.Closer
	once  sync.Once
	done  chan struct{}
	err   error // once done is closed
}

// await begins every reaper's script: signals to the terminal's processes are not for it.
const await = "trap '' HUP INT TERM\ncat >/dev/null\n"

// keep starts a reaper that will run a script of sh with the given arguments.
func keep(script string, arguments ...string) (*reaper, error) {
	// The reaper outlives every context: it is there for what comes after them.
	command := exec.CommandContext(context.WithoutCancel(context.Background()), "sh", append([]string{"-c", await + script, "sh"}, arguments...)...)
	command.Dir = "/"
	detach(command)
	input, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the process that cleans up: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the process that cleans up: %w", err)
	}
	k := &reaper{input: input, done: make(chan struct{})}
	go func() {
		defer close(k.done)
		k.err = command.Wait()
	}()
	return k, nil
}

// finish lets the reaper do its work now and waits until it is done.
func (k *reaper) finish(ctx context.Context) error {
	var err error
	k.once.Do(func() { err = k.input.Close() })
	if err != nil {
		return err
	}
	select {
	case <-k.done:
		return k.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
