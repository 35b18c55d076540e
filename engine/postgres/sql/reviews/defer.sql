-- Defer: when a review is looked at again. Asking again whether an earlier attempt
-- is over is no failed preparation of the one that waits for it.

UPDATE app.reviews SET
    due_at = @due,
    updated_at = @now,
    deferrals = deferrals + CASE WHEN attempt = @attempt AND status IN ('pending', 'queued') THEN 1 ELSE 0 END
WHERE review = @review
    AND ((stopping <> 0 AND stopping = @attempt) OR (attempt = @attempt AND status IN ('pending', 'queued', 'running')))
    -- The fence: whoever has seen an older claim knows nothing of this one.
    AND claim = @token
RETURNING 'done';
