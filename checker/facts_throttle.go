package checker

import "time"

// throttleFacts are about the partners that throttle one life of a process.
type throttleFacts struct {
	agent, app, workers throttled
}

// throttled is when a partner has throttled a call last, and until when it has asked for no other one.
type throttled struct {
	since     time.Duration // when it began to, without another answer in between
	at, until time.Duration
	ever      bool
	now       bool // no call has succeeded since
}

// by returns what is known of the partner that a call goes to; nil for stores and the preparer.
func (t *throttleFacts) by(call Call) *throttled {
	switch call {
	case CallAgentCreate, CallAgentStream, CallAgentInterrupt:
		return &t.agent
	case CallAppCallback:
		return &t.app
	case CallWorkerStart, CallWorkerCancel, CallWorkerStatus, CallWorkerAbandon, CallWorkerInspect:
		return &t.workers
	default:
		return nil
	}
}

// callEnded takes a call that was throttled. What is asked for counts up to a limit, which is the caller's.
func (t *throttleFacts) callEnded(r *Record, most time.Duration) {
	partner := t.by(r.Call)
	switch {
	case partner == nil:
	case r.Throttled:
		if !partner.now {
			partner.since = r.At
		}
		partner.ever, partner.now, partner.at = true, true, r.At
		partner.until = max(partner.until, r.At+min(r.RetryAfter, most))
	case r.Error == NoFailure:
		partner.now = false
	}
}

// lately reports whether the partner has throttled a call, or asked for a pause that ended, at most a while before.
func (t *throttled) lately(at, while time.Duration) bool {
	return t.ever && at <= max(t.at, t.until)+while
}

// holdsBack reports whether the process may make no call of the partner, because that has asked it not to: for as long
// as it has asked for, or, where it has not, for a pause of the process's own, which is at most own. A call that was
// under way when the pause began may succeed meanwhile.
func (t *throttled) holdsBack(at, own time.Duration) bool { return t.now || t.lately(at, own) }

// mayAskNoWorker reports whether the workers hold a replica back. The pauses of a process that is slow last several times
// as long as what it was asked for.
func (p *processFacts) mayAskNoWorker(at, own time.Duration) bool {
	workers := &p.throttle.workers
	return workers.holdsBack(at, own) || p.slow && workers.ever
}
