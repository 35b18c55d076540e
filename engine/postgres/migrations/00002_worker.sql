-- +goose Up
-- The worker's schema: orchestrations with their outbox, events, and the leases of the hosts. Nothing in it refers to
-- the app's schema: the two may be in different databases.

CREATE SCHEMA worker;

CREATE TABLE worker.orchestrations (
    review     text COLLATE "C" NOT NULL,
    attempt    bigint NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    payload    bytea NOT NULL,
    -- The progress of the attempt: 1 accepted, 2 intended, 3 stopping, 4 over.
    phase      smallint NOT NULL,
    cancel     boolean NOT NULL,
    -- How the attempt ended; '' until that is decided.
    outcome    text COLLATE "C" NOT NULL,
    reason     bytea NOT NULL,
    retryable  boolean NOT NULL,
    -- The outbox: the app has not answered the terminal callback yet. It is a column, because it changes in the same
    -- row and under the same fence as the outcome.
    owed       boolean NOT NULL,
    -- The sequence number of the last event, and the sum of the tokens of all events.
    events     bigint NOT NULL,
    tokens     bigint NOT NULL,
    -- The host that may run it, and its epoch; '' if no host does.
    holder     text COLLATE "C" NOT NULL,
    epoch      bigint NOT NULL,
    -- The time since which a finished attempt has kept its payload and events. It is null before the attempt is
    -- finished and after they are purged.
    kept_since timestamptz,
    updated_at timestamptz NOT NULL,
    CONSTRAINT orchestrations_pkey PRIMARY KEY (review, attempt)
) WITH (
    -- An appended batch changes no indexed column. With room in its page the row stays there, and no index is written
    -- (a heap-only update).
    fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02
);

-- RenewLease: what is unfinished, by holder. Finished attempts, which are most of the table, are not in it.
CREATE INDEX orchestrations_unfinished ON worker.orchestrations (holder, review, attempt)
    WHERE phase <> 4 OR owed;
-- Purge: the attempts that may be purged, by age.
CREATE INDEX orchestrations_kept ON worker.orchestrations (kept_since)
    WHERE kept_since IS NOT NULL;

-- One function per table, for the reason given in the app's schema.
-- +goose StatementBegin
CREATE FUNCTION worker.guard_orchestrations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.phase NOT BETWEEN 1 AND 4 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_phase_known', MESSAGE = 'a phase is one of 1 to 4';
    END IF;
    IF NEW.outcome NOT IN ('', 'completed', 'failed', 'cancelled') THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_outcome_known', MESSAGE = 'an outcome is one of completed, failed, cancelled';
    END IF;
    IF (NEW.outcome <> '') <> (NEW.phase >= 3) THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_outcome_decided', MESSAGE = 'an outcome is decided as soon as the attempt is stopping, and no earlier';
    END IF;
    IF NEW.owed AND NEW.phase <> 4 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_owed_when_over', MESSAGE = 'a callback is owed when the attempt is over';
    END IF;
    IF NEW.events < 0 OR NEW.epoch < 0 THEN
        RAISE check_violation USING CONSTRAINT = 'orchestrations_numbers_valid', MESSAGE = 'events and epochs count from 0';
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
    IF OLD.outcome <> '' AND (NEW.outcome <> OLD.outcome OR NEW.reason <> OLD.reason OR NEW.retryable <> OLD.retryable) THEN
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

-- +goose StatementBegin
CREATE FUNCTION worker.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING CONSTRAINT = TG_NAME, MESSAGE = TG_ARGV[0];
END
$$;
-- +goose StatementEnd

CREATE TRIGGER orchestrations_guard BEFORE INSERT OR UPDATE ON worker.orchestrations FOR EACH ROW
    EXECUTE FUNCTION worker.guard_orchestrations();
CREATE TRIGGER orchestrations_kept_for_ever BEFORE DELETE ON worker.orchestrations FOR EACH ROW
    EXECUTE FUNCTION worker.refuse('orchestrations are never deleted: a late start must be refused however long it took');

CREATE TABLE worker.events (
    review    text COLLATE "C" NOT NULL,
    attempt   bigint NOT NULL,
    seq       bigint NOT NULL,
    kind      text COLLATE "C" NOT NULL,
    tokens    bigint NOT NULL,
    text      bytea NOT NULL,
    retryable boolean NOT NULL,
    -- No event is journaled twice. There is no foreign key: the statement that writes an event has just changed the row
    -- of its orchestration.
    CONSTRAINT events_pkey PRIMARY KEY (review, attempt, seq),
    CONSTRAINT events_seq_valid CHECK (seq >= 1),
    CONSTRAINT events_kind_known CHECK (kind IN ('progress', 'completed', 'failed'))
);

CREATE TRIGGER events_final BEFORE UPDATE ON worker.events FOR EACH ROW
    EXECUTE FUNCTION worker.refuse('a journaled event is final');

CREATE TABLE worker.leases (
    host text COLLATE "C" NOT NULL,
    beat bigint NOT NULL,
    CONSTRAINT leases_pkey PRIMARY KEY (host),
    CONSTRAINT leases_beat_valid CHECK (beat >= 1)
) WITH (fillfactor = 50); -- renewed all the time, in place

CREATE TRIGGER leases_beat_forward BEFORE UPDATE ON worker.leases FOR EACH ROW
    WHEN (NEW.beat <= OLD.beat OR NEW.host <> OLD.host)
    EXECUTE FUNCTION worker.refuse('beats are counted upwards');
