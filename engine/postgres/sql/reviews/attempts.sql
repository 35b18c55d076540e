-- Attempts: returns the ended attempts of a review. It returns one row of nulls if there are none, and no row if there
-- is no such review.

SELECT a.attempt, a.status, a.reason, a.ended_at
FROM app.reviews r LEFT JOIN app.attempts a USING (review)
WHERE r.review = @review
ORDER BY a.attempt;
