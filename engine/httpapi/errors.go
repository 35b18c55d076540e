package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/onceover/onceover/engine"
)

// EffectHeader, set to [EffectNone], promises that a request had no effect. It makes a 401, 403, 501 or 503 Rejected. Every
// handler sets it where it is so; a proxy may be configured to do the same, as a balancer without backends.
const (
	EffectHeader = "Onceover-Effect"
	EffectNone   = "none"
)

// An errorBody is the body of every answer that is not a success, and the data of a stream's error event.
type errorBody struct {
	Error string `json:"error"`
	Kind  string `json:"kind"`
}

// statusOf is the status with which a handler answers an error of a kind.
func statusOf(kind engine.ErrorKind) int {
	switch kind {
	case engine.Rejected:
		return http.StatusTooManyRequests
	case engine.NotFound:
		return http.StatusNotFound
	case engine.Stale:
		return http.StatusConflict
	case engine.Permanent:
		return http.StatusUnprocessableEntity
	default:
		return http.StatusInternalServerError
	}
}

// kindOf is the other direction. claimed is the kind in the answer's error body; known reports whether there is one.
func kindOf(status int, header http.Header, claimed engine.ErrorKind, known bool) engine.ErrorKind {
	switch {
	case status == http.StatusTooManyRequests,
		promisesNoEffect(status) && header.Get(EffectHeader) == EffectNone:
		return engine.Rejected
	case status == http.StatusGone:
		return engine.NotFound
	case status >= 400 && status < 500 && known:
		return claimed
	default:
		return engine.Ambiguous
	}
}

// promisesNoEffect reports whether an answer with this status and the header [EffectHeader] promises that there was no
// effect. Without the header it may be that of a proxy, which may have passed the request on and then lost the answer.
func promisesNoEffect(status int) bool {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotImplemented, http.StatusServiceUnavailable:
		return true
	default:
		return false
	}
}

// parseKind is the inverse of [engine.ErrorKind.String].
func parseKind(text string) (kind engine.ErrorKind, known bool) {
	for kind := engine.Ambiguous; kind <= engine.Permanent; kind++ {
		if kind.String() == text {
			return kind, true
		}
	}
	return engine.Ambiguous, false
}

// bodyOf describes an error for the other side. The kind has a field of its own, so the text of an [engine.Error]
// leaves it out.
func bodyOf(err error) errorBody {
	body := errorBody{Error: err.Error(), Kind: engine.KindOf(err).String()}
	//nolint:errorlint // The text of an error around it is worth telling: only a bare one is taken apart.
	if typed, ok := err.(*engine.Error); ok {
		body.Error = typed.Op
		if typed.Err != nil {
			body.Error += ": " + typed.Err.Error()
		}
	}
	return body
}

// errorBytesMax limits what is read of an error's body, errorTextBytesMax what is quoted of one that isn't ours.
const (
	errorBytesMax     = 64 << 10
	errorTextBytesMax = 200
)

// answerError turns an answer that is no success into an error.
func answerError(op string, request *http.Request, response *http.Response, body io.Reader) error {
	// An error in reading leaves a shorter text: the status says the rest.
	raw, _ := io.ReadAll(io.LimitReader(body, errorBytesMax))
	var decoded errorBody
	text := ""
	claimed, known := engine.Ambiguous, false
	if err := json.Unmarshal(raw, &decoded); err == nil && decoded.Error != "" {
		text = oneLine(decoded.Error, errorBytesMax)
		claimed, known = parseKind(decoded.Kind)
	} else {
		text = oneLine(string(raw), errorTextBytesMax)
	}
	if text == "" {
		text = "no explanation"
	}
	after, named := retryAfter(response.Header)
	return &engine.Error{
		Kind: kindOf(response.StatusCode, response.Header, claimed, known), Op: op,
		Err: fmt.Errorf("%s %s: %d %s: %s", request.Method, request.URL.Redacted(),
			response.StatusCode, http.StatusText(response.StatusCode), text),
		Throttled: response.StatusCode == http.StatusTooManyRequests && (named || response.Header.Get(EffectHeader) != EffectNone) ||
			response.StatusCode == http.StatusServiceUnavailable && named,
		RetryAfter: after,
	}
}

// oneLine makes printable text of at most max bytes out of anything.
func oneLine(text string, max int) string {
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(r rune) bool {
		return r <= ' ' || r == 0x7f
	}), " ")
	if len(text) <= max {
		return text
	}
	for max > 0 && !utf8.RuneStart(text[max]) {
		max--
	}
	return text[:max] + "…"
}

// transportError turns a failed [Doer.Do] into an error. Only what provably was never sent is Rejected.
func transportError(op string, err error) error {
	var dial *net.OpError
	var lookup *net.DNSError
	if errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &lookup) || errors.Is(err, syscall.ECONNREFUSED) {
		return engine.Errorf(engine.Rejected, op, "not sent: %w", err)
	}
	return engine.Errorf(engine.Ambiguous, op, "%w", err)
}

// badRequest is the error of a handler that can't make sense of a request.
func badRequest(format string, args ...any) error {
	return &statusError{http.StatusBadRequest, engine.Permanent, fmt.Sprintf(format, args...)}
}

// A statusError is an error of the HTTP layer itself, with a status that says more than its kind does.
type statusError struct {
	status int
	kind   engine.ErrorKind
	text   string
}

func (e *statusError) Error() string { return e.text }

const retryAfterHeader = "Retry-After"

// longestRetryAfter bounds what is believed of a Retry-After: a year.
const longestRetryAfter = 365 * 24 * time.Hour

// setRetryAfter asks the caller to wait, in whole seconds, rounded up.
func setRetryAfter(header http.Header, after time.Duration) {
	seconds := (after + time.Second - 1) / time.Second
	header.Set(retryAfterHeader, strconv.FormatInt(int64(seconds), 10))
}

// retryAfter returns how long an answer asks its caller to wait: a number of seconds, or a date, which is compared with
// the date of the answer. The clocks of both ends are not, because they may differ. named is false if the answer does not
// say how long.
func retryAfter(header http.Header) (after time.Duration, named bool) {
	text := header.Get(retryAfterHeader)
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(max(0, min(seconds, int64(longestRetryAfter/time.Second)))) * time.Second, seconds >= 0
	}
	until, err := http.ParseTime(text)
	if err != nil {
		return 0, false
	}
	sent, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		return 0, false
	}
	return max(0, min(until.Sub(sent), longestRetryAfter)), true
}
