package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// emergencyMax bounds what is done between a second Ctrl-C and the end.
const emergencyMax = 10 * time.Second

// An emergency is what a command still does when it has to end at once: it leaves nothing on somebody else's server.
type emergency struct {
	mutex sync.Mutex
	next  int
	does  map[int]func(context.Context) error
}

// add adds something to be done, until the function that it returns is called.
func (e *emergency) add(do func(context.Context) error) (remove func()) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.does == nil {
		e.does = make(map[int]func(context.Context) error)
	}
	key := e.next
	e.next++
	e.does[key] = do
	return func() {
		e.mutex.Lock()
		defer e.mutex.Unlock()
		delete(e.does, key)
	}
}

// run does all of it.
func (e *emergency) run() {
	ctx, cancel := context.WithTimeout(context.Background(), emergencyMax)
	defer cancel()
	e.mutex.Lock()
	defer e.mutex.Unlock()
	for _, do := range e.does {
		_ = do(ctx) // nobody waits for a message; the next run drops what is left
	}
}

// listen returns a context that the first Ctrl-C or SIGTERM ends, so that the command finishes with a summary. The second one
// ends the program, after what is to be done in an emergency; the third one ends it at once.
func (e *emergency) listen(parent context.Context) (ctx context.Context, restore func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ended := make(chan struct{})
	go func() {
		for count := 0; ; count++ {
			select {
			case <-ended:
				return
			case received := <-signals:
				cancel()
				if count == 0 {
					continue
				}
				signal.Stop(signals)
				e.run()
				die(received)
				return
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(ended)
		cancel()
	}
}

// die ends the program by a signal, as if nobody had listened to it.
func die(received os.Signal) {
	signal.Reset(received)
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Signal(received) == nil {
		time.Sleep(time.Second) // it arrives in another thread
	}
	os.Exit(exitBroken)
}
