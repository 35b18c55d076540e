-- Events: returns the journaled events after a sequence number. It returns one row of nulls if there are none, and no
-- row if there is no such attempt.

SELECT e.seq, e.kind, e.tokens, e.text, e.retryable
FROM worker.orchestrations o LEFT JOIN LATERAL (
    SELECT * FROM worker.events e
    WHERE e.review = o.review AND e.attempt = o.attempt AND e.seq > @after
    ORDER BY e.seq LIMIT greatest(@max::bigint, 0)
) e ON true
WHERE o.review = @review AND o.attempt = @attempt
ORDER BY e.seq;
