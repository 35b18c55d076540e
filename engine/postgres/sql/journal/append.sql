-- Append: journals the new events of a batch, all or none.

WITH seen AS MATERIALIZED (
    SELECT * FROM worker.orchestrations WHERE review = @review AND attempt = @attempt FOR UPDATE
),
-- The events that are new. A batch is in the order of its sequence numbers.
fresh AS MATERIALIZED (
    SELECT b.*
    FROM seen s, unnest(@seqs::bigint[], @kinds::text[], @event_tokens::bigint[], @texts::bytea[], @reasons::bytea[], @retryables::boolean[])
        AS b(seq, kind, tokens, text, reason, retryable)
    WHERE b.seq > s.events
),
total AS (
    SELECT max(seq) AS events, sum(tokens)::bigint AS tokens, count(*) AS number, min(seq) FILTER (WHERE kind <> 'progress') AS final
    FROM fresh
),
-- The answer to the first event that can't be journaled, if there is one.
refused AS (
    SELECT CASE WHEN s.phase = 4 OR (SELECT count(*) FROM fresh WHERE seq <= t.final) = t.final - s.events THEN 'stale' ELSE 'permanent' END AS answer
    FROM seen s CROSS JOIN total t
    WHERE t.number > 0 AND (s.phase = 4 OR t.final < t.events
        -- No gaps: every new event follows the one before it.
        OR t.events - s.events <> t.number)
),
written AS (
    UPDATE worker.orchestrations o SET
        events = t.events,
        tokens = o.tokens + t.tokens,
        phase = CASE WHEN f.seq IS NULL THEN o.phase ELSE 4 END,
        outcome = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.outcome ELSE f.kind END,
        cause = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.cause ELSE 1 END, -- the session
        reason = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.reason ELSE f.reason END,
        retryable = CASE WHEN f.seq IS NULL OR o.phase = 3 THEN o.retryable ELSE f.kind = 'failed' AND f.retryable END,
        owed = f.seq IS NOT NULL,
        updated_at = @now
    FROM seen s CROSS JOIN total t LEFT JOIN fresh f ON f.seq = t.final
    WHERE o.review = @review AND o.attempt = @attempt
        -- The fence: a lease of an older epoch has been taken over. It looks at the locked row. That of the snapshot may
        -- be of the epoch before, and then an append would be answered as done and not be written.
        AND s.epoch = @epoch
        -- A tombstone was never held.
        AND s.epoch > 0
        AND t.events IS NOT NULL AND NOT EXISTS (SELECT FROM refused)
    RETURNING o.*
),
journaled AS (
    INSERT INTO worker.events (review, attempt, seq, kind, tokens, text, retryable)
    SELECT w.review, w.attempt, f.seq, f.kind, f.tokens, f.text, f.retryable
    FROM written w CROSS JOIN fresh f
)
SELECT answer, review, attempt, owner, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, spent, throttled, holder, epoch, updated_at
FROM (
    SELECT 'done' AS answer, w.* FROM written w
    UNION ALL
    SELECT
        CASE WHEN s.epoch <> @epoch OR s.epoch = 0 THEN 'stale' ELSE coalesce((SELECT r.answer FROM refused r), 'done') END,
        s.*
    FROM seen s WHERE NOT EXISTS (SELECT FROM written)
) answers;
