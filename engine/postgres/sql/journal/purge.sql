-- Purge: deletes the payloads and the events of finished attempts, in the order of their keys.

-- Purges run one after the other, so that each counts its own attempts.
SELECT pg_advisory_xact_lock(2, 1);

-- First find what is due by its age: in the order of the keys, a plan could read everything that is kept to find the
-- few rows that are old. The other end of the range excludes nothing. It lets a planner that does not know @before
-- expect a range with two ends, so few rows and not a third of the table, and look each of them up.
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
