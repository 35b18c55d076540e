package times

import (
	"fmt"
	"math"
	"time"
)

// Moment returns when something happened, since the start of a run: 05:09, which is minutes and seconds, or 39 h 2 min.
func Moment(at time.Duration) string {
	if at < time.Hour {
		return fmt.Sprintf("%02d:%02d", at/time.Minute, at/time.Second%60)
	}
	return Span(at)
}

// Precise returns a moment to the millisecond, for columns: 05:09.120, or 39 h 02:51.918.
func Precise(at time.Duration) string {
	text := fmt.Sprintf("%02d:%02d.%03d", at/time.Minute%60, at/time.Second%60, at/time.Millisecond%1000)
	if at >= time.Hour {
		return fmt.Sprintf("%d h %s", at/time.Hour, text)
	}
	return text
}

// Span returns how long something took, in the two largest units that say something: 39 h 2 min, 7 min 16 s, 7.3 s, 334 ms.
// It rounds down, so that what has not lasted for a minute is not a minute.
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 0:
		return "-" + Span(-max(d, -math.MaxInt64))
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return "less than 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 10*time.Second && d/(100*time.Millisecond)%10 != 0:
		return fmt.Sprintf("%d.%d s", d/time.Second, d/(100*time.Millisecond)%10)
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return two(d, time.Minute, "min", time.Second, "s")
	case d < 3*day:
		return two(d, time.Hour, "h", time.Minute, "min")
	}
	return two(d, day, "days", time.Hour, "h")
}

// two returns a duration in two units. A zero of the smaller one is left out.
func two(d, large time.Duration, largeName string, small time.Duration, smallName string) string {
	text := fmt.Sprintf("%d %s", d/large, largeName)
	if rest := d % large / small; rest > 0 {
		text += fmt.Sprintf(" %d %s", rest, smallName)
	}
	return text
}
