-- Release: a claim is given up, but not the slot.

UPDATE app.reviews SET due_at = @due, updated_at = @now
WHERE review = @review
    AND status = 'queued'
    AND attempt = @attempt
    -- The fence: a claim that was overtaken releases nothing.
    AND claim = @token
RETURNING 'done';
