//go:build !unix

package pgserver

import (
	"context"
	"errors"
	"os/exec"
)

// errSystem is why there are no local servers on this system.
var errSystem = errors.New("servers are started from local binaries on Unix systems only")

// account stands for a user of a Unix system.
type account struct{}

func unprivileged() (*account, error) { return nil, errSystem }

func (a *account) own(...string) error { return errSystem }

func (a *account) run(*exec.Cmd) {}

func detach(*exec.Cmd) {}

func suspend(int) error { return errSystem }

func proceed(int) error { return errSystem }

func endAll([]int) error { return errSystem }

func childrenOf(context.Context, int) ([]int, error) { return nil, errSystem }

func waitGone(context.Context, []int) error { return errSystem }
