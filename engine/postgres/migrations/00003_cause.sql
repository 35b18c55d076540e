-- +goose Up
-- The cause is why an attempt ended, as a number that code compares; the reason is text for people. Processes of the
-- version before this one write no cause: it stays 0 for the outcomes that they decide.

-- 0 none, 1 session, 2 cancelled, 3 abandoned, 4 not journaled, 5 refused, 6 no session,
-- 7 session lost, 8 bad event, 9 stream limit.
ALTER TABLE worker.orchestrations ADD COLUMN cause smallint NOT NULL DEFAULT 0;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION worker.guard_orchestrations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.phase NOT BETWEEN 1 AND 4 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_phase_known', MESSAGE = 'a phase is one of 1 to 4';
    END IF;
    IF NEW.outcome NOT IN ('', 'completed', 'failed', 'cancelled') THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_outcome_known', MESSAGE = 'an outcome is one of completed, failed, cancelled';
    END IF;
    IF (NEW.outcome <> '') <> (NEW.phase >= 3) OR (NEW.outcome = '' AND NEW.cause <> 0) THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_outcome_decided', MESSAGE = 'an outcome is decided as soon as the attempt is stopping, and no earlier';
    END IF;
    IF NEW.owed AND NEW.phase <> 4 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_owed_when_over', MESSAGE = 'a callback is owed when the attempt is over';
    END IF;
    IF NEW.events < 0 OR NEW.epoch < 0 OR NEW.cause < 0 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_numbers_valid', MESSAGE = 'events, epochs and causes count from 0';
    END IF;
    IF NEW.holder <> '' AND NEW.epoch = 0 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_held_under_epoch', MESSAGE = 'a tombstone is never held: no write carries its epoch';
    END IF;
    IF NEW.kept_since IS NOT NULL AND (NEW.phase <> 4 OR NEW.owed) THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_kept_when_finished', MESSAGE = 'what is unfinished is not up for purging';
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF NEW.epoch < OLD.epoch OR (NEW.epoch = OLD.epoch AND NEW.holder <> OLD.holder AND NEW.holder <> '') THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_epoch_forward', MESSAGE = 'the epoch of a lease never decreases, and every holder has one of its own';
    END IF;
    IF NEW.phase < OLD.phase OR (OLD.cancel AND NOT NEW.cancel) THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_phase_forward', MESSAGE = 'the phase of an orchestration only moves forward, and a cancellation is not taken back';
    END IF;
    IF OLD.outcome <> '' AND (NEW.outcome <> OLD.outcome OR NEW.cause <> OLD.cause OR NEW.reason <> OLD.reason OR NEW.retryable <> OLD.retryable) THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_outcome_final', MESSAGE = 'the first outcome that was decided stays';
    END IF;
    IF OLD.phase = 4 AND ((NEW.owed AND NOT OLD.owed) OR NEW.events <> OLD.events) THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_over_final', MESSAGE = 'what is over gets no event, and owes no second callback';
    END IF;
    IF NEW.events < OLD.events THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_events_forward', MESSAGE = 'journaled events are not taken back';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
