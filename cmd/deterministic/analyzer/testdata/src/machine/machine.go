// Package machine holds what differs between machines.
package machine

import (
	"os"
	"runtime"
)

func environment() string {
	_ = os.Environ()               // want `os.Environ: the environment differs between machines; take the value as a field of a config`
	_, _ = os.LookupEnv("HOME")    // want `os.LookupEnv`
	_ = os.ExpandEnv("$HOME")      // want `os.ExpandEnv`
	_, _ = os.Hostname()           // want `os.Hostname`
	_ = os.Getpid() + os.Getppid() // want `os.Getpid` `os.Getppid`
	return os.Getenv("HOME")       // want `os.Getenv`
}

func scheduler(p *int) {
	runtime.Gosched()                            // want `runtime.Gosched: .* use Runtime.Sleep to let others run`
	_ = runtime.NumGoroutine()                   // want `runtime.NumGoroutine`
	_ = runtime.NumCPU() + runtime.GOMAXPROCS(0) // want `runtime.NumCPU` `runtime.GOMAXPROCS`
	runtime.SetFinalizer(p, nil)                 // want `runtime.SetFinalizer: .* close explicitly`
	runtime.AddCleanup(p, func(int) {}, 1)       // want `runtime.AddCleanup`
}

// Silent: what is the same everywhere.
func silent() string {
	return runtime.Version() + os.DevNull
}
