-- Reserve: returns every stale claim, for the slot that it holds, and the oldest due pending reviews, for the slots
-- that are left. Due means not after now, or beyond the horizon.

WITH slots AS MATERIALIZED (
    SELECT * FROM app.reviews
    WHERE owner = @owner AND (status IN ('queued', 'running') OR stopping <> 0)
),
waiting AS (
    SELECT * FROM app.reviews
    WHERE owner = @owner AND status = 'pending' AND stopping = 0
        AND (due_at <= @now OR due_at > @horizon)
    ORDER BY enqueued_at, review
    LIMIT (SELECT greatest(@limit::bigint - count(*), 0) FROM slots)
)
SELECT review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT 1 AS place, s.* FROM slots s WHERE s.status = 'queued' AND (s.due_at <= @now OR s.due_at > @horizon)
    UNION ALL
    SELECT 2, w.* FROM waiting w
) candidates
ORDER BY place, enqueued_at, review;
