-- Append: the events of a batch that are new, all or none.

WITH seen AS MATERIALIZED (
    SELECT * FROM worker.orchestrations WHERE review = @review AND attempt = @attempt FOR UPDATE
),
batch AS (
    SELECT * FROM unnest(@seqs::bigint[], @kinds::text[], @event_tokens::bigint[], @texts::bytea[], @retryables::boolean[])
        WITH ORDINALITY AS e(seq, kind, tokens, text, retryable, place)
),
-- The last event that is journaled or comes earlier in the batch.
numbered AS (
    SELECT b.*, greatest(s.events, max(b.seq) OVER (ORDER BY b.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS last
    FROM batch b CROSS JOIN seen s
),
fresh AS (
    SELECT n.*, coalesce(bool_or(n.kind <> 'progress') OVER (ORDER BY n.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), false) AS over
    FROM numbered n
    WHERE n.seq > n.last
),
-- The first event that can't be journaled, if there is one.
refused AS (
    SELECT CASE WHEN s.phase = 4 OR f.over THEN 'stale' ELSE 'permanent' END AS answer
    FROM fresh f CROSS JOIN seen s
    WHERE s.phase = 4 OR f.over
        -- Continuity: no gap behind what is journaled.
        OR f.seq <> f.last + 1
    ORDER BY f.place LIMIT 1
),
total AS (
    SELECT max(seq) AS events, sum(tokens)::bigint AS tokens FROM fresh
),
final AS (
    SELECT * FROM fresh WHERE kind <> 'progress'
),
written AS (
    UPDATE worker.orchestrations o SET
        events = t.events,
        tokens = o.tokens + t.tokens,
        phase = CASE WHEN f.seq IS NULL THEN o.phase ELSE 4 END,
        outcome = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.outcome ELSE f.kind END,
        reason = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.reason WHEN f.kind = 'failed' THEN f.text ELSE '' END,
        retryable = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.retryable ELSE f.kind = 'failed' AND f.retryable END,
        owed = f.seq IS NOT NULL,
        updated_at = @now
    FROM total t LEFT JOIN final f ON true
    WHERE o.review = @review AND o.attempt = @attempt
        -- The fence: a lease of an older epoch has been taken over.
        AND o.epoch = @epoch
        -- A tombstone was never held.
        AND o.epoch > 0
        AND t.events IS NOT NULL AND NOT EXISTS (SELECT FROM refused)
    RETURNING o.*
),
journaled AS (
    INSERT INTO worker.events (review, attempt, seq, kind, tokens, text, retryable)
    SELECT w.review, w.attempt, f.seq, f.kind, f.tokens, f.text, f.retryable
    FROM written w CROSS JOIN fresh f
)
SELECT answer, review, attempt, owner, payload, phase, cancel, outcome, reason, retryable, owed, events, tokens, holder, epoch, updated_at
FROM (
    SELECT 'done' AS answer, w.* FROM written w
    UNION ALL
    SELECT
        CASE WHEN s.epoch <> @epoch OR s.epoch = 0 THEN 'stale' ELSE coalesce((SELECT r.answer FROM refused r), 'done') END,
        s.*
    FROM seen s WHERE NOT EXISTS (SELECT FROM written)
) answers;
