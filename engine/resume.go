package engine

import "context"

// load reads the journaled state of an attempt that this host took over. A renewal names no more than the lease, so that
// it stays small whatever a host holds. Without a state nothing is decided, so load tries until it has one, the lease is
// lost, or the host closes.
func (o *orchestrator) load(ctx, staying context.Context) error {
	for try := 1; ; try++ {
		if _, loaded := o.snapshot(); loaded {
			return nil
		}
		if ended(staying) {
			return errLeft
		}
		call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.JournalTimeout)
		state, err := o.host.journal.Load(call, o.key)
		cancel()
		switch {
		case err == nil && state.Epoch == o.epoch:
			o.mutate(func() {
				o.state = state
				o.cancelled = o.cancelled || state.Cancel
			})
			return nil
		case err == nil, IsKind(err, NotFound): // another host has the lease
			o.lose()
			return errLeft
		}
		o.host.pause(staying, o.key, try)
	}
}

// readPayload reads the payload of an attempt that this host took over, if it is still needed.
func (o *orchestrator) readPayload(ctx context.Context) error {
	for try := 1; !o.hasPayload; try++ {
		call, cancel := o.host.rt.WithTimeout(ctx, o.host.config.JournalTimeout)
		payload, err := o.host.journal.Payload(call, o.key)
		cancel()
		switch {
		case err == nil:
			o.payload, o.hasPayload = payload, true
		case IsKind(err, NotFound), IsKind(err, Permanent):
			return err
		case !o.host.pause(ctx, o.key, try):
			return ctx.Err()
		}
	}
	return nil
}
