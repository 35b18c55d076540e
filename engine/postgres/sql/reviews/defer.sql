-- Defer: sets when the sweep looks at a review again. To ask again whether an earlier attempt has ended is no failed
-- preparation of the attempt that waits for it.

UPDATE app.reviews SET
    due_at = @due,
    updated_at = @now,
    deferrals = deferrals + CASE WHEN attempt = @attempt AND status IN ('pending', 'queued') THEN 1 ELSE 0 END
WHERE review = @review
    AND ((stopping <> 0 AND stopping = @attempt) OR (attempt = @attempt AND status IN ('pending', 'queued', 'running')))
    -- The fence: the caller has seen this claim, not an older one.
    AND claim = @token
RETURNING 'done', '';
