-- +goose Up
-- The app's schema: reviews and their ended attempts.
--
-- Identifiers are compared bytewise (COLLATE "C"), as the engine does. What comes
-- from outside and names nothing (reasons, versions) may hold any byte, NUL among
-- them, so it is bytea. Times have whole microseconds and come from the caller:
-- there is no now() in this database.

CREATE SCHEMA app;

-- refuse is what a trigger calls once its WHEN has seen what must never be. The
-- condition is evaluated without a call, so a trigger that does not fire costs next
-- to nothing.
-- +goose StatementBegin
CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING
        ERRCODE = 'check_violation', SCHEMA = TG_TABLE_SCHEMA, TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;
END
$$;
-- +goose StatementEnd

CREATE TABLE app.reviews (
    review        text COLLATE "C" NOT NULL,
    owner         text COLLATE "C" NOT NULL,
    platform      text COLLATE "C" NOT NULL,
    repository    text COLLATE "C" NOT NULL,
    pull_request  bigint NOT NULL,
    head_sha      text COLLATE "C" NOT NULL,
    head_order    bigint NOT NULL,
    status        text COLLATE "C" NOT NULL,
    attempt       bigint NOT NULL,
    reason        bytea NOT NULL,
    claim         bigint NOT NULL,
    stopping      bigint NOT NULL,
    superseded_by text COLLATE "C" NOT NULL,
    due_at        timestamptz NOT NULL,
    enqueued_at   timestamptz NOT NULL,
    retries       bigint NOT NULL,
    deferrals     bigint NOT NULL,
    agent_version bytea NOT NULL,
    updated_at    timestamptz NOT NULL,
    CONSTRAINT reviews_pkey PRIMARY KEY (review),
    -- Two reviews of one head would review it twice; two heads in one place of the
    -- order would each supersede the other.
    CONSTRAINT reviews_head_order_unique UNIQUE (owner, platform, repository, pull_request, head_order),
    CONSTRAINT reviews_head_unique UNIQUE (owner, platform, repository, pull_request, head_sha),
    CONSTRAINT reviews_status_known CHECK (status IN ('pending', 'queued', 'running', 'completed', 'failed', 'cancelled')),
    CONSTRAINT reviews_numbers_valid CHECK (attempt >= 1 AND claim >= 0 AND retries >= 0 AND deferrals >= 0),
    -- Whatever is queued or runs was claimed.
    CONSTRAINT reviews_claimed CHECK (status NOT IN ('queued', 'running') OR claim > 0),
    -- One live attempt: the session of an earlier one is over before the next is claimed.
    CONSTRAINT reviews_one_live_attempt CHECK (stopping = 0 OR (stopping BETWEEN 1 AND attempt AND status NOT IN ('queued', 'running'))),
    -- An older head is never taken up again.
    CONSTRAINT reviews_superseded_over CHECK (superseded_by = '' OR status IN ('completed', 'failed', 'cancelled'))
) WITH (
    -- Queues: what is dead lies at the front of every index, where everybody looks.
    -- A hundredth of the rows is waited for, not a fifth.
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02
);

-- Every index below is partial, and holds only what its question is about: terminal
-- reviews, the bulk of the table after a while, stand in none of them.

-- Reserve and Claim: the oldest that wait.
CREATE INDEX reviews_waiting ON app.reviews (owner, enqueued_at, review)
    WHERE status = 'pending' AND stopping = 0;
-- Reserve and Claim: what holds a slot. At most the owner's limit.
CREATE INDEX reviews_slots ON app.reviews (owner, enqueued_at, review)
    WHERE status IN ('queued', 'running') OR stopping <> 0;
-- Sweep: each owner's candidates by how long they have been due.
CREATE INDEX reviews_open ON app.reviews (owner, due_at, review)
    WHERE status IN ('pending', 'queued') AND stopping = 0;
-- Sweep: running ones not heard of, and cancelled ones not known to be over.
CREATE INDEX reviews_running ON app.reviews (due_at, review)
    WHERE status = 'running';
CREATE INDEX reviews_stopping ON app.reviews (due_at, review)
    WHERE stopping <> 0;

CREATE TRIGGER reviews_identity_final BEFORE UPDATE ON app.reviews FOR EACH ROW
    WHEN (NEW.review <> OLD.review OR NEW.owner <> OLD.owner OR NEW.platform <> OLD.platform
        OR NEW.repository <> OLD.repository OR NEW.pull_request <> OLD.pull_request
        OR NEW.head_sha <> OLD.head_sha OR NEW.head_order <> OLD.head_order)
    EXECUTE FUNCTION app.refuse('what a review is of never changes');
CREATE TRIGGER reviews_terminal_final BEFORE UPDATE ON app.reviews FOR EACH ROW
    WHEN (OLD.status IN ('completed', 'failed', 'cancelled') AND NEW.attempt = OLD.attempt
        AND (NEW.status <> OLD.status OR NEW.reason <> OLD.reason))
    EXECUTE FUNCTION app.refuse('a terminal status is final for its attempt');
CREATE TRIGGER reviews_status_forward BEFORE UPDATE ON app.reviews FOR EACH ROW
    WHEN (NEW.attempt = OLD.attempt AND NEW.status <> OLD.status
        AND (NEW.status = 'pending' OR (NEW.status = 'queued' AND OLD.status = 'running')
            OR (NEW.status = 'running' AND OLD.status = 'pending')))
    EXECUTE FUNCTION app.refuse('the status of an attempt only moves forward');
CREATE TRIGGER reviews_attempt_forward BEFORE UPDATE ON app.reviews FOR EACH ROW
    WHEN (NEW.attempt <> OLD.attempt AND (NEW.attempt <> OLD.attempt + 1 OR NEW.status <> 'pending' OR OLD.status = 'pending'))
    EXECUTE FUNCTION app.refuse('the next attempt has the next number, waits, and follows one that was over');
CREATE TRIGGER reviews_claim_forward BEFORE UPDATE ON app.reviews FOR EACH ROW
    WHEN (NEW.claim <> OLD.claim AND NEW.claim <> OLD.claim + 1)
    EXECUTE FUNCTION app.refuse('claim tokens are given out one after the other');
CREATE TRIGGER reviews_kept BEFORE DELETE ON app.reviews FOR EACH ROW
    EXECUTE FUNCTION app.refuse('reviews are never deleted: their identifiers are idempotency keys');

CREATE TABLE app.attempts (
    review   text COLLATE "C" NOT NULL REFERENCES app.reviews,
    attempt  bigint NOT NULL,
    status   text COLLATE "C" NOT NULL,
    reason   bytea NOT NULL,
    ended_at timestamptz NOT NULL,
    -- An attempt ends once.
    CONSTRAINT attempts_pkey PRIMARY KEY (review, attempt),
    CONSTRAINT attempts_number_valid CHECK (attempt >= 1),
    CONSTRAINT attempts_over CHECK (status IN ('completed', 'failed', 'cancelled'))
);

CREATE TRIGGER attempts_final BEFORE UPDATE OR DELETE ON app.attempts FOR EACH ROW
    EXECUTE FUNCTION app.refuse('an ended attempt is final');
