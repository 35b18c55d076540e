-- Release: gives up a claim, but not its slot.

UPDATE app.reviews SET due_at = @due, updated_at = @now
WHERE review = @review
    AND status = 'queued'
    AND attempt = @attempt
    -- The fence: an overtaken claim releases nothing.
    AND claim = @token
RETURNING 'done', '';
