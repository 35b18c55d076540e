package model

import (
	"context"
	"fmt"
	"time"

	"github.com/onceover/onceover/engine"
)

// Journals is an [engine.Journal] that turns every call into a [JournalOp] and
// lets Do execute it, as [Reviews] does for the review store.
type Journals struct {
	// Do executes op and fills in result, which is zero before. It must keep
	// neither of them.
	Do func(ctx context.Context, op *JournalOp, result *JournalResult)
	// Shared is as in [Reviews].
	Shared bool

	free []*journalCall
}

// A journalCall is the memory of one call.
type journalCall struct {
	op     JournalOp
	result JournalResult
}

var _ engine.Journal = (*Journals)(nil)

// NewJournals returns the synchronous adapter of a journal: every call takes
// effect at once. Only a call whose context has ended is rejected.
func NewJournals(journal *Journal) *Journals {
	return &Journals{Do: func(ctx context.Context, op *JournalOp, result *JournalResult) {
		if ctx.Err() != nil {
			result.refuse(engine.Rejected)
			return
		}
		journal.Apply(op, result)
	}}
}

// call executes one operation. The caller hands the memory back with done.
func (j *Journals) call(ctx context.Context, op JournalOp) (*journalCall, error) {
	var c *journalCall
	if n := len(j.free); n > 0 {
		c, j.free = j.free[n-1], j.free[:n-1]
	} else {
		c = new(journalCall)
	}
	c.op, c.result = op, JournalResult{}
	j.Do(ctx, &c.op, &c.result)
	if c.result.Failed {
		return c, c.result.Error(&c.op)
	}
	return c, nil
}

func (j *Journals) done(c *journalCall) {
	if !j.Shared {
		j.free = append(j.free, c)
	}
}

// orchestration executes an operation that answers with an orchestration.
func (j *Journals) orchestration(ctx context.Context, op JournalOp) (engine.Orchestration, error) {
	c, err := j.call(ctx, op)
	defer j.done(c)
	return c.result.Orchestration, err
}

// write executes an operation that answers nothing.
func (j *Journals) write(ctx context.Context, op JournalOp) error {
	c, err := j.call(ctx, op)
	j.done(c)
	return err
}

// Create implements [engine.Journal].
func (j *Journals) Create(ctx context.Context, request engine.StartRequest, host engine.HostID, now time.Time) (engine.Orchestration, bool, error) {
	c, err := j.call(ctx, JournalOp{
		Kind: JournalCreate, Key: request.Key, Owner: request.Owner, Token: request.Token, Payload: request.Payload,
		Host: host, Now: now, Outcome: request.Outcome(),
	})
	defer j.done(c)
	return c.result.Orchestration, c.result.Created, err
}

// Load implements [engine.Journal].
func (j *Journals) Load(ctx context.Context, key engine.AttemptKey) (engine.Orchestration, error) {
	return j.orchestration(ctx, JournalOp{Kind: JournalLoad, Key: key})
}

// RenewLease implements [engine.Journal].
func (j *Journals) RenewLease(ctx context.Context, host engine.HostID, suspects []engine.Heartbeat, max int) (engine.Holding, error) {
	c, err := j.call(ctx, JournalOp{Kind: JournalRenewLease, Host: host, Suspects: suspects, Max: max})
	defer j.done(c)
	return engine.Holding{Orchestrations: c.result.Orchestrations, Others: c.result.Others}, err
}

// ReleaseLease implements [engine.Journal].
func (j *Journals) ReleaseLease(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	return j.write(ctx, JournalOp{Kind: JournalReleaseLease, Key: key, Epoch: epoch, Now: now})
}

// RecordIntent implements [engine.Journal].
func (j *Journals) RecordIntent(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) (engine.Orchestration, error) {
	return j.orchestration(ctx, JournalOp{Kind: JournalRecordIntent, Key: key, Epoch: epoch, Now: now})
}

// Append implements [engine.Journal].
func (j *Journals) Append(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, events []engine.Event, now time.Time) (engine.Orchestration, error) {
	return j.orchestration(ctx, JournalOp{Kind: JournalAppend, Key: key, Epoch: epoch, Events: events, Now: now})
}

// Decide implements [engine.Journal].
func (j *Journals) Decide(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return j.orchestration(ctx, JournalOp{Kind: JournalDecide, Key: key, Epoch: epoch, Outcome: outcome, Now: now})
}

