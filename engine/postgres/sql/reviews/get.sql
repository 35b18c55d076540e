-- Get: returns one review.

SELECT review, owner, platform, repository, pull_request, head_sha, head_order, status, attempt, reason, claim,
    stopping, superseded_by, due_at, enqueued_at, retries, deferrals, agent_version, updated_at
FROM app.reviews
WHERE review = @review;
