-- Claim: the exclusive right to dispatch one candidate.

-- The owner's lock, taken before the statement that counts takes its snapshot.
-- Without it two claims of different reviews would both fit into the last slot:
-- each counts before the other commits (write skew).
SELECT pg_advisory_xact_lock(1, hashtext(@owner));

WITH judged AS (
    SELECT version, candidate,
        candidate
        -- The owner's limit. A stale claim holds its slot already.
        AND (status = 'queued' OR taken + older < @limit::bigint)
            AS allowed
    FROM (
        SELECT
            xmin AS version, status,
            -- The claim's predicate: still the candidate that was reserved.
            attempt = @attempt AND claim = @seen AND status IN ('pending', 'queued') AND stopping = 0
                AND (due_at <= @now OR due_at > @horizon)
                AS candidate,
            -- What comes before it: slots that are taken, and older ones that wait.
            -- Nobody counts further than the limit.
            (SELECT count(*) FROM (
                SELECT FROM app.reviews
                WHERE owner = @owner AND (status IN ('queued', 'running') OR stopping <> 0)
                LIMIT greatest(@limit::bigint, 0)
            ) slots) AS taken,
            (SELECT count(*) FROM (
                SELECT FROM app.reviews o
                WHERE o.owner = @owner AND o.status = 'pending' AND o.stopping = 0
                    AND (o.due_at <= @now OR o.due_at > @horizon)
                    AND (o.enqueued_at, o.review) < (r.enqueued_at, r.review)
                ORDER BY o.enqueued_at, o.review
                LIMIT greatest(@limit::bigint, 0)
            ) ahead) AS older
        FROM app.reviews r
        WHERE review = @review AND owner = @owner
    ) found
),
claimed AS (
    UPDATE app.reviews SET claim = claim + 1, status = 'queued', due_at = @due, updated_at = @now
    WHERE review = @review
        -- The row that was judged: one that this had to wait for, and that was changed
        -- meanwhile, would be claimed beside slots as they were before.
        AND xmin = (SELECT version FROM judged WHERE allowed)
    RETURNING claim
)
SELECT
    CASE WHEN c.claim IS NOT NULL THEN 'done' WHEN j.allowed THEN 'overtaken' WHEN j.candidate THEN 'rejected' ELSE 'stale' END,
    coalesce(c.claim, 0)
FROM judged j LEFT JOIN claimed c ON true;
