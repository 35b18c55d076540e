-- +goose Up
-- How long all holders of an attempt have followed its session, and have waited for an agent that throttled its callers,
-- in microseconds. Processes of the version before this one write neither.

-- Causes, further: 10 throttled, 11 takeovers, 12 ended by an operator.
ALTER TABLE worker.orchestrations ADD COLUMN spent bigint NOT NULL DEFAULT 0;
ALTER TABLE worker.orchestrations ADD COLUMN throttled bigint NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE FUNCTION worker.guard_spent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING CONSTRAINT = 'orchestrations_spent_forward', MESSAGE = 'time that was spent is not given back';
END
$$;
-- +goose StatementEnd

CREATE TRIGGER orchestrations_spent_forward BEFORE UPDATE ON worker.orchestrations FOR EACH ROW
    WHEN (NEW.spent < OLD.spent OR NEW.throttled < OLD.throttled)
    EXECUTE FUNCTION worker.guard_spent();
