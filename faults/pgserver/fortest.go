package pgserver

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"
)

// findTimeLimit bounds the search for a server in tests, including the download of an image.
const findTimeLimit = 5 * time.Minute

// shared is the one server of this test binary. It ends with the process.
var shared = sync.OnceValues(func() (*Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), findTimeLimit)
	defer cancel()
	return Find(ctx)
})

// ForTest returns the server that all tests of a test binary share, each with databases of its own. No test may kill,
// restart or pause it. If there is no Postgres, the test is skipped with the reason, or fails if the environment
// variable CI is "true".
func ForTest(t testing.TB) *Server {
	t.Helper()
	s, err := shared()
	return judge(t, s, err, os.Getenv("CI") == "true")
}

// ForTestAlone returns a server for one test, which may kill, restart and pause it. It is stopped when the test ends.
// [DatabaseURLVariable] is ignored, since such a server can't be controlled. Otherwise it is like [ForTest].
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

// judge returns the server or ends the test, as a failure if it must run.
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
