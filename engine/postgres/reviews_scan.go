package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/engine"
)

// scanReview reads a row that ends with the columns of a review, in the order of the
// table, after those of leading.
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

// scanAttempt appends the attempt of a row, unless it is the row of a review without
// any.
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
