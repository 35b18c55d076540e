-- RenewLease: adds one heartbeat to a host's lease, and takes orchestrations over.

-- Renewals run one after the other. Without this lock a host could renew its lease while another one, which does not
-- see that yet, takes its orchestrations.
SELECT pg_advisory_xact_lock(2, 0);

-- Lock what may be taken over before the next statement takes its snapshot, because its holder may still be writing.
-- Both statements answer with a number: the locks last until this client has read the answer, and a list could be
-- longer than what fits into a connection.
WITH locked AS MATERIALIZED (
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
    ) free
)
SELECT count(*) FROM locked;

WITH renewed AS (
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
    RETURNING o.review
)
SELECT count(*) FROM taken;
