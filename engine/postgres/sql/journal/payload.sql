-- Payload: returns the payload of one orchestration.

SELECT payload FROM worker.orchestrations
WHERE review = @review AND attempt = @attempt;
