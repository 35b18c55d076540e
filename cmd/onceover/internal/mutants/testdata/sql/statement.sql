-- What the cutter does to each part of SQL. A ; in a comment ends nothing, and neither does CASE.

SELECT pg_advisory_xact_lock(1, hashtext(@owner)); -- WHERE is no clause here

WITH RECURSIVE seen AS MATERIALIZED (
    SELECT * FROM app.reviews WHERE review = @review FOR UPDATE
),
-- The comment AND that one
steps(owner) AS (
    (SELECT DISTINCT ON (owner) owner FROM app.reviews ORDER BY owner, due_at DESC LIMIT 1)
    UNION
    SELECT r.owner FROM steps s LEFT JOIN app.reviews r ON r.owner > s.owner
),
placed AS (
    SELECT DISTINCT due_at <= @now OR claim = 0 AS due, row_number() OVER (ORDER BY due_at, review) AS place FROM app.reviews
),
changed AS (
    UPDATE app.reviews r SET
        status = CASE WHEN s.status = 'it''s; END' THEN 'a' WHEN s.attempt > 1 AND s.claim = 0 THEN 'b' ELSE r.status END,
        reason = CASE s.status WHEN 'x' THEN '' ELSE r.reason END,
        retries = greatest(r.retries, 1)
    FROM seen s
    WHERE r.review = s.review AND s.status IN ('pending', 'queued') AND (s.due_at <= @now OR NOT (s.claim = 0 AND s.stopping = 0))
        AND s.attempt BETWEEN 1 AND 9
    RETURNING r.*
),
ended AS (
    INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
    SELECT review, attempt, status, reason, @now FROM changed
    ON CONFLICT (review, attempt) DO NOTHING
)
SELECT count(*) FILTER (WHERE c.claim = 0) AS free, coalesce(max(c.owner), '') AS owner, pg_notify('work', '')::text AS notified, c.owner AS hint
FROM changed c CROSS JOIN LATERAL (SELECT FROM steps) one
WHERE EXISTS (SELECT FROM steps)
UNION ALL
SELECT 0, '', '', '' AS hint
ORDER BY 1;