// Finish implements [engine.Journal].
func (j *Journals) Finish(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, outcome engine.Outcome, now time.Time) (engine.Orchestration, error) {
	return j.orchestration(ctx, JournalOp{Kind: JournalFinish, Key: key, Epoch: epoch, Outcome: outcome, Now: now})
}

// ClearOutbox implements [engine.Journal].
func (j *Journals) ClearOutbox(ctx context.Context, key engine.AttemptKey, epoch engine.Epoch, now time.Time) error {
	return j.write(ctx, JournalOp{Kind: JournalClearOutbox, Key: key, Epoch: epoch, Now: now})
}

// RequestCancel implements [engine.Journal].
func (j *Journals) RequestCancel(ctx context.Context, key engine.AttemptKey, now time.Time) (engine.Orchestration, error) {
	return j.orchestration(ctx, JournalOp{Kind: JournalRequestCancel, Key: key, Now: now})
}

// Events implements [engine.Journal].
func (j *Journals) Events(ctx context.Context, key engine.AttemptKey, after int64, max int) ([]engine.Event, error) {
	c, err := j.call(ctx, JournalOp{Kind: JournalEvents, Key: key, After: after, Max: max})
	defer j.done(c)
	return c.result.Events, err
}

// Purge implements [engine.Journal].
func (j *Journals) Purge(ctx context.Context, before time.Time, max int) (int, error) {
	c, err := j.call(ctx, JournalOp{Kind: JournalPurge, Before: before, Max: max})
	defer j.done(c)
	return c.result.Purged, err
}

// ExecuteJournal calls the method of a real journal that op stands for and
// returns its answer as a [JournalResult], as [Execute] does for the review
// store. It panics on a kind that is not one of the constants.
func ExecuteJournal(ctx context.Context, journal engine.Journal, op *JournalOp) JournalResult {
	r, _ := PerformJournal(ctx, journal, op)
	return r
}

// PerformJournal is to [ExecuteJournal] what [Perform] is to [Execute].
func PerformJournal(ctx context.Context, journal engine.Journal, op *JournalOp) (r JournalResult, err error) {
	switch op.Kind {
	case JournalCreate:
		request := engine.StartRequest{Key: op.Key, Owner: op.Owner, Token: op.Token, Payload: op.Payload, Abandon: op.Outcome.Reason}
		r.Orchestration, r.Created, err = journal.Create(ctx, request, op.Host, op.Now)
	case JournalLoad:
		r.Orchestration, err = journal.Load(ctx, op.Key)
	case JournalRenewLease:
		var holding engine.Holding
		holding, err = journal.RenewLease(ctx, op.Host, op.Suspects, op.Max)
		r.Orchestrations, r.Others = holding.Orchestrations, holding.Others
	case JournalReleaseLease:
		err = journal.ReleaseLease(ctx, op.Key, op.Epoch, op.Now)
	case JournalRecordIntent:
		r.Orchestration, err = journal.RecordIntent(ctx, op.Key, op.Epoch, op.Now)
	case JournalAppend:
		r.Orchestration, err = journal.Append(ctx, op.Key, op.Epoch, op.Events, op.Now)
	case JournalDecide:
		r.Orchestration, err = journal.Decide(ctx, op.Key, op.Epoch, op.Outcome, op.Now)
	case JournalFinish:
		r.Orchestration, err = journal.Finish(ctx, op.Key, op.Epoch, op.Outcome, op.Now)
	case JournalClearOutbox:
		err = journal.ClearOutbox(ctx, op.Key, op.Epoch, op.Now)
	case JournalRequestCancel:
		r.Orchestration, err = journal.RequestCancel(ctx, op.Key, op.Now)
	case JournalEvents:
		r.Events, err = journal.Events(ctx, op.Key, op.After, op.Max)
	case JournalPurge:
		r.Purged, err = journal.Purge(ctx, op.Before, op.Max)
	default:
		panic(fmt.Sprintf("model: journal operation kind %d is none of create (%d) to purge (%d)", op.Kind, JournalCreate, JournalPurge))
	}
	if err != nil {
		return JournalResult{Failed: true, Err: engine.KindOf(err)}, err
	}
	return r, nil
}
