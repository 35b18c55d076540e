-- Why a claim takes no effect, at the moment of this statement: the review is no
-- candidate any more, or its owner is at the limit. One that could be claimed now was
-- overtaken.

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
