-- RequestCancel: marks an attempt that has not ended, or leaves a tombstone for one that has not arrived.

INSERT INTO worker.orchestrations AS o (
    review, attempt, owner, payload, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens,
    holder, epoch, kept_since, updated_at
)
VALUES (
    @review, @attempt, '', '', 4, true, 'cancelled', 2, 'cancelled before it started', false, false, 0, 0,
    '', 0, @now, @now
)
ON CONFLICT (review, attempt) DO UPDATE SET
    cancel = o.cancel OR o.phase < 4,
    updated_at = CASE WHEN o.phase < 4 AND NOT o.cancel THEN @now ELSE o.updated_at END
RETURNING 'done', review, attempt, owner, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, spent, throttled, holder, epoch, updated_at;
