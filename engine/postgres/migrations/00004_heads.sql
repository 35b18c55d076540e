-- +goose Up
-- A head may come back: after a force-push, or when a pull request is reopened. It comes under its identifier, with a
-- higher order, or as another review of the same commit. Two heads may have one order, if that is the time of a push in
-- whole seconds; the identifier decides then. So neither the commit nor the order is unique any more.
ALTER TABLE app.reviews DROP CONSTRAINT reviews_head_order_unique, DROP CONSTRAINT reviews_head_unique;

-- Submit: the heads of a pull request.
CREATE INDEX reviews_heads ON app.reviews (owner, platform, repository, pull_request, head_order, review);

-- Sweep goes by the owners, in the order of their names, since it looks only for those that can be helped.
DROP INDEX app.reviews_due;

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION app.guard_reviews() RETURNS trigger LANGUAGE plpgsql AS $$
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
        OR NEW.repository <> OLD.repository OR NEW.pull_request <> OLD.pull_request OR NEW.head_sha <> OLD.head_sha THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_identity_final', MESSAGE = 'what a review is of never changes';
    END IF;
    IF NEW.head_order < OLD.head_order THEN
        RAISE check_violation USING CONSTRAINT = 'reviews_head_order_forward', MESSAGE = 'a head only moves up in the order of heads';
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
