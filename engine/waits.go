package engine

import (
	"context"
	"log/slog"
)

// A call that is repeated for as long as it takes has no end of its own. That it still leads nowhere is logged, more and
// more rarely: operators look for it there.

// longWait is the number of tries in vain after which a wait is logged: then, and each time that the number has doubled.
const longWait = 8

// isLong reports whether a wait is to be logged after a number of tries in vain.
func isLong(tries int) bool { return tries >= longWait && tries&(tries-1) == 0 }

// logWaiting logs that an attempt has waited for long for a call to lead somewhere.
func logWaiting(log *slog.Logger, op string, key AttemptKey, tries int, err error) {
	if !isLong(tries) {
		return
	}
	log.LogAttrs(context.Background(), slog.LevelWarn, "an attempt waits", append(failing(op, tries, err),
		slog.String("review", string(key.Review)), slog.Int("attempt", key.Attempt))...)
}

// failures counts how often in a row a call has failed that is repeated for as long as the process lives.
type failures int

// count takes how the call has ended, and logs that it fails again and again.
func (f *failures) count(log *slog.Logger, op string, err error) {
	if err == nil {
		*f = 0
		return
	}
	*f++
	if isLong(int(*f)) {
		log.LogAttrs(context.Background(), slog.LevelWarn, "a call fails again and again", failing(op, int(*f), err)...)
	}
}

// failing returns what every entry about a long wait has.
func failing(op string, tries int, err error) []slog.Attr {
	attrs := []slog.Attr{slog.String("op", op), slog.Int("tries", tries)}
	if err != nil {
		attrs = append(attrs, slog.String("error", err.Error()))
	}
	return attrs
}
