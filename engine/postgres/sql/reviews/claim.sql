-- Claim: the exclusive right to dispatch one candidate.

-- The owner's lock, taken before the statement that counts takes its snapshot.
-- Without it two claims of different reviews would both fit into the last slot:
-- each counts before the other commits (write skew).
SELECT pg_advisory_xact_lock(1, hashtext(@owner));

-- The review's own row, likewise before the snapshot: a claim that waited for it
-- afterwards would set the review as it is now beside slots as they were then.
SELECT FROM app.reviews WHERE review = @review FOR NO KEY UPDATE;

WITH found AS (
    SELECT
        *,
        -- The claim's predicate: still the candidate that was reserved.
        attempt = @attempt AND claim = @seen AND status IN ('pending', 'queued') AND stopping = 0
            AND (due_at <= @now OR due_at > @horizon)
            AS candidate
    FROM app.reviews
    WHERE review = @review AND owner = @owner
),
-- What comes before it: slots that are taken, and older ones that wait. Nobody
-- counts further than the limit.
taken AS (
    SELECT FROM app.reviews
    WHERE owner = @owner AND (status IN ('queued', 'running') OR stopping <> 0)
    LIMIT greatest(@limit::bigint, 0)
),
older AS (
    SELECT FROM found f CROSS JOIN LATERAL (
        SELECT FROM app.reviews r
        WHERE r.owner = @owner AND r.status = 'pending' AND r.stopping = 0
            AND (r.due_at <= @now OR r.due_at > @horizon)
            AND (r.enqueued_at, r.review) < (f.enqueued_at, f.review)
        ORDER BY r.enqueued_at, r.review
        LIMIT greatest(@limit::bigint, 0)
    ) ahead
),
allowed AS (
    SELECT review FROM found
    WHERE candidate
        -- The owner's limit. A stale claim holds its slot already.
        AND (status = 'queued' OR (SELECT count(*) FROM taken) + (SELECT count(*) FROM older) < @limit::bigint)
),
claimed AS (
    UPDATE app.reviews r SET claim = r.claim + 1, status = 'queued', due_at = @due, updated_at = @now
    FROM allowed a
    WHERE r.review = a.review
    RETURNING r.claim
)
SELECT CASE WHEN c.claim IS NOT NULL THEN 'done' WHEN f.candidate THEN 'rejected' ELSE 'stale' END, coalesce(c.claim, 0)
FROM found f LEFT JOIN claimed c ON true;
