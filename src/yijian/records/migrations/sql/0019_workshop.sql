-- Nobody approves what they have written; what is published or logged stays as it is.

ALTER TABLE pack_draft ADD CONSTRAINT nobody_approves_an_own_draft
    CHECK (approver = '' OR NOT authors @> to_jsonb(approver));

CREATE FUNCTION keep_decided_drafts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('published', 'discarded') OR NEW.code <> OLD.code
        OR NEW.opened_at <> OLD.opened_at OR NEW.lock <= OLD.lock
        OR NOT NEW.authors @> OLD.authors
        OR (NEW.state = 'published' AND (OLD.state <> 'submitted'
            OR NEW.files <> OLD.files OR NEW.authors <> OLD.authors)) THEN
        RAISE EXCEPTION 'a draft goes forward, and is published as it was submitted'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'a_draft_is_published_as_it_was_submitted';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER drafts_go_forward BEFORE UPDATE ON pack_draft
    FOR EACH ROW EXECUTE FUNCTION keep_decided_drafts();
CREATE TRIGGER drafts_are_not_forgotten BEFORE DELETE OR TRUNCATE ON pack_draft
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pack_sources_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON pack_source
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER policy_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON policy_log
    EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yijian_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON pack_source, policy_log FROM yijian_app;
        REVOKE DELETE, TRUNCATE ON pack_draft FROM yijian_app;
    END IF;
END $$;
