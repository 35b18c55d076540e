-- Purge: payload and events of finished attempts are forgotten, in the order of
-- their keys.

-- Purges come one after the other, so that each counts its own.
SELECT pg_advisory_xact_lock(2, 1);

WITH old AS (
    SELECT review, attempt FROM worker.orchestrations
    WHERE kept_since < @before
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
