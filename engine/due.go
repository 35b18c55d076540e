package engine

import "time"

// MaxAhead is how far ahead of its own clock anybody sets a due time. The ranges
// in [AppConfig] follow from it.
const MaxAhead = time.Hour

// Due reports whether the time for something has come: at is not after now, or it
// is so far ahead that it was set by a clock that was wrong. Without the second
// half, one process whose clock jumped a week ahead would put the reviews that it
// touched to sleep for that week. Taking something for due too early is safe, as
// the fences decide.
func Due(at, now time.Time) bool {
	return !at.After(now) || at.Sub(now) > MaxAhead
}
