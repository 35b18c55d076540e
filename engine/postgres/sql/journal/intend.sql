-- RecordIntent: records that the agent is about to be called.

WITH written AS (
    UPDATE worker.orchestrations SET
        phase = greatest(phase, 2),
        updated_at = CASE WHEN phase < 2 THEN @now ELSE updated_at END
    WHERE review = @review AND attempt = @attempt
        -- The fence: a lease of an older epoch has been taken over.
        AND epoch = @epoch
        -- A tombstone was never held.
        AND epoch > 0
    RETURNING *
)
SELECT answer, review, attempt, owner, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, spent, throttled, holder, epoch, updated_at
FROM (
    SELECT 'done' AS answer, w.* FROM written w
    UNION ALL
    SELECT 'stale', o.* FROM worker.orchestrations o
    WHERE o.review = @review AND o.attempt = @attempt AND NOT EXISTS (SELECT FROM written)
) answers;
