// Package clock holds uses of the wall clock.
package clock

import "time"

type config struct {
	now func() time.Time
}

var fallback = config{now: time.Now} // want `time.Now: the wall clock differs in every run; use Runtime.Now`

func read(t time.Time) time.Duration {
	_ = time.Now()       // want `time.Now`
	_ = time.Until(t)    // want `time.Until: .* use Runtime.Now`
	return time.Since(t) // want `time.Since`
}

func wait() {
	time.Sleep(time.Second)                    // want `time.Sleep: .* use Runtime.Sleep`
	_ = time.After(time.Second)                // want `time.After: .* Runtime.Go with Runtime.Sleep`
	_ = time.AfterFunc(time.Second, func() {}) // want `time.AfterFunc`
	_ = time.Tick(time.Second)                 // want `time.Tick`
	_ = time.NewTimer(time.Second)             // want `time.NewTimer`
	_ = time.NewTicker(time.Second)            // want `time.NewTicker`
}

// Silent: instants and durations that somebody else has read from a clock.
func arithmetic(t time.Time, c config) bool {
	deadline := t.Add(5 * time.Minute)
	return c.now().After(deadline) && deadline.Before(time.Unix(0, 0)) && time.Duration(3).Seconds() > 1
}

type fake struct{}

// Now is a method of the package's own.
func (fake) Now() time.Time { return time.Time{} }

func own(f fake) time.Time { return f.Now() }
