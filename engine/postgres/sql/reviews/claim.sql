-- Claim: takes the exclusive right to dispatch one candidate. If it returns no row, claim_refused.sql finds out why.

-- The owner's lock, taken before the counting statement takes its snapshot. Without it two claims of different reviews
-- could both take the last slot, because each counts before the other commits (write skew).
SELECT pg_advisory_xact_lock(1, hashtext(@owner));

UPDATE app.reviews r SET claim = claim + 1, status = 'queued', due_at = @due, updated_at = @now
WHERE review = @review AND owner = @owner
    -- The fence: still the candidate that was reserved.
    AND attempt = @attempt AND claim = @seen AND status IN ('pending', 'queued') AND stopping = 0
    AND (due_at <= @now OR due_at > @horizon)
    -- The row version of the snapshot. If this statement waited for another transaction that changed the row, the slots
    -- were counted before that change.
    AND xmin = (SELECT xmin FROM app.reviews WHERE review = @review)
    -- The owner's limit: taken slots, and older reviews that wait. Nothing is counted beyond the limit. A stale claim
    -- holds its slot already.
    AND (status = 'queued' OR @limit::bigint > (
        SELECT count(*) FROM (
            SELECT FROM app.reviews
            WHERE owner = @owner AND (status IN ('queued', 'running') OR stopping <> 0)
            LIMIT greatest(@limit, 0)
        ) taken
    ) + (
        SELECT count(*) FROM (
            SELECT FROM app.reviews o
            WHERE o.owner = @owner AND o.status = 'pending' AND o.stopping = 0
                AND (o.due_at <= @now OR o.due_at > @horizon)
                AND (o.enqueued_at, o.review) < (r.enqueued_at, r.review)
            ORDER BY o.enqueued_at, o.review
            LIMIT greatest(@limit, 0)
        ) older
    ))
RETURNING claim;
