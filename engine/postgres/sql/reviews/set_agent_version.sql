-- SetAgentVersion: a note about who runs the attempt.

UPDATE app.reviews SET agent_version = @version, updated_at = @now
WHERE review = @review
    -- The fence: a version of an earlier attempt is none of this one.
    AND attempt = @attempt
RETURNING 'done';
