-- Stopped: frees the slot of a cancelled attempt. If the next attempt waits for that, it becomes due.

WITH seen AS MATERIALIZED (
    SELECT * FROM app.reviews WHERE review = @review FOR UPDATE
),
freed AS (
    UPDATE app.reviews r SET
        stopping = 0,
        due_at = CASE WHEN s.status = 'pending' THEN @now ELSE r.due_at END,
        updated_at = @now
    FROM seen s
    WHERE r.review = s.review
        AND s.stopping <> 0
        -- The fence: the end of another attempt's session does not free this slot.
        AND s.stopping = @attempt
    RETURNING r.*
)
SELECT answer, hint, review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT 'done' AS answer, f.owner AS hint, f.* FROM freed f
    UNION ALL
    SELECT 'done', '', s.* FROM seen s WHERE NOT EXISTS (SELECT FROM freed)
) answers;
