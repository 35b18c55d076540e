-- Submit: records a new review, and orders it among the heads of its pull request.

-- The owner's lock, taken before the next statement takes its snapshot. Without it, two heads that are submitted at the
-- same time would not see each other, and both would stay.
SELECT pg_advisory_xact_lock(1, hashtext(@owner));

WITH known AS (
    SELECT * FROM app.reviews WHERE review = @review
),
-- All heads of the pull request, locked: the statement waits for a callback that is changing one of them.
heads AS MATERIALIZED (
    SELECT * FROM app.reviews
    WHERE owner = @owner AND platform = @platform AND repository = @repository AND pull_request = @pull_request
        AND NOT EXISTS (SELECT FROM known)
    FOR UPDATE
),
conflict AS (
    SELECT * FROM heads WHERE head_sha = @head_sha OR head_order = @head_order
),
newest AS (
    SELECT review FROM heads WHERE head_order > @head_order ORDER BY head_order DESC LIMIT 1
),
created AS (
    INSERT INTO app.reviews (
        review, owner, platform, repository, pull_request, head_sha, head_order, attempt, claim, stopping,
        retries, deferrals, agent_version, due_at, enqueued_at, updated_at,
        status, superseded_by, reason
    )
    SELECT
        @review, @owner, @platform, @repository, @pull_request, @head_sha, @head_order, 1, 0, 0,
        0, 0, '', @now::timestamptz, @now, @now,
        CASE WHEN n.review IS NULL THEN 'pending' ELSE 'cancelled' END,
        coalesce(n.review, ''),
        coalesce(convert_to('superseded by ' || n.review, 'UTF8'), '')
    FROM (SELECT) AS once LEFT JOIN newest n ON true
    WHERE NOT EXISTS (SELECT FROM known) AND NOT EXISTS (SELECT FROM conflict)
    ON CONFLICT (review) DO NOTHING
    RETURNING *
),
superseded AS (
    UPDATE app.reviews r SET
        superseded_by = c.review,
        updated_at = @now,
        status = CASE WHEN h.status IN ('pending', 'queued', 'running') THEN 'cancelled' ELSE h.status END,
        reason = CASE WHEN h.status IN ('pending', 'queued', 'running') THEN convert_to('superseded by ' || c.review, 'UTF8') ELSE h.reason END,
        stopping = CASE WHEN h.status IN ('queued', 'running') THEN h.attempt ELSE h.stopping END,
        due_at = CASE WHEN h.status IN ('queued', 'running') THEN @now ELSE h.due_at END
    FROM heads h, created c
    WHERE r.review = h.review AND c.status = 'pending'
    RETURNING r.*
),
-- The superseded reviews with an attempt that this submission ended: the others were terminal before.
cancelled AS (
    SELECT s.* FROM superseded s JOIN heads h USING (review) WHERE h.status IN ('pending', 'queued', 'running')
),
ended AS (
    INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
    SELECT review, attempt, status, reason, @now FROM cancelled
    UNION ALL
    SELECT review, attempt, status, reason, @now FROM created WHERE status = 'cancelled'
)
SELECT answer, hint, review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT 'known' AS answer, '' AS hint, k.* FROM known k
    UNION ALL
    SELECT 'conflict', '', c.* FROM conflict c
    UNION ALL
    SELECT 'created', pg_notify('onceover_work', c.owner)::text, c.* FROM created c
    UNION ALL
    SELECT 'superseded', '', c.* FROM cancelled c WHERE c.stopping <> 0
) answers
ORDER BY head_order;
