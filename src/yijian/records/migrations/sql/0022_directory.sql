-- What was proposed, done and changed stays as it was; what was decided is not decided again.

CREATE TRIGGER administration_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON administration
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER proposals_are_not_forgotten BEFORE DELETE OR TRUNCATE ON proposal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER office_changes_are_not_forgotten BEFORE DELETE OR TRUNCATE ON office_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_proposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR NEW.kind <> OLD.kind OR NEW.subject <> OLD.subject
        OR NEW.payload <> OLD.payload OR NEW.digest <> OLD.digest
        OR NEW.sealed IS DISTINCT FROM OLD.sealed OR NEW.proposed_by <> OLD.proposed_by
        OR NEW.office <> OLD.office OR NEW.proposed_at <> OLD.proposed_at THEN
        RAISE EXCEPTION 'what was proposed does not change, and is decided once'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'what_was_proposed_stays_proposed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER proposals_stay BEFORE UPDATE ON proposal
    FOR EACH ROW EXECUTE FUNCTION keep_proposals();

CREATE FUNCTION keep_office_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.code <> OLD.code OR NEW.starts_on <> OLD.starts_on OR NEW.ends <> OLD.ends
        OR NEW.successor <> OLD.successor OR NEW."values" <> OLD."values"
        OR NEW.decided_by <> OLD.decided_by OR NEW.proposed_by <> OLD.proposed_by
        OR OLD.applied_at IS NOT NULL AND NEW.applied_at IS DISTINCT FROM OLD.applied_at THEN
        RAISE EXCEPTION 'a change that was decided does not change'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'a_decided_change_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER office_changes_stay BEFORE UPDATE ON office_change
    FOR EACH ROW EXECUTE FUNCTION keep_office_changes();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yijian_app') THEN
        REVOKE UPDATE, DELETE ON administration FROM yijian_app;
        REVOKE DELETE ON proposal, office_change FROM yijian_app;
    END IF;
END $$;

-- The log of reads is asked for one day: it grows in the order of time.
CREATE INDEX reads_by_time ON access_log USING brin (at) WITH (autosummarize = on);
