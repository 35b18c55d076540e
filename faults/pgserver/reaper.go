package pgserver

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// A reaper is a child process that cleans up when this process ends, in any way, or on demand. It waits for the end of
// its standard input, a pipe that only this process can write to.
type reaper struct {
	input io.Closer
	once  sync.Once
	done  chan struct{}
	err   error // once done is closed
}

// await begins the script of every reaper: it ignores the signals of a terminal and waits for the end of its input.
const await = "trap '' HUP INT TERM\ncat >/dev/null\n"

// startReaper starts a reaper that will run a shell script with the given arguments.
func startReaper(script string, arguments ...string) (*reaper, error) {
	// The reaper must outlive every context, because it cleans up after them.
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

// finish lets the reaper clean up now and waits for its end.
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
