-- Finish: ends the attempt, with the outcome that was decided before, if there is one. From now on the callback is in
-- the outbox.

WITH written AS (
    UPDATE worker.orchestrations SET
        phase = 4,
        outcome = CASE WHEN phase < 3 THEN @outcome ELSE outcome END,
        cause = CASE WHEN phase < 3 THEN @cause ELSE cause END,
        reason = CASE WHEN phase < 3 THEN @reason ELSE reason END,
        retryable = CASE WHEN phase < 3 THEN @retryable ELSE retryable END,
        owed = owed OR phase < 4,
        updated_at = CASE WHEN phase < 4 THEN @now ELSE updated_at END
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
