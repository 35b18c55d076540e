-- Events: journaled events after a sequence number; one row without any if there is
-- none, no row if there is no such attempt.

SELECT e.seq, e.kind, e.tokens, e.text, e.retryable
FROM worker.orchestrations o LEFT JOIN LATERAL (
    SELECT * FROM worker.events e
    WHERE e.review = o.review AND e.attempt = o.attempt AND e.seq > @after
    ORDER BY e.seq LIMIT greatest(@max::bigint, 0)
) e ON true
WHERE o.review = @review AND o.attempt = @attempt
ORDER BY e.seq;
