package runner

import (
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
)

// ExitBySignal is the exit code of [Program.TakeOver] when a signal ended the program.
const ExitBySignal = -1

// TakeOver runs the program in the place of this one, with its standard input and these outputs, and returns its exit code.
// The error is that of a program which cannot be started.
//
// No context ends it: Ctrl-C reaches both processes, and the program finishes with its summary. SIGTERM, which is sent to
// this process alone, is passed on.
func (p *Program) TakeOver(arguments []string, stdout, stderr *os.File) (code int, err error) {
	process := exec.Command(p.Path(), arguments...) //nolint:noctx // see above
	process.Stdin, process.Stdout, process.Stderr = os.Stdin, stdout, stderr
	if err := process.Start(); err != nil {
		return 0, err
	}
	terminations := make(chan os.Signal, 1)
	signal.Notify(terminations, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() {
		for {
			select {
			case <-terminations:
				_ = process.Process.Signal(syscall.SIGTERM) // it may have ended just now
			case <-ended:
				return
			}
		}
	}()
	err = process.Wait()
	signal.Stop(terminations)
	close(ended)
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return 0, err
	}
	return process.ProcessState.ExitCode(), nil // ExitBySignal by a signal
}
