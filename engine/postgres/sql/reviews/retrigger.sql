-- Retrigger: starts the attempt after a terminal one, at the end of its owner's queue. stopping stays: the new attempt
-- waits until the session of the old one has ended.

WITH seen AS MATERIALIZED (
    SELECT * FROM app.reviews WHERE review = @review FOR UPDATE
),
begun AS (
    UPDATE app.reviews r SET
        attempt = r.attempt + 1, status = 'pending', reason = '', retries = 0, deferrals = 0,
        due_at = @now, enqueued_at = @now, updated_at = @now
    FROM seen s
    WHERE r.review = s.review
        AND s.status IN ('completed', 'failed', 'cancelled')
        AND s.superseded_by = ''
        -- The fence: two requests start one attempt.
        AND s.attempt = @attempt
    RETURNING r.*
)
SELECT answer, hint, review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT 'done' AS answer, b.owner AS hint, b.* FROM begun b
    UNION ALL
    SELECT
        CASE
            WHEN s.attempt > @attempt THEN 'done'
            WHEN s.attempt < @attempt THEN 'stale'
            WHEN s.status IN ('pending', 'queued', 'running') THEN 'rejected'
            ELSE 'permanent'
        END,
        '', s.*
    FROM seen s WHERE NOT EXISTS (SELECT FROM begun)
) answers;
