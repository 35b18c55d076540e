package world

import (
	"net/http"
	"strconv"
	"time"

	"github.com/onceover/onceover/engine"
)

var (
	opThrottleForm = timingOp(1130, "throttle.form")
	opRetryAfter   = timingOp(1131, "throttle.retry-after")
)

// A throttle is how a party asks its callers to make fewer calls.
type throttle struct {
	form  throttleForm
	after time.Duration // 0: it does not say
}

// A throttleForm is what such an answer looks like over HTTP.
type throttleForm uint8

const (
	throttleSilent   throttleForm = iota // 429 without Retry-After
	throttleSeconds                      // 429 with seconds
	throttleDate                         // 429 with a date
	throttleOverload                     // 503 with seconds
	throttleForms
)

// throttled makes the call fail without effect because its callee is throttled.
func (f *callFaults) throttled(t throttle) {
	f.refuse(engine.Rejected, errThrottled)
	f.throttle = t
	if t.form == throttleOverload {
		f.kind = engine.Ambiguous // a 503 does not say whether there was an effect
	}
}

// error returns the error with which the call fails.
func (f *callFaults) error(op string) error {
	e := &engine.Error{Kind: f.kind, Op: op, Err: f.cause}
	if f.cause == errThrottled { //nolint:errorlint // it is set as it is
		e.Throttled, e.RetryAfter = true, f.throttle.after
	}
	return e
}

// briefThrottle draws how one call is throttled.
func (w *Deployment) briefThrottle(n *node) throttle {
	actor := n.process.Actor()
	t := throttle{form: throttleForm(w.kernel.Pick(actor, opThrottleForm, int(throttleForms)))}
	if t.form != throttleSilent {
		t.after = w.kernel.Between(actor, opRetryAfter, time.Second, 90*time.Second).Truncate(time.Second)
	}
	return t
}

// answer writes the throttled answer of a service or of a proxy before it.
func (t *throttle) answer(x *exchange, now time.Time) {
	x.status = http.StatusTooManyRequests
	x.answerHeader = http.Header{"Content-Type": {"text/plain; charset=utf-8"}, "Date": {now.UTC().Format(http.TimeFormat)}}
	switch t.form {
	case throttleSeconds, throttleOverload:
		x.answerHeader.Set("Retry-After", strconv.Itoa(int(t.after/time.Second)))
	case throttleDate:
		x.answerHeader.Set("Retry-After", now.Add(t.after).UTC().Format(http.TimeFormat))
	default:
	}
	if t.form == throttleOverload {
		x.status = http.StatusServiceUnavailable
	}
	x.answer = []byte("slow down\n")
	if x.pipe != nil {
		x.pipe.closeWriting(x.answer)
	}
}
