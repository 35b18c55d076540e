-- Cancel: ends an attempt for its user. A claimed attempt may have a session, so it keeps its slot until the session is
-- known to have ended.

WITH seen AS MATERIALIZED (
    SELECT * FROM app.reviews WHERE review = @review FOR UPDATE
),
cancelled AS (
    UPDATE app.reviews r SET
        status = 'cancelled',
        reason = @reason,
        stopping = CASE WHEN s.status = 'pending' THEN r.stopping ELSE r.attempt END,
        due_at = CASE WHEN s.status = 'pending' THEN r.due_at ELSE @now END,
        updated_at = @now
    FROM seen s
    WHERE r.review = s.review
        AND s.status IN ('pending', 'queued', 'running')
        -- The fence: the caller has not asked to cancel another attempt.
        AND s.attempt = @attempt
    RETURNING r.*
),
ended AS (
    INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
    SELECT review, attempt, status, reason, @now FROM cancelled
)
SELECT answer, hint, review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT 'done' AS answer, c.owner AS hint, c.* FROM cancelled c
    UNION ALL
    SELECT CASE WHEN s.attempt = @attempt THEN 'done' ELSE 'stale' END, '', s.*
    FROM seen s WHERE NOT EXISTS (SELECT FROM cancelled)
) answers;
