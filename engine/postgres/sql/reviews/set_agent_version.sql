-- SetAgentVersion: records the version of the agent that runs the attempt.

UPDATE app.reviews SET agent_version = @version, updated_at = @now
WHERE review = @review
    -- The fence: the version belongs to one attempt.
    AND attempt = @attempt
RETURNING 'done', '';
