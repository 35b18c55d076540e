package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/onceover/onceover/engine"
)

// A Doer carries a request out, as [http.Client] does. It must not follow redirects, which turn a PUT into a GET;
// engine/live.HTTPClient takes care.
type Doer interface {
	Do(request *http.Request) (*http.Response, error)
}

// A client is what all clients have in common.
type client struct {
	baseURL       string
	authorization string
	doer          Doer
}

func newClient(baseURL, token string, doer Doer) client {
	c := client{baseURL: strings.TrimRight(baseURL, "/"), doer: doer}
	if token != "" {
		c.authorization = "Bearer " + token
	}
	return c
}

// request makes a request. A nil body sends none.
func (c *client) request(ctx context.Context, op, method, path string, body any) (*http.Request, error) {
	var content io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return nil, engine.Errorf(engine.Permanent, op, "request can't be encoded: %w", err)
		}
		content = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, c.baseURL+path, content)
	if err != nil {
		return nil, engine.Errorf(engine.Rejected, op, "not sent: %w", err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.authorization != "" {
		request.Header.Set("Authorization", c.authorization)
	}
	return request, nil
}

// call makes a request and decodes the answer into out, unless that is nil.
func (c *client) call(ctx context.Context, op, method, path string, body, out any) error {
	request, err := c.request(ctx, op, method, path, body)
	if err != nil {
		return err
	}
	response, err := c.doer.Do(request)
	if err != nil {
		return transportError(op, err)
	}
	defer response.Body.Close()
	if out == nil && response.StatusCode == http.StatusNoContent {
		return nil
	}
	if out == nil || response.StatusCode != http.StatusOK {
		return answerError(op, request, response, response.Body)
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, BodyBytesMax+1))
	if err != nil {
		return engine.Errorf(engine.Ambiguous, op, "answer can't be read: %w", err)
	}
	if len(raw) > BodyBytesMax {
		return engine.Errorf(engine.Ambiguous, op, "answer is larger than %d bytes", BodyBytesMax)
	}
	// Fields that this client doesn't know come from a newer service.
	if err := json.Unmarshal(raw, out); err != nil {
		return engine.Errorf(engine.Ambiguous, op, "answer can't be decoded: %w", err)
	}
	return nil
}

// sendable reports whether an identifier survives as a path segment. A lone slash doesn't: [http.ServeMux] takes the
// segment %2F for the end of a path.
func sendable(review engine.ReviewID) bool {
	return review != "" && review != "/" && utf8.ValidString(string(review))
}

const sendableText = "non-empty UTF-8 text other than /"

// reviewPath is prefix/review, the identifier as one path segment.
func reviewPath(op, prefix string, review engine.ReviewID) (string, error) {
	if !sendable(review) {
		return "", engine.Errorf(engine.Permanent, op, "review identifier %q; allowed: %s", review, sendableText)
	}
	segment := url.PathEscape(string(review))
	if segment == "." || segment == ".." {
		// PathEscape leaves dots alone, and a server would resolve them.
		segment = strings.ReplaceAll(segment, ".", "%2E")
	}
	return prefix + segment, nil
}

// attemptPath is prefix/review/attempt.
func attemptPath(op, prefix string, key engine.AttemptKey) (string, error) {
	path, err := reviewPath(op, prefix, key.Review)
	if err != nil {
		return "", err
	}
	return withAttempt(op, path, key)
}

// withAttempt is path/attempt.
func withAttempt(op, path string, key engine.AttemptKey) (string, error) {
	if key.Attempt < 1 {
		return "", engine.Errorf(engine.Permanent, op, "attempt %d of review %q; allowed: from 1", key.Attempt, key.Review)
	}
	return path + "/" + strconv.Itoa(key.Attempt), nil
}

// events reads one page of events below path.
func (c *client) events(ctx context.Context, op, path string, after int64, max int) ([]engine.Event, error) {
	if err := engine.CheckPage(after, max); err != nil {
		return nil, &engine.Error{Kind: engine.Permanent, Op: op, Err: err}
	}
	var body eventsBody
	query := "/events?after=" + strconv.FormatInt(after, 10) + "&max=" + strconv.Itoa(max)
	if err := c.call(ctx, op, http.MethodGet, path+query, nil, &body); err != nil {
		return nil, err
	}
	if body.Events == nil {
		return nil, engine.Errorf(engine.Ambiguous, op, "answer has no events, not even an empty list")
	}
	return body.Events, nil
}

// inspection reads what an attempt waits for, below its path.
func (c *client) inspection(ctx context.Context, op, path string, key engine.AttemptKey) (engine.Inspection, error) {
	var seen engine.Inspection
	if err := c.call(ctx, op, http.MethodGet, path+"/inspection", nil, &seen); err != nil {
		return engine.Inspection{}, err
	}
	if seen.Key != key || seen.Waiting == 0 {
		return engine.Inspection{}, engine.Errorf(engine.Ambiguous, op, "asked what %q waits for, answered about %q, %s",
			key.String(), seen.Key.String(), seen.Waiting)
	}
	return seen, nil
}
