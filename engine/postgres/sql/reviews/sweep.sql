-- Sweep: returns what no trigger finds, at most @max of each kind, longest due first.
-- Due means not after now, or beyond the horizon. Every list is read from two ends of an index, one for each half of
-- that condition.

-- What has been due for longest, of all owners. If there are many owners, this names enough of them.
WITH RECURSIVE front AS MATERIALIZED (
    SELECT owner, due_at, review FROM app.reviews
    WHERE status IN ('pending', 'queued') AND stopping = 0 AND due_at <= @now
    ORDER BY due_at, review LIMIT 4 * @max::bigint
),
enough AS MATERIALIZED (
    SELECT count(DISTINCT owner) >= @max::bigint AS yes FROM front
),
-- Otherwise few owners have all of it: one step of the index for each of them, however many candidates it has.
owners AS (
    (
        SELECT owner FROM app.reviews
        WHERE status IN ('pending', 'queued') AND stopping = 0 AND NOT (SELECT yes FROM enough)
        ORDER BY owner LIMIT 1
    )
    UNION ALL
    SELECT next.owner
    FROM owners o CROSS JOIN LATERAL (
        SELECT r.owner FROM app.reviews r
        WHERE r.status IN ('pending', 'queued') AND r.stopping = 0 AND r.owner > o.owner
        ORDER BY r.owner LIMIT 1
    ) next
),
-- The candidate of each owner that has been due for longest.
candidates AS (
    SELECT * FROM (
        (SELECT DISTINCT ON (owner) owner, due_at, review FROM front WHERE (SELECT yes FROM enough) ORDER BY owner, due_at, review)
        UNION ALL
        SELECT o.owner, first.due_at, first.review
        FROM owners o CROSS JOIN LATERAL (
            (
                SELECT r.due_at, r.review FROM app.reviews r
                WHERE r.owner = o.owner AND r.status IN ('pending', 'queued') AND r.stopping = 0 AND r.due_at <= @now
                ORDER BY r.due_at, r.review LIMIT 1
            )
            UNION ALL
            (
                SELECT r.due_at, r.review FROM app.reviews r
                WHERE r.owner = o.owner AND r.status IN ('pending', 'queued') AND r.stopping = 0 AND r.due_at > @horizon
                ORDER BY r.due_at, r.review LIMIT 1
            )
            ORDER BY due_at, review LIMIT 1
        ) first
    ) first
    ORDER BY due_at, review LIMIT @max
),
silent AS (
    SELECT * FROM (
        (SELECT due_at, review FROM app.reviews WHERE status = 'running' AND due_at <= @now ORDER BY due_at, review LIMIT @max)
        UNION ALL
        (SELECT due_at, review FROM app.reviews WHERE status = 'running' AND due_at > @horizon ORDER BY due_at, review LIMIT @max)
    ) due
    ORDER BY due_at, review LIMIT @max
),
stopping AS (
    SELECT * FROM (
        (SELECT due_at, review FROM app.reviews WHERE stopping <> 0 AND due_at <= @now ORDER BY due_at, review LIMIT @max)
        UNION ALL
        (SELECT due_at, review FROM app.reviews WHERE stopping <> 0 AND due_at > @horizon ORDER BY due_at, review LIMIT @max)
    ) due
    ORDER BY due_at, review LIMIT @max
)
SELECT kind, r.review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, r.due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT 'owner' AS kind, due_at, review FROM candidates
    UNION ALL
    SELECT 'silent', * FROM silent
    UNION ALL
    SELECT 'stopping', * FROM stopping
) work
-- One step of the index for each row, no matter what a planner expects of limits that it does not know.
CROSS JOIN LATERAL (SELECT * FROM app.reviews WHERE review = work.review LIMIT 1) r
ORDER BY kind, work.due_at, work.review;
