package live_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onceover/onceover/engine/live"
)

type bodyReader interface {
	io.ReadCloser
	ReadContext(ctx context.Context, p []byte) (int, error)
}

func open(t *testing.T, ctx context.Context, url string) (bodyReader, error) {
	t.Helper()
	live.Bound(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := live.NewHTTPClient(transport).DoStream(request)
	if err != nil {
		return nil, err
	}
	body, ok := response.Body.(bodyReader)
	if !ok {
		_ = response.Body.Close()
		t.Fatalf("the body of a stream is a %T", response.Body)
	}
	return body, nil
}

func TestStreamOutlivesItsOpeningAndInterruptedReads(t *testing.T) {
	parts := make(chan string)
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		for {
			_ = http.NewResponseController(w).Flush()
			select {
			case part := <-parts:
				_, _ = io.WriteString(w, part)
			case <-r.Context().Done():
				close(gone)
				return
			}
		}
	}))
	defer server.Close()
	defer server.CloseClientConnections() // also those that a failure leaves open

	opening, cancel := context.WithCancel(t.Context())
	body, err := open(t, opening, server.URL)
	if err != nil {
		t.Fatal(err)
	}
	cancel() // what opened the stream is over

	buffer := make([]byte, 4)
	for _, part := range []string{"one", "two", "three"} {
		// A read that is given up, while the goroutine below it waits on.
		ended, end := context.WithCancel(t.Context())
		given := make(chan error)
		go func() {
			_, err := body.ReadContext(ended, buffer)
			given <- err
		}()
		end()
		if err := <-given; !errors.Is(err, context.Canceled) {
			t.Fatalf("a read that was given up: %v", err)
		}
		parts <- part
		got := ""
		for len(got) < len(part) {
			n, err := body.ReadContext(t.Context(), buffer)
			if err != nil {
				t.Fatal(err)
			}
			got += string(buffer[:n])
		}
		if got != part {
			t.Errorf("got %q, want %q", got, part)
		}
	}

	// Closing lets the connection go, also under a read that is going on.
	ended, end := context.WithCancel(t.Context())
	end()
	_, _ = body.ReadContext(ended, buffer)
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	<-gone
	if _, err := body.ReadContext(t.Context(), buffer); err == nil {
		t.Error("a read of a closed body had no error")
	}
}

func TestStreamEndsWithItsBody(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("x", 20_000))
	}))
	defer server.Close()
	body, err := open(t, t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	raw, err := io.ReadAll(body)
	if len(raw) != 20_000 || err != nil {
		t.Errorf("read %d bytes, %v", len(raw), err)
	}
	if _, err := body.ReadContext(t.Context(), make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the end: %v, want EOF again", err)
	}
}

func TestOpeningEndsWithItsContext(t *testing.T) {
	opening, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}))
	defer server.Close()
	if _, err := open(t, opening, server.URL); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

func TestRedirectsAreAnswers(t *testing.T) {
	live.Bound(t)
	mux := http.NewServeMux()
	mux.Handle("PUT /", http.RedirectHandler("/elsewhere", http.StatusMovedPermanently))
	mux.HandleFunc("GET /elsewhere", func(http.ResponseWriter, *http.Request) {}) // where the PUT would end as a GET
	server := httptest.NewServer(mux)
	defer server.Close()
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL, strings.NewReader("{}"))
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := live.NewHTTPClient(transport).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusMovedPermanently {
		t.Errorf("status %d, want the redirect itself", response.StatusCode)
	}
}
