package live

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

func TestReadGoesOnAfterItsContext(t *testing.T) {
	bound(t)
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		cancelled := false
		b := newBody(reader, func() { cancelled = true })
		buffer := make([]byte, 2)
		read := func() string {
			// Nothing arrives within a second, and nobody is left waiting.
			short, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			n, err := b.ReadContext(short, buffer)
			if err != nil {
				return err.Error()
			}
			return string(buffer[:n])
		}
		for step, test := range []struct{ send, want string }{
			{"", "context deadline exceeded"},
			{"", "context deadline exceeded"},
			{"abc", "ab"},
			{"", "c"},
			{"", "context deadline exceeded"},
			{"d", "d"},
		} {
			if test.send != "" {
				go func() { _, _ = io.WriteString(writer, test.send) }()
				synctest.Wait()
			}
			if got := read(); got != test.want {
				t.Errorf("step %d: got %q, want %q", step, got, test.want)
			}
		}

		broken := errors.New("connection reset")
		_ = writer.CloseWithError(broken)
		for range 2 {
			if _, err := b.Read(buffer); !errors.Is(err, broken) {
				t.Errorf("got %v, want %v, again and again", err, broken)
			}
		}
		if err := b.Close(); err != nil || !cancelled {
			t.Errorf("Close: %v, request cancelled: %v", err, cancelled)
		}
	})
}

func TestCloseEndsAReadThatGoesOn(t *testing.T) {
	bound(t)
	synctest.Test(t, func(t *testing.T) {
		reader, _ := io.Pipe()
		b := newBody(reader, func() {})
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := b.ReadContext(short, make([]byte, 1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		_ = b.Close() // a goroutine left in Read would fail the bubble
	})
}

// bound ends the tests if one of them does not come to an end, which would otherwise only show when time is up for all.
func bound(t testing.TB) {
	name := t.Name()
	watchdog := time.AfterFunc(boundMax, func() { panic(name + " does not come to an end") })
	t.Cleanup(func() { watchdog.Stop() })
}

// boundMax is a thousand times what any test here takes.
const boundMax = 30 * time.Second

// Bound is [bound], for the tests outside the package.
func Bound(t testing.TB) { bound(t) }
