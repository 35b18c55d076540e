package postgres

import (
	"github.com/jackc/pgx/v5"

	"github.com/onceover/onceover/engine"
)

// scanOrchestration reads a row that ends with the columns of an orchestration,
// after those of leading.
func scanOrchestration(rows pgx.Rows, o *engine.Orchestration, leading ...any) error {
	var phase, cause int16
	var outcome string
	var reason []byte
	var epoch int64
	targets := append(make([]any, 0, 18), leading...)
	targets = append(targets,
		(*string)(&o.Key.Review), &o.Key.Attempt, (*string)(&o.Owner), &o.Payload, &phase, &o.Cancel,
		&outcome, &cause, &reason, &o.Outcome.Retryable, &o.Owed, &o.Events, &o.Tokens, (*string)(&o.Holder), &epoch, &o.UpdatedAt)
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	if outcome != "" {
		var err error
		if o.Outcome.Status, err = engine.ParseStatus(outcome); err != nil {
			return err
		}
	}
	if len(o.Payload) == 0 {
		o.Payload = nil
	}
	o.Phase, o.Epoch = engine.Phase(phase), engine.Epoch(epoch)             //nolint:gosec // checked by the table
	o.Outcome.Cause, o.Outcome.Reason = engine.Cause(cause), string(reason) //nolint:gosec // checked by the table
	o.UpdatedAt = o.UpdatedAt.UTC()
	return nil
}

// scanEvent appends the event of a row, unless it is the row of an attempt without
// any.
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
