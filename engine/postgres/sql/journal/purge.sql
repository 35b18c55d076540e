-- Purge: payload and events of finished attempts are forgotten, in the order of
-- their keys.

-- Purges come one after the other, so that each counts its own.
SELECT pg_advisory_xact_lock(2, 1);

-- What is due is found by its age first: in the order of the keys a plan could read all
-- that is kept, to find the few that are old. The other end of the range excludes
-- nothing. It tells a planner that does not know @before how few to expect (a range of
-- two ends, not a third of the table), so that it looks each of them up.
WITH due AS MATERIALIZED (
    SELECT review, attempt FROM worker.orchestrations WHERE kept_since < @before AND kept_since > '-infinity'
),
old AS (
    SELECT review, attempt FROM due
    ORDER BY review, attempt
    LIMIT greatest(@max::bigint, 0)
),
purged AS (
    UPDATE worker.orchestrations o SET payload = '', kept_since = NULL
    FROM old
    WHERE o.review = old.review AND o.attempt = old.attempt
    RETURNING o.review, o.attempt
),
forgotten AS (
    DELETE FROM worker.events e
    USING purged p
    WHERE e.review = p.review AND e.attempt = p.attempt
)
SELECT count(*) FROM purged;
