-- Submit: records a new review, or moves a known one up in the order of heads. The newest head of the pull request
-- supersedes the others.

-- The owner's lock, taken before the next statement takes its snapshot. Without it, two heads that are submitted at the
-- same time would not see each other, and both would stay.
SELECT pg_advisory_xact_lock(1, hashtext(@owner));

WITH known AS MATERIALIZED (
    SELECT * FROM app.reviews WHERE review = @review FOR UPDATE
),
-- One row if the submission changes something: the review is new, or its head has come back with a higher order.
news AS (
    SELECT WHERE NOT EXISTS (
        SELECT FROM known
        WHERE head_order >= @head_order
            OR (owner, platform, repository, pull_request, head_sha) <> (@owner, @platform, @repository, @pull_request, @head_sha)
    )
),
-- All other heads of the pull request, locked: the statement waits for a callback that is changing one of them.
heads AS MATERIALIZED (
    SELECT * FROM app.reviews
    WHERE owner = @owner AND platform = @platform AND repository = @repository AND pull_request = @pull_request
        AND review <> @review AND EXISTS (SELECT FROM news)
    FOR UPDATE
),
newest AS (
    SELECT review FROM heads WHERE (head_order, review) > (@head_order, @review) ORDER BY head_order DESC, review DESC LIMIT 1
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
    FROM news LEFT JOIN newest n ON true
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT (review) DO NOTHING
    RETURNING *
),
-- What becomes of a head that has come back. Has it been the newest before? Is it now, and was it cancelled, so that
-- its next attempt begins?
back AS (
    SELECT k.review, n.review IS NULL AS newest, k.superseded_by = '' AS stays,
        n.review IS NULL AND k.status = 'cancelled' AS again
    FROM known k CROSS JOIN news LEFT JOIN newest n ON true
),
moved AS (
    UPDATE app.reviews r SET
        head_order = @head_order,
        superseded_by = CASE WHEN b.newest THEN '' ELSE r.superseded_by END,
        attempt = r.attempt + CASE WHEN b.again THEN 1 ELSE 0 END,
        status = CASE WHEN b.again THEN 'pending' ELSE r.status END,
        reason = CASE WHEN b.again THEN '' ELSE r.reason END,
        retries = CASE WHEN b.again THEN 0 ELSE r.retries END,
        deferrals = CASE WHEN b.again THEN 0 ELSE r.deferrals END,
        due_at = CASE WHEN b.again THEN @now ELSE r.due_at END,
        enqueued_at = CASE WHEN b.again THEN @now ELSE r.enqueued_at END,
        updated_at = @now
    FROM back b
    WHERE r.review = b.review
    RETURNING r.*
),
head AS (
    SELECT * FROM created UNION ALL SELECT * FROM moved
),
superseded AS (
    UPDATE app.reviews r SET
        superseded_by = c.review,
        updated_at = @now,
        status = CASE WHEN h.status IN ('pending', 'queued', 'running') THEN 'cancelled' ELSE h.status END,
        reason = CASE WHEN h.status IN ('pending', 'queued', 'running') THEN convert_to('superseded by ' || c.review, 'UTF8') ELSE h.reason END,
        stopping = CASE WHEN h.status IN ('queued', 'running') THEN h.attempt ELSE h.stopping END,
        due_at = CASE WHEN h.status IN ('queued', 'running') THEN @now ELSE h.due_at END
    FROM heads h, head c
    WHERE r.review = h.review AND NOT EXISTS (SELECT FROM newest) AND NOT EXISTS (SELECT FROM back WHERE stays)
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
    SELECT 'known' AS answer, '' AS hint, k.* FROM known k WHERE NOT EXISTS (SELECT FROM moved)
    UNION ALL
    SELECT 'created', c.owner AS hint, c.* FROM head c
    UNION ALL
    SELECT 'superseded', '', c.* FROM cancelled c WHERE c.stopping <> 0
) answers
ORDER BY head_order;
