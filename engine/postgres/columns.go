package postgres

import (
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/engine"
)

// storable reports whether names can be stored in columns of type text, which hold UTF-8 without NUL. Names come from
// the platform and from the system itself, so another one is an error of the caller: it is refused where it would be
// created, and unknown everywhere else. Texts that name nothing are stored as bytes and need no check.
func storable[T ~string](names ...T) bool {
	for _, name := range names {
		if !utf8.ValidString(string(name)) || strings.IndexByte(string(name), 0) >= 0 {
			return false
		}
	}
	return true
}

// signed returns a token, an epoch or a heartbeat as a column holds it. A number that no column can hold was never
// given out: it becomes -1, which equals none that was.
func signed[T ~uint64](number T) int64 {
	if number > math.MaxInt64 {
		return -1
	}
	return int64(number)
}

// horizon returns the latest due time that is believed; see [engine.Due].
func horizon(now time.Time) time.Time { return stored(now).Add(engine.MaxAhead) }

// stored returns a time as a column holds it, in whole microseconds.
func stored(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// scanReview reads a row with the columns of leading first, and then those of a review, in the order of the table.
func scanReview(rows pgx.Rows, r *engine.Review, leading ...*string) error {
	var status string
	var reason, version []byte
	var claim int64
	targets := make([]any, 0, 21)
	for _, target := range leading {
		targets = append(targets, target)
	}
	targets = append(targets,
		(*string)(&r.Review), (*string)(&r.Owner), &r.Platform, &r.Repository, &r.PullRequest, &r.HeadSHA, &r.HeadOrder,
		&status, &r.Attempt, &reason, &claim, &r.Stopping, (*string)(&r.SupersededBy), &r.DueAt, &r.EnqueuedAt,
		&r.Retries, &r.Deferrals, &version, &r.UpdatedAt)
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	var err error
	if r.Status, err = engine.ParseStatus(status); err != nil {
		return err
	}
	r.Reason, r.AgentVersion, r.Claim = string(reason), string(version), engine.Token(claim) //nolint:gosec // never negative
	r.DueAt, r.EnqueuedAt, r.UpdatedAt = r.DueAt.UTC(), r.EnqueuedAt.UTC(), r.UpdatedAt.UTC()
	return nil
}

// scanAttempt appends the attempt of a row. It appends nothing for the one row of a review without ended attempts.
func scanAttempt(rows pgx.Rows, ended *[]engine.Attempt) error {
	var number *int
	var status *string
	var reason []byte
	var at *time.Time
	if err := rows.Scan(&number, &status, &reason, &at); err != nil || number == nil {
		return err
	}
	parsed, err := engine.ParseStatus(*status)
	if err != nil {
		return err
	}
	*ended = append(*ended, engine.Attempt{Number: *number, Status: parsed, Reason: string(reason), EndedAt: at.UTC()})
	return nil
}

// scanOrchestration reads a row with the columns of leading first, and then those of an orchestration.
func scanOrchestration(rows pgx.Rows, o *engine.Orchestration, leading ...any) error {
	var phase, cause int16
	var outcome string
	var reason []byte
	var epoch, spent, throttled int64
	targets := append(make([]any, 0, 20), leading...)
	targets = append(targets,
		(*string)(&o.Key.Review), &o.Key.Attempt, (*string)(&o.Owner), &phase, &o.Cancel,
		&outcome, &cause, &reason, &o.Outcome.Retryable, &o.CallbackPending, &o.Events, &o.Tokens, &spent, &throttled, (*string)(&o.Holder), &epoch, &o.UpdatedAt)
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	if outcome != "" {
		var err error
		if o.Outcome.Status, err = engine.ParseStatus(outcome); err != nil {
			return err
		}
	}
	o.Phase, o.Epoch = engine.Phase(phase), engine.Epoch(epoch)             //nolint:gosec // checked by the table
	o.Outcome.Cause, o.Outcome.Reason = engine.Cause(cause), string(reason) //nolint:gosec // checked by the table
	o.Spent, o.Throttled = time.Duration(spent)*time.Microsecond, time.Duration(throttled)*time.Microsecond
	o.UpdatedAt = o.UpdatedAt.UTC()
	return nil
}

// scanHolding appends the lease of a row, or the heartbeat of another host.
func scanHolding(rows pgx.Rows, holding *engine.Holding) error {
	var other string
	var beat, epoch int64
	var lease engine.Lease
	if err := rows.Scan(&other, &beat, (*string)(&lease.Key.Review), &lease.Key.Attempt, &epoch, &lease.Cancel); err != nil {
		return err
	}
	if other != "" {
		holding.Others = append(holding.Others, engine.Heartbeat{Host: engine.HostID(other), Count: uint64(beat)}) //nolint:gosec // never negative
		return nil
	}
	lease.Epoch = engine.Epoch(epoch) //nolint:gosec // never negative
	holding.Leases = append(holding.Leases, lease)
	return nil
}

// scanEvent appends the event of a row. It appends nothing for the one row of an attempt without events.
func scanEvent(rows pgx.Rows, events *[]engine.Event) error {
	var seq, tokens *int64
	var kind *string
	var text []byte
	var retryable *bool
	if err := rows.Scan(&seq, &kind, &tokens, &text, &retryable); err != nil || seq == nil {
		return err
	}
	event := engine.Event{Seq: *seq, Tokens: *tokens, Text: string(text), Retryable: *retryable}
	if err := event.Kind.UnmarshalText([]byte(*kind)); err != nil {
		return err
	}
	*events = append(*events, event)
	return nil
}
