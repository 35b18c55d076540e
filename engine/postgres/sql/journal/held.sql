-- Held: returns the leases of a host, in the order of their keys, and the heartbeats of all other hosts that hold
-- something unfinished, in the order of their names.

WITH RECURSIVE holders AS (
    -- One step of the index for each host that holds something unfinished.
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
)
SELECT '' AS other, 0::bigint AS beat, review, attempt, epoch, cancel
FROM worker.orchestrations
WHERE (phase <> 4 OR owed) AND holder = @host AND @host <> ''
UNION ALL
SELECT h.holder, coalesce(l.beat, 0), '', 0, 0, false
FROM holders h LEFT JOIN worker.leases l ON l.host = h.holder
WHERE h.holder <> @host
ORDER BY other, review, attempt;
