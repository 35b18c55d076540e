package deployment

import (
	"time"

	"github.com/onceover/onceover/engine/live"
)

// A fastRuntime is the live runtime with a clock that runs fast. Pauses and timeouts
// stay what they are: only what the clock is compared with comes sooner.
type fastRuntime struct {
	*live.Runtime
	start time.Time
	speed int
}

// Now implements [engine.Runtime].
func (r *fastRuntime) Now() time.Time {
	now := r.Runtime.Now()
	return r.start.Add(now.Sub(r.start) * time.Duration(r.speed))
}
