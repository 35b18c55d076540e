-- Fail: ends an attempt that can't be prepared.

WITH failed AS (
    UPDATE app.reviews SET status = 'failed', reason = @reason, updated_at = @now
    WHERE review = @review
        AND status IN ('pending', 'queued')
        AND attempt = @attempt
        -- The fence: under a later claim the attempt may be running.
        AND claim = @token
    RETURNING *
),
ended AS (
    INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
    SELECT review, attempt, status, reason, @now FROM failed
)
SELECT 'done' AS answer, owner AS hint FROM failed;
