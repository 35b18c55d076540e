package httpapi

import (
	"net/http"
	"strconv"
	"time"
)

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
