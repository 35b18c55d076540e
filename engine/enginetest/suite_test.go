package enginetest

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// A failure records how a case has failed, in place of the test that runs it.
type failure struct {
	testing.TB
	message string
}

// Helper implements [testing.TB].
func (*failure) Helper() {}

// Errorf implements [testing.TB].
func (f *failure) Errorf(format string, args ...any) {
	if f.message == "" {
		f.message = fmt.Sprintf(format, args...)
	}
}

// Fatalf implements [testing.TB].
func (f *failure) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	runtime.Goexit()
}

// Error implements [testing.TB].
func (f *failure) Error(args ...any) { f.Errorf("%s", fmt.Sprint(args...)) }

// outcomeOf returns how a case has failed, or "".
func outcomeOf(test func(t testing.TB)) string {
	t := &failure{}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer func() {
			if p := recover(); p != nil {
				t.Errorf("panic: %v", p)
			}
		}()
		test(t)
	}()
	<-ended
	return t.message
}

// A broken implementation, and the names of the cases that fail for it with their messages.
type broken struct {
	name     string
	caughtBy string // a case that has to fail for it
	failures map[string]string
}

// checkCaught checks that every broken implementation fails the case that is named for it, and that every case fails for
// at least one of them: a check that can't fail is none.
func checkCaught(t *testing.T, cases []string, table []broken) {
	failed := make(map[string]bool)
	for _, b := range table {
		t.Run(b.name, func(t *testing.T) {
			for name, message := range b.failures {
				failed[name] = true
				t.Logf("%s:\n\t%s", name, message)
			}
			switch {
			case !slices.Contains(cases, b.caughtBy):
				t.Errorf("there is no case %q", b.caughtBy)
			case b.failures[b.caughtBy] == "":
				t.Errorf("it is not caught by %q", b.caughtBy)
			}
		})
	}
	for _, name := range cases {
		if !failed[name] {
			t.Errorf("no broken implementation fails %q", name)
		}
	}
}
