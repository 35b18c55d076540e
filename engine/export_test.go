package engine

import "log/slog"

// Ports are all that the engine calls.
type Ports struct {
	Preparer Preparer
	Worker   Worker
	Store    ReviewStore
	Journal  Journal
	Agent    Agent
	Stream   EventStream
	Callback Callback
}

// Guarded returns the ports as the engine uses them.
func (p Ports) Guarded(rt Runtime, log *slog.Logger) Ports {
	g := newGuard(rt, log)
	return Ports{
		guardedPreparer{g, p.Preparer}, guardedWorker{g, p.Worker}, guardedStore{g, p.Store}, guardedJournal{g, p.Journal},
		guardedAgent{g, p.Agent}, guardedStream{g, p.Stream}, guardedCallback{g, p.Callback},
	}
}

// CauseOfBreak classifies the error that ended the following of a session.
func CauseOfBreak(err error) Cause { return causeOfBreak(err) }
