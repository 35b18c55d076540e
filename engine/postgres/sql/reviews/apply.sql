-- Apply: merges a worker's report into the review.

-- The review as it is, locked until this statement has committed.
WITH seen AS MATERIALIZED (
    SELECT * FROM app.reviews WHERE review = @review FOR UPDATE
),
-- What the report changes. The kind is null if the report is not news.
step AS (
    SELECT review, attempt, CASE
        WHEN @status IN ('completed', 'failed', 'cancelled') AND stopping <> 0 AND stopping = @attempt THEN 'freed'
        WHEN attempt <> @attempt OR status NOT IN ('queued', 'running') THEN NULL
        WHEN @status = 'failed' AND @retryable AND retries < @max_retries::bigint THEN 'retried'
        WHEN @status IN ('completed', 'failed', 'cancelled') THEN 'ended'
        WHEN @status = 'running' AND status = 'queued' THEN 'began'
    END AS kind
    FROM seen
    WHERE attempt >= @attempt
        -- The fence: the answer to a dispatch under an overtaken claim. A callback has no claim.
        AND (@token::bigint = 0 OR claim = @token)
),
changed AS (
    UPDATE app.reviews r SET
        status = CASE s.kind WHEN 'retried' THEN 'pending' WHEN 'ended' THEN @status WHEN 'began' THEN 'running' ELSE r.status END,
        attempt = r.attempt + CASE s.kind WHEN 'retried' THEN 1 ELSE 0 END,
        reason = CASE s.kind WHEN 'retried' THEN '' WHEN 'ended' THEN @reason ELSE r.reason END,
        stopping = CASE s.kind WHEN 'freed' THEN 0 ELSE r.stopping END,
        due_at = CASE
            WHEN s.kind = 'freed' AND r.status = 'pending' THEN @now
            WHEN s.kind = 'retried' THEN @retry
            WHEN s.kind = 'began' THEN @due
            ELSE r.due_at
        END,
        enqueued_at = CASE s.kind WHEN 'retried' THEN @now ELSE r.enqueued_at END,
        retries = r.retries + CASE s.kind WHEN 'retried' THEN 1 ELSE 0 END,
        deferrals = CASE s.kind WHEN 'retried' THEN 0 ELSE r.deferrals END,
        agent_version = CASE WHEN s.kind = 'began' AND @version::bytea <> '' THEN @version ELSE r.agent_version END,
        updated_at = @now
    FROM step s
    WHERE r.review = s.review AND s.kind IS NOT NULL
    RETURNING r.*
),
ended AS (
    INSERT INTO app.attempts (review, attempt, status, reason, ended_at)
    SELECT review, attempt, @status, @reason, @now FROM step WHERE kind IN ('retried', 'ended')
)
SELECT answer, hint, review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM (
    SELECT
        'done' AS answer,
        CASE WHEN s.kind <> 'began' THEN c.owner ELSE '' END AS hint,
        c.*
    FROM changed c JOIN step s USING (review)
    UNION ALL
    SELECT CASE WHEN EXISTS (SELECT FROM step) THEN 'done' ELSE 'stale' END, '', s.*
    FROM seen s WHERE NOT EXISTS (SELECT FROM changed)
) answers;
