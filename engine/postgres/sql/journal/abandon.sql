-- Abandon: ends an attempt although its session may be running, and takes it from its holder; leaves a tombstone for one
-- that has not arrived; gives up the callback of one that is over.

INSERT INTO worker.orchestrations AS o (
    review, attempt, owner, payload, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens,
    holder, epoch, kept_since, updated_at
)
VALUES (
    @review, @attempt, '', '', 4, true, @outcome, @cause, @reason, @retryable, false, 0, 0,
    '', 0, @now, @now
)
ON CONFLICT (review, attempt) DO UPDATE SET
    phase = 4,
    outcome = CASE WHEN o.phase < 3 THEN excluded.outcome ELSE o.outcome END,
    cause = CASE WHEN o.phase < 3 THEN excluded.cause ELSE o.cause END,
    reason = CASE WHEN o.phase < 3 THEN excluded.reason ELSE o.reason END,
    retryable = CASE WHEN o.phase < 3 THEN excluded.retryable ELSE o.retryable END,
    -- What was not over owes its callback from now on; what was owed is given up.
    owed = o.phase < 4,
    holder = CASE WHEN o.phase < 4 OR o.owed THEN '' ELSE o.holder END,
    -- The holder must not write any more.
    epoch = CASE WHEN o.phase < 4 THEN o.epoch + 1 ELSE o.epoch END,
    kept_since = CASE WHEN o.owed THEN @now ELSE o.kept_since END,
    updated_at = CASE WHEN o.phase < 4 OR o.owed THEN @now ELSE o.updated_at END
RETURNING 'done', review, attempt, owner, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, spent, throttled, holder, epoch, updated_at;
