package engine

import "context"

// Abandon ends an attempt for a reason that an operator gives, although its session may be running: it is the way out
// when the agent never answers whether the session has ended. The attempt is Failed from then on, unless another outcome
// was decided before, and its slot becomes free as soon as the app knows. On an attempt that has ended, Abandon gives up
// the callback that the app has not answered. The operator has to make sure that the session is gone.
func (h *Host) Abandon(ctx context.Context, key AttemptKey, reason string) (WorkerReport, error) {
	call, cancel := h.rt.WithTimeout(ctx, h.config.JournalTimeout)
	defer cancel()
	outcome := Outcome{Status: Failed, Cause: CauseForced, Reason: reason}
	state, err := h.journal.Abandon(call, key, outcome, h.rt.Now())
	if err != nil {
		return WorkerReport{}, err
	}
	if o := h.find(key); o != nil {
		o.lose()
	}
	return h.report(state), nil
}
