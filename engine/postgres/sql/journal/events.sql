-- Events: returns the journaled events after a sequence number, as many as fit into a page: at least one if there is one.
-- It returns one row of nulls if there are none, and no row if there is no such attempt.

SELECT e.seq, e.kind, e.tokens, e.text, e.retryable
FROM worker.orchestrations o LEFT JOIN LATERAL (
    SELECT *, row_number() OVER (ORDER BY seq) AS place, sum(octet_length(text)) OVER (ORDER BY seq) AS bytes
    FROM (
        SELECT * FROM worker.events e
        WHERE e.review = o.review AND e.attempt = o.attempt AND e.seq > @after
        ORDER BY e.seq LIMIT greatest(@max::bigint, 0)
    ) page
) e ON e.place = 1 OR e.bytes <= @bytes
WHERE o.review = @review AND o.attempt = @attempt
ORDER BY e.seq;
