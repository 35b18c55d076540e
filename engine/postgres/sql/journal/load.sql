-- Load: returns one orchestration.

SELECT 'done', review, attempt, owner, phase, cancel, outcome, cause, reason, retryable, owed, events, tokens, spent, throttled, holder, epoch, updated_at
FROM worker.orchestrations
WHERE review = @review AND attempt = @attempt;
