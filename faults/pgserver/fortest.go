package pgserver

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"
)

// findTimeLimit bounds a test's search, the download of an image included.
const findTimeLimit = 5 * time.Minute

// shared is the one server of this test binary. It ends with the process.
var shared = sync.OnceValues(func() (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), findTimeLimit)
	defer cancel()
	return Find(ctx)
})

// ForTest returns the server that all tests of a test binary share; their databases keep them apart, so no test may
// kill, restart or pause it. Where there is no Postgres the test is skipped with the reason, or fails if the variable
// CI is "true".
func ForTest(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	return judge(t, s, err, os.Getenv("CI") == "true")
}

// ForTestAlone returns a server for one test alone, which may do to it what it likes. It is stopped when the test
// ends. [DatabaseURLVariable] is not looked at, since such a server can't be steered. Otherwise it is like [ForTest].
func ForTestAlone(t testing.TB, options ...Option) *Server {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), findTimeLimit)
	defer cancel()
	s, err := Find(ctx, append([]Option{Only(Docker, Local)}, options...)...)
	if err == nil {
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), dropTimeLimit)
			defer cancel()
			if err := s.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	return judge(t, s, err, os.Getenv("CI") == "true")
}

// judge returns the server or ends the test: where nothing may be skipped as a failure.
func judge(t testing.TB, s *Server, err error, mustRun bool) *Server {
	t.Helper()
	switch {
	case err == nil:
		t.Logf("%s", s)
	case mustRun:
		t.Fatal(err)
	default:
		t.Skip(err)
	}
	return s
}
