-- ClaimRefused: returns why a claim has no effect, at the time of this statement. The review is no longer a candidate,
-- or its owner is at the limit. If it could be claimed now, the claim was overtaken.

SELECT CASE
    WHEN attempt <> @attempt OR claim <> @seen OR status NOT IN ('pending', 'queued') OR stopping <> 0
        OR due_at > @now AND due_at <= @horizon
        THEN 'stale'
    WHEN status = 'pending' AND @limit::bigint <= (
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
    ) THEN 'rejected'
    ELSE 'overtaken'
END
FROM app.reviews r
WHERE review = @review AND owner = @owner;
