package live

import (
	"context"
	"io"
	"net/http"
)

// An HTTPClient is an [http.Client] as the clients of engine/httpapi need it: it doesn't follow redirects, which turn a
// PUT into a GET, and it opens streams that outlive the context of their opening.
type HTTPClient struct {
	client http.Client
}

// NewHTTPClient returns a client over transport; nil is [http.DefaultTransport].
func NewHTTPClient(transport http.RoundTripper) *HTTPClient {
	return &HTTPClient{http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Do carries a request out. Its context bounds everything, the reading of the answer's body included.
func (c *HTTPClient) Do(request *http.Request) (*http.Response, error) {
	return c.client.Do(request)
}

// DoStream carries a request out whose answer is read for long. The request's context bounds the wait for the answer's
// header only. The body has a method ReadContext(ctx, p), and lasts until it is closed.
func (c *HTTPClient) DoStream(request *http.Request) (*http.Response, error) {
	opening := request.Context()
	ctx, cancel := context.WithCancel(context.WithoutCancel(opening))
	unlink := context.AfterFunc(opening, cancel)
	response, err := c.client.Do(request.WithContext(ctx))
	if !unlink() {
		// The opening ended, perhaps just after the header had arrived.
		if err == nil {
			_ = response.Body.Close()
		}
		cancel()
		return nil, context.Cause(opening)
	}
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = newBody(response.Body, cancel)
	return response, nil
}

// bodyBytes is how much of a body is read ahead of the reader.
const bodyBytes = 8 << 10

// A body reads from a connection under a context for each read. A connection can't be asked to give up a read and go on
// later, so a goroutine reads ahead into a buffer, and a reader waits for it no longer than it wants. It
// has one reader at a time.
type body struct {
	source io.ReadCloser
	cancel context.CancelFunc // of the request

	buffer  []byte // belongs to the goroutine while reading is true
	unread  []byte // within buffer
	err     error  // after unread
	reading bool
	result  chan readResult // room for one, so that the goroutine always ends
}

// A readResult is what one Read returned.
type readResult struct {
	n   int
	err error
}

func newBody(source io.ReadCloser, cancel context.CancelFunc) *body {
	return &body{source: source, cancel: cancel, buffer: make([]byte, bodyBytes), result: make(chan readResult, 1)}
}

// ReadContext reads like Read. When ctx ends first it returns its error, and what arrives later is there for the next
// call.
func (b *body) ReadContext(ctx context.Context, p []byte) (int, error) {
	for len(b.unread) == 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if b.err != nil {
			return 0, b.err
		}
		if !b.reading {
			b.reading = true
			go func() {
				n, err := b.source.Read(b.buffer)
				b.result <- readResult{n, err}
			}()
		}
		select {
		case result := <-b.result:
			b.reading = false
			b.unread, b.err = b.buffer[:result.n], result.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	n := copy(p, b.unread)
	b.unread = b.unread[n:]
	return n, nil
}

// Read is ReadContext without end.
func (b *body) Read(p []byte) (int, error) { return b.ReadContext(context.Background(), p) }

// Close lets the connection go, which also ends a read that is going on.
func (b *body) Close() error {
	b.cancel()
	return b.source.Close()
}
