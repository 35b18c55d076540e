-- Create: records an accepted start under its first lease, or the tombstone of an abandoned one. A row with the same
-- key refuses it.

WITH created AS (
    INSERT INTO worker.orchestrations (
        review, attempt, owner, payload, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens,
        holder, epoch, kept_since, updated_at
    )
    VALUES (
        @review, @attempt, @owner, @payload, @phase, @cancel, @outcome, @cause, @reason, false, false, 0, 0,
        @host, @epoch, @kept_since, @now
    )
    ON CONFLICT (review, attempt) DO NOTHING
    RETURNING *
)
SELECT answer, review, attempt, owner, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, spent, throttled, holder, epoch, updated_at
FROM (
    SELECT 'created' AS answer, c.* FROM created c
    UNION ALL
    SELECT 'known', o.* FROM worker.orchestrations o
    WHERE o.review = @review AND o.attempt = @attempt AND NOT EXISTS (SELECT FROM created)
) answers;
