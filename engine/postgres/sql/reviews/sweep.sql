-- Sweep: returns what no trigger finds, at most @max of each kind.
-- Due means not after now, or beyond the horizon.

-- The limits of single owners; the others have @limit slots.
WITH RECURSIVE limits AS MATERIALIZED (
    SELECT * FROM unnest(@owners::text[], @limits::bigint[]) AS l(owner, slots)
),
-- The owners with candidates, one step of the index for each, however many candidates it has: in the first lap from the
-- one behind @after on, in the second from the beginning up to @after, until enough of them can be helped. That is an
-- owner with a stale claim, or with a due pending review and a free slot. The first row is where the walk begins.
walk AS (
    SELECT 1 AS lap, @after::text COLLATE "C" AS owner, false AS helped, 0::bigint AS found
    UNION ALL
    SELECT next.lap, next.owner, owner.helped, w.found + CASE WHEN owner.helped THEN 1 ELSE 0 END
    FROM walk w CROSS JOIN LATERAL (
        SELECT * FROM (
            SELECT w.lap, n.owner FROM (
                SELECT r.owner FROM app.reviews r
                WHERE r.status IN ('pending', 'queued') AND r.stopping = 0 AND r.owner > w.owner
                ORDER BY r.owner LIMIT 1
            ) n
            WHERE w.lap = 1 OR n.owner <= @after
            UNION ALL
            SELECT 2, n.owner FROM (
                SELECT r.owner FROM app.reviews r
                WHERE r.status IN ('pending', 'queued') AND r.stopping = 0
                ORDER BY r.owner LIMIT 1
            ) n
            WHERE w.lap = 1 AND n.owner <= @after
        ) steps
        ORDER BY lap LIMIT 1
    ) next CROSS JOIN LATERAL (
        SELECT stale OR held < coalesce((SELECT l.slots FROM limits l WHERE l.owner = next.owner), @limit::bigint) AND (
            -- The first of an index that is ordered by the due time, not EXISTS: a server that knows of few rows makes a
            -- hash table of all reviews that are due, and keeps that plan when there are many.
            coalesce((
                SELECT true FROM app.reviews r
                WHERE r.owner = next.owner AND r.status IN ('pending', 'queued') AND r.stopping = 0
                    AND r.status = 'pending' AND r.due_at <= @now
                ORDER BY r.due_at LIMIT 1
            ), (
                SELECT true FROM app.reviews r
                WHERE r.owner = next.owner AND r.status IN ('pending', 'queued') AND r.stopping = 0
                    AND r.status = 'pending' AND r.due_at > @horizon
                ORDER BY r.due_at LIMIT 1
            ), false)
        ) AS helped
        FROM (
            SELECT count(*) AS held,
                coalesce(bool_or(r.status = 'queued' AND (r.due_at <= @now OR r.due_at > @horizon)), false) AS stale
            FROM app.reviews r
            WHERE r.owner = next.owner AND (r.status IN ('queued', 'running') OR r.stopping <> 0)
        ) slots
    ) owner
    WHERE w.found < @max::bigint
),
-- Silent and stopping reviews are read from two ends of an index, one for each half of what due means.
silent AS (
    SELECT row_number() OVER (ORDER BY due_at, review) AS place, review FROM (
        (SELECT due_at, review FROM app.reviews WHERE status = 'running' AND due_at <= @now ORDER BY due_at, review LIMIT @max)
        UNION ALL
        (SELECT due_at, review FROM app.reviews WHERE status = 'running' AND due_at > @horizon ORDER BY due_at, review LIMIT @max)
    ) due
    ORDER BY due_at, review LIMIT @max
),
stopping AS (
    SELECT row_number() OVER (ORDER BY due_at, review) AS place, review FROM (
        (SELECT due_at, review FROM app.reviews WHERE stopping <> 0 AND due_at <= @now ORDER BY due_at, review LIMIT @max)
        UNION ALL
        (SELECT due_at, review FROM app.reviews WHERE stopping <> 0 AND due_at > @horizon ORDER BY due_at, review LIMIT @max)
    ) due
    ORDER BY due_at, review LIMIT @max
)
SELECT kind, r.review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, r.due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    -- Any review of an owner stands for it.
    SELECT 'owner' AS kind, found AS place, (
        SELECT o.review FROM app.reviews o
        WHERE o.owner = walk.owner AND o.status IN ('pending', 'queued') AND o.stopping = 0
        ORDER BY o.due_at LIMIT 1
    ) AS review
    FROM walk WHERE helped
    UNION ALL
    SELECT 'silent', place, review FROM silent
    UNION ALL
    SELECT 'stopping', place, review FROM stopping
) work
-- One step of the index for each row, no matter what a planner expects of limits that it does not know.
CROSS JOIN LATERAL (SELECT * FROM app.reviews WHERE review = work.review LIMIT 1) r
ORDER BY kind, place;
