package engine

import (
	"context"
	"errors"
	"time"
)

// meterSlice is the longest slice of time, and how much a meter counts before it journals. It is what a host that is lost
// takes with it.
const meterSlice = time.Minute

// A meter counts the time that hosts spend on an attempt, over all holders of the lease. It counts whole slices, each
// when a timer of its own has run out: the clock of a host may be wrong, and the next holder has another one.
type meter struct {
	spent     time.Duration // following the session
	throttled time.Duration // waiting for an agent that throttles its callers
	pause     time.Duration // that the agent has asked for, and that is not over yet
	saved     time.Duration // of spent, in the journal

	// The slices since the stream that is open has brought an event, and since it has brought anything at all; in the
	// current slice it has if heard and alive are set.
	quiet, silent time.Duration
	heard, alive  bool

	slice  context.Context // nil: no time is counted
	length time.Duration   // of the slice
	began  time.Time       // of the slice
	end    context.CancelFunc
}

// throttle begins a pause that the agent has asked for, and ends the slice that it interrupts. How much of that has passed
// is read off the clock, which can be wrong by no more than the slice.
func (m *meter) throttle(pause time.Duration, now time.Time) {
	m.pause = pause
	if m.slice != nil {
		m.end()
		m.slice = nil
		m.spent += max(0, min(now.Sub(m.began), m.length))
	}
}

// waited counts the pause that has passed. It reports whether there was one. A pause that is cut short, because the host
// closes or loses the lease, is not counted.
func (m *meter) waited() bool {
	passed := m.pause
	m.throttled, m.pause = m.throttled+passed, 0
	return passed > 0
}

// open takes that a stream has been opened.
func (m *meter) open() { m.quiet, m.silent, m.heard, m.alive = 0, 0, true, true }

// slice returns the context of the slice of time that is being counted. It ends with the slice; what is left of the
// time of the session is the last one.
func (o *orchestrator) slice(ctx context.Context) context.Context {
	m := &o.meter
	if m.slice == nil {
		m.length = max(min(meterSlice, o.host.config.StreamSilence/2, o.host.config.StreamLimit-m.spent), 0)
		m.began = o.host.rt.Now()
		m.slice, m.end = o.host.rt.WithTimeout(ctx, m.length)
	}
	return m.slice
}

// count counts the slice if it has ended, and journals the sum from time to time. It returns errTimeUp when the time of
// the session is used up, and errSilence when the stream has brought nothing for StreamSilence or no event for
// EventSilence.
func (o *orchestrator) count(ctx context.Context) error {
	m := &o.meter
	if m.slice == nil || !errors.Is(m.slice.Err(), context.DeadlineExceeded) || ended(ctx) {
		return nil
	}
	m.end()
	m.slice = nil
	m.spent += m.length
	m.quiet, m.silent = m.quiet+m.length, m.silent+m.length
	if m.heard {
		m.quiet = 0
	}
	if m.alive {
		m.silent = 0
	}
	m.heard, m.alive = false, false
	timeUp := m.spent >= o.host.config.StreamLimit
	if timeUp || m.spent-m.saved >= meterSlice {
		if err := o.saveMeter(ctx); err != nil {
			return err
		}
	}
	switch {
	case timeUp:
		return errTimeUp
	case m.silent >= o.host.config.StreamSilence, m.quiet >= o.host.config.EventSilence:
		return errSilence
	}
	return nil
}

// saveMeter journals what the meter shows, for the next holder of the lease.
func (o *orchestrator) saveMeter(ctx context.Context) error {
	o.meter.saved = o.meter.spent
	return o.write(ctx, func(call context.Context) (Orchestration, error) {
		return o.host.journal.Spend(call, o.key, o.epoch, o.meter.spent, o.meter.throttled, o.host.rt.Now())
	})
}
