-- Claim: the exclusive right to dispatch one candidate. No row: claim_refused.sql tells
-- why.

-- The owner's lock, taken before the statement that counts takes its snapshot.
-- Without it two claims of different reviews would both fit into the last slot:
-- each counts before the other commits (write skew).
SELECT pg_advisory_xact_lock(1, hashtext(@owner));

UPDATE app.reviews r SET claim = claim + 1, status = 'queued', due_at = @due, updated_at = @now
WHERE review = @review AND owner = @owner
    -- The claim's predicate: still the candidate that was reserved.
    AND attempt = @attempt AND claim = @seen AND status IN ('pending', 'queued') AND stopping = 0
    AND (due_at <= @now OR due_at > @horizon)
    -- The row as the snapshot has it: one that this had to wait for, and that was changed
    -- meanwhile, would be claimed beside slots as they were before.
    AND xmin = (SELECT xmin FROM app.reviews WHERE review = @review)
    -- The owner's limit: slots that are taken, and older ones that wait. Nobody counts
    -- further than the limit. A stale claim holds its slot already.
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
