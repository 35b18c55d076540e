package engine

import (
	"context"
	"errors"
	"fmt"
)

// An App is one replica of the application. Users and webhooks call it to submit, cancel and retrigger reviews; workers
// call it to report. Each method makes one decision in the store, and the dispatcher acts on it. A method that changes
// something finishes even if its caller leaves: its context ends neither the decision nor what follows from it.
type App struct {
	rt         Runtime
	config     AppConfig
	store      ReviewStore
	worker     Worker
	dispatcher *Dispatcher
}

// NewApp returns an App on top of a dispatcher. It shares the store, the worker and the config of the dispatcher.
func NewApp(dispatcher *Dispatcher) *App {
	return &App{
		rt: dispatcher.rt, config: dispatcher.config, store: dispatcher.store,
		worker: dispatcher.worker, dispatcher: dispatcher,
	}
}

// Submit records a review, triggers its dispatch, and supersedes the older heads of the same pull request. Submitting
// the same review again returns it as it is, unless its head has come back with a higher order; see
// [ReviewStore.Submit]. The error is Permanent if the submission is malformed or contradicts an earlier one.
//
// A pull request that is closed is none of the app's business: its client cancels what is going on. When it is reopened,
// the client submits its head with a higher order.
func (a *App) Submit(ctx context.Context, s Submission) (Review, error) {
	if err := s.validate(); err != nil {
		return Review{}, &Error{Kind: Permanent, Op: "app.submit", Err: err}
	}
	call, cancel := a.rt.WithTimeout(lasting(ctx), a.config.StoreTimeout)
	defer cancel()
	r, superseded, err := a.store.Submit(call, s, a.rt.Now())
	if err != nil {
		return Review{}, err
	}
	for _, old := range superseded {
		a.dispatcher.Stop(old)
	}
	a.dispatcher.Trigger(s.Owner)
	return r, nil
}

// Get returns a review. The error is NotFound if there is no such review.
func (a *App) Get(ctx context.Context, id ReviewID) (Review, error) {
	call, cancel := a.rt.WithTimeout(ctx, a.config.StoreTimeout)
	defer cancel()
	return a.store.Get(call, id)
}

// Attempts returns the ended attempts of a review, oldest first. The error is NotFound if there is no such review.
func (a *App) Attempts(ctx context.Context, id ReviewID) ([]Attempt, error) {
	call, cancel := a.rt.WithTimeout(ctx, a.config.StoreTimeout)
	defer cancel()
	return a.store.Attempts(call, id)
}

// Events returns the journaled events of an attempt after a sequence number, at most max of them. It asks the worker.
// A page may end earlier: see [PageBytesMax]. The error is Permanent if after is negative or max is not in 1 to
// [PageEventsMax], and NotFound if the worker does not know the attempt.
func (a *App) Events(ctx context.Context, key AttemptKey, after int64, max int) ([]Event, error) {
	if err := CheckPage(after, max); err != nil {
		return nil, &Error{Kind: Permanent, Op: "app.events", Err: err}
	}
	call, cancel := a.rt.WithTimeout(ctx, a.config.DispatchTimeout)
	defer cancel()
	return a.worker.Events(call, key, after, max)
}

// Cancel ends an attempt, in any status. A terminal attempt stays as it is. The error is Stale if the review is at
// another attempt, and NotFound if there is no such review.
func (a *App) Cancel(ctx context.Context, key AttemptKey, reason string) (Review, error) {
	call, cancel := a.rt.WithTimeout(lasting(ctx), a.config.StoreTimeout)
	defer cancel()
	r, err := a.store.Cancel(call, key, CleanText(reason), a.rt.Now())
	if err != nil {
		return Review{}, err
	}
	if r.Stopping == key.Attempt {
		a.dispatcher.Stop(r)
	}
	a.dispatcher.Trigger(r.Owner) // younger reviews may have been waiting behind it
	return r, nil
}

// Retrigger starts the attempt that follows a terminal one. Repeating the call for the same attempt has no further
// effect. The error is Rejected if the attempt has not ended, Permanent if a newer head has superseded the review,
// Stale if the review has not reached the attempt, and NotFound if there is no such review.
func (a *App) Retrigger(ctx context.Context, key AttemptKey) (Review, error) {
	call, cancel := a.rt.WithTimeout(lasting(ctx), a.config.StoreTimeout)
	defer cancel()
	r, err := a.store.Retrigger(call, key, a.rt.Now())
	if err != nil {
		return Review{}, err
	}
	a.dispatcher.Trigger(r.Owner)
	return r, nil
}

// Report implements [Callback]: workers call it to report the status of an attempt. A report that is older than what
// the store knows changes nothing and is no error. The error is Permanent if the report is malformed, Stale if the
// review has not reached the attempt, and NotFound if there is no such review.
func (a *App) Report(ctx context.Context, report WorkerReport) error {
	if err := report.check(); err != nil {
		return &Error{Kind: Permanent, Op: "app.report", Err: err}
	}
	_, err := a.dispatcher.apply(lasting(ctx), report, 0)
	return err
}

// validate returns an error for the first field that is missing or out of range.
func (s *Submission) validate() error {
	switch {
	case s.Review == "":
		return errors.New("review is empty; give an identifier that is unique to this head")
	case s.Owner == "":
		return errors.New("owner is empty; give the user or organisation")
	case s.Platform != "github" && s.Platform != "gitlab":
		return fmt.Errorf("platform is %q; allowed: github, gitlab", s.Platform)
	case s.Repository == "":
		return errors.New("repository is empty; give its full name")
	case s.PullRequest < 1:
		return fmt.Errorf("pull_request is %d; allowed: 1 and up", s.PullRequest)
	case s.HeadSHA == "":
		return errors.New("head_sha is empty; give the commit to review")
	case len(s.Review) > NameBytesMax || len(s.Owner) > NameBytesMax || len(s.Repository) > RepositoryBytesMax || len(s.HeadSHA) > HeadSHABytesMax:
		return fmt.Errorf("a field is too long; allowed: review and owner %d bytes, repository %d, head_sha %d",
			NameBytesMax, RepositoryBytesMax, HeadSHABytesMax)
	case !validReview(s.Review) || !ValidName(s.Owner) || !storableName(s.Repository, RepositoryBytesMax) || !storableName(s.HeadSHA, HeadSHABytesMax):
		return errors.New("a name can't be stored; allowed: UTF-8 without NUL, and a review other than /")
	}
	return nil
}
