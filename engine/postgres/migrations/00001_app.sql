-- +goose Up
-- The app's schema: reviews and their ended attempts.
--
-- Names are compared byte by byte (COLLATE "C"), as in the engine. Texts from outside that name nothing (reasons,
-- versions) may hold any byte, even NUL, so they are bytea. Times have whole microseconds and come from the caller: no
-- statement calls now().

CREATE SCHEMA app;

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
    -- Two reviews of one head would review it twice. Two heads at one place of the order would each supersede the
    -- other.
    CONSTRAINT reviews_head_order_unique UNIQUE (owner, platform, repository, pull_request, head_order),
    CONSTRAINT reviews_head_unique UNIQUE (owner, platform, repository, pull_request, head_sha)
) WITH (
    -- The table is a queue: dead rows are at the front of every index, where every query looks. A vacuum starts at a
    -- hundredth of the rows instead of a fifth.
    autovacuum_vacuum_scale_factor = 0.01, autovacuum_analyze_scale_factor = 0.02
);

-- Every index below is partial and holds only the rows that its queries look for. Terminal reviews, which are most of
-- the table after a while, are in none of them.

-- Reserve and Claim: the oldest reviews that wait.
CREATE INDEX reviews_waiting ON app.reviews (owner, enqueued_at, review)
    WHERE status = 'pending' AND stopping = 0;
-- Reserve and Claim: the reviews that hold a slot. There are at most as many as the owner's limit.
CREATE INDEX reviews_slots ON app.reviews (owner, enqueued_at, review)
    WHERE status IN ('queued', 'running') OR stopping <> 0;
-- Sweep: the candidates of each owner, longest due first.
CREATE INDEX reviews_open ON app.reviews (owner, due_at, review)
    WHERE status IN ('pending', 'queued') AND stopping = 0;
-- Sweep: the candidates of all owners, longest due first.
CREATE INDEX reviews_due ON app.reviews (due_at, review)
    WHERE status IN ('pending', 'queued') AND stopping = 0;
-- Sweep: silent running reviews, and cancelled ones that are not known to have ended.
CREATE INDEX reviews_running ON app.reviews (due_at, review)
    WHERE status = 'running';
CREATE INDEX reviews_stopping ON app.reviews (due_at, review)
    WHERE stopping <> 0;

-- One function per table refuses every row that breaks an invariant, and names the invariant. Check constraints and the
-- WHEN of triggers could do the same, but the server parses their text for every statement. Together they cost more than
-- the update that they guard, while a function is compiled once per session.
-- +goose StatementBegin
CREATE FUNCTION app.guard_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('pending', 'queued', 'running', 'completed', 'failed', 'cancelled') THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_status_known', MESSAGE = 'a status is one of pending, queued, running, completed, failed, cancelled';
    END IF;
    IF NEW.attempt < 1 OR NEW.claim < 0 OR NEW.retries < 0 OR NEW.deferrals < 0 THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_numbers_valid', MESSAGE = 'attempts count from 1, and claims, retries and deferrals from 0';
    END IF;
    IF NEW.status IN ('queued', 'running') AND NEW.claim = 0 THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_claimed', MESSAGE = 'what is queued or runs was claimed';
    END IF;
    IF NEW.stopping <> 0 AND (NEW.stopping < 0 OR NEW.stopping > NEW.attempt OR NEW.status IN ('queued', 'running')) THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_one_live_attempt', MESSAGE = 'one live attempt: the session of an earlier one is over before the next is claimed';
    END IF;
    IF NEW.superseded_by <> '' AND NEW.status NOT IN ('completed', 'failed', 'cancelled') THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_superseded_over', MESSAGE = 'an older head is never taken up again';
    END IF;
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF NEW.review <> OLD.review OR NEW.owner <> OLD.owner OR NEW.platform <> OLD.platform
        OR NEW.repository <> OLD.repository OR NEW.pull_request <> OLD.pull_request
        OR NEW.head_sha <> OLD.head_sha OR NEW.head_order <> OLD.head_order THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_identity_final', MESSAGE = 'what a review is of never changes';
    END IF;
    IF NEW.attempt = OLD.attempt THEN
        IF OLD.status IN ('completed', 'failed', 'cancelled') AND (NEW.status <> OLD.status OR NEW.reason <> OLD.reason) THEN
            RAISE check_violation USING CONSTRAINT = 'reviews_terminal_final', MESSAGE = 'a terminal status is final for its attempt';
        END IF;
        IF NEW.status <> OLD.status AND (NEW.status = 'pending'
            OR (NEW.status = 'queued' AND OLD.status = 'running') OR (NEW.status = 'running' AND OLD.status = 'pending')) THEN
            RAISE check_violation USING CONSTRAINT = 'reviews_status_forward', MESSAGE = 'the status of an attempt only moves forward';
        END IF;
    ELSE
        IF NEW.attempt <> OLD.attempt + 1 OR NEW.status <> 'pending' OR OLD.status = 'pending' THEN
            RAISE check_violation USING CONSTRAINT = 'reviews_attempt_forward', MESSAGE = 'the next attempt has the next number, waits, and follows one that was over';
        END IF;
    END IF;
    IF NEW.claim <> OLD.claim AND NEW.claim <> OLD.claim + 1 THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_claim_forward', MESSAGE = 'claim tokens are given out one after the other';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION app.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE check_violation USING CONSTRAINT = TG_NAME, MESSAGE = TG_ARGV[0];
END
$$;
-- +goose StatementEnd

CREATE TRIGGER reviews_guard BEFORE INSERT OR UPDATE ON app.reviews FOR EACH ROW
    EXECUTE FUNCTION app.guard_reviews();
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
