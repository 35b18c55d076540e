package live_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/onceover/onceover/engine/live"
)

// roundTrip is a transport of one function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// closing is a body that knows whether it was closed.
type closing struct {
	closed bool
	err    error // of Close
}

func (c *closing) Read([]byte) (int, error) { return 0, io.EOF }
func (c *closing) Close() error {
	c.closed = true
	return c.err
}

// TestOpenings opens streams over a transport that answers, fails, or answers when the opening has just ended. Whatever
// is not handed to the caller is let go.
func TestOpenings(t *testing.T) {
	live.Bound(t)
	broken, gone := errors.New("connection reset"), errors.New("not wanted any more")
	for _, test := range []struct {
		name   string
		answer error // of the transport; nil for a response
		ends   bool  // the opening, while the transport works
		want   error
	}{
		{"an answer", nil, false, nil},
		{"no answer", broken, false, broken},
		{"an answer, just too late", nil, true, gone},
		{"no answer, and nobody who waits for one", broken, true, gone},
	} {
		t.Run(test.name, func(t *testing.T) {
			opening, end := context.WithCancelCause(t.Context())
			var request context.Context
			body := &closing{}
			client := live.NewHTTPClient(roundTrip(func(r *http.Request) (*http.Response, error) {
				request = r.Context()
				if test.ends {
					end(gone)
				}
				if test.answer != nil {
					return nil, test.answer
				}
				return &http.Response{StatusCode: http.StatusOK, Body: body, Request: r}, nil
			}))
			asked, err := http.NewRequestWithContext(opening, http.MethodGet, "http://agent/stream", nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := client.DoStream(asked)
			if !errors.Is(err, test.want) || (err == nil) != (response != nil) {
				t.Fatalf("%v, %v; want error %v", response, err, test.want)
			}
			if response != nil {
				if request.Err() != nil {
					t.Error("the request of an open stream has ended")
				}
				if err := response.Body.Close(); err != nil {
					t.Error(err)
				}
			}
			<-request.Done()
			if body.closed != (test.answer == nil) {
				t.Errorf("the body was closed: %t", body.closed)
			}
		})
	}
}

// TestCloseReportsItsError closes a stream whose connection can't be closed well.
func TestCloseReportsItsError(t *testing.T) {
	live.Bound(t)
	broken := errors.New("close: broken pipe")
	client := live.NewHTTPClient(roundTrip(func(r *http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: &closing{err: broken}, Request: r}, nil
	}))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://agent/stream", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.DoStream(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); !errors.Is(err, broken) {
		t.Errorf("%v, want %v", err, broken)
	}
}

// TestEndedReadTakesNothing reads under contexts that have ended, while bytes are there: they stay for the next read.
func TestEndedReadTakesNothing(t *testing.T) {
	live.Bound(t)
	synctest.Test(t, func(t *testing.T) {
		reader, writer := io.Pipe()
		client := live.NewHTTPClient(roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: reader, Request: r}, nil
		}))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://agent/stream", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.DoStream(request)
		if err != nil {
			t.Fatal(err)
		}
		body := response.Body.(bodyReader)
		buffer := make([]byte, 1)
		for range 64 { // what a select would take is a matter of chance
			// A read that waits is given up; then its byte arrives.
			waiting, giveUp := context.WithCancel(t.Context())
			go func() { _, _ = body.ReadContext(waiting, buffer) }()
			synctest.Wait()
			giveUp()
			go func() { _, _ = writer.Write([]byte("x")) }()
			synctest.Wait()
			if n, err := body.ReadContext(waiting, buffer); n != 0 || !errors.Is(err, context.Canceled) {
				t.Fatalf("read %d bytes, %v", n, err)
			}
			if n, err := body.ReadContext(t.Context(), buffer); n != 1 || err != nil {
				t.Fatalf("read %d bytes, %v", n, err)
			}
		}
		_ = body.Close()
	})
}
