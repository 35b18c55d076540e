-- RenewLease: adds one heartbeat to a host's lease, and takes orchestrations over.

-- Renewals run one after the other. Without this lock a host could renew its lease while another one, which does not
-- see that yet, takes its orchestrations.
SELECT pg_advisory_xact_lock(2, 0);

-- Lock what may be taken over before the next statement takes its snapshot, because its holder may still be writing.
SELECT
FROM (
    SELECT ''
    UNION
    SELECT s.host
    FROM unnest(@suspects::text[], @beats::bigint[]) AS s(host, beat) LEFT JOIN worker.leases l USING (host)
    WHERE s.host <> @host AND s.beat = coalesce(l.beat, 0)
) AS gone(host)
CROSS JOIN LATERAL (
    SELECT FROM worker.orchestrations o
    WHERE (o.phase <> 4 OR o.owed) AND o.holder = gone.host
    ORDER BY o.holder, o.review, o.attempt
    LIMIT greatest(@max::bigint, 0)
    FOR UPDATE
) free;

WITH RECURSIVE renewed AS (
    INSERT INTO worker.leases AS l (host, beat) VALUES (@host, 1)
    ON CONFLICT (host) DO UPDATE SET beat = l.beat + 1
),
-- No host, and the suspects that have not renewed since. A host that never renewed has heartbeat 0.
gone(host) AS (
    SELECT ''
    UNION
    SELECT s.host
    FROM unnest(@suspects::text[], @beats::bigint[]) AS s(host, beat) LEFT JOIN worker.leases l USING (host)
    WHERE s.host <> @host AND s.beat = coalesce(l.beat, 0)
),
free AS (
    SELECT o.review, o.attempt
    FROM gone CROSS JOIN LATERAL (
        SELECT o.review, o.attempt FROM worker.orchestrations o
        WHERE (o.phase <> 4 OR o.owed) AND o.holder = gone.host
        ORDER BY o.holder, o.review, o.attempt
        LIMIT greatest(@max::bigint, 0)
    ) o
    ORDER BY o.review, o.attempt
    LIMIT greatest(@max::bigint, 0)
),
taken AS (
    UPDATE worker.orchestrations o SET holder = @host, epoch = o.epoch + 1
    FROM free f
    WHERE o.review = f.review AND o.attempt = f.attempt
    RETURNING o.*
),
held AS (
    SELECT * FROM worker.orchestrations WHERE (phase <> 4 OR owed) AND holder = @host
    UNION ALL
    SELECT * FROM taken
),
-- One step of the index for each host that holds something unfinished.
holders AS (
    (
        SELECT holder FROM worker.orchestrations
        WHERE (phase <> 4 OR owed) AND holder > ''
        ORDER BY holder LIMIT 1
    )
    UNION ALL
    SELECT next.holder
    FROM holders h CROSS JOIN LATERAL (
        SELECT o.holder FROM worker.orchestrations o
        WHERE (o.phase <> 4 OR o.owed) AND o.holder > h.holder
        ORDER BY o.holder LIMIT 1
    ) next
),
others AS (
    SELECT h.holder, coalesce(l.beat, 0) AS beat
    FROM holders h
        -- What was taken over a moment ago no longer counts for its old holder.
        CROSS JOIN LATERAL (
            SELECT FROM worker.orchestrations o
            WHERE (o.phase <> 4 OR o.owed) AND o.holder = h.holder
                AND NOT EXISTS (SELECT FROM taken t WHERE t.review = o.review AND t.attempt = o.attempt)
            LIMIT 1
        ) still
        LEFT JOIN worker.leases l ON l.host = h.holder
    WHERE h.holder <> @host
)
SELECT 'held' AS kind, 0::bigint AS beat, review, attempt, owner, payload, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, holder, epoch, updated_at
FROM held
UNION ALL
SELECT 'other', beat, '', 0, '', '', 0, false, '', 0, '', false, false, 0, 0, holder, 0, 'epoch' FROM others
ORDER BY kind, review, attempt, holder;
