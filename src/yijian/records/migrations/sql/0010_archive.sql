-- Packages outlive the key of their case, and only a disposal by two takes one away.

ALTER TABLE archive_package ADD CONSTRAINT a_package_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE archive_lookup ADD CONSTRAINT a_lookup_leads_to_a_package
    FOREIGN KEY (package_id) REFERENCES archive_package (id);
ALTER TABLE archive_batch_line ADD CONSTRAINT an_archive_line_belongs_to_a_batch
    FOREIGN KEY (batch_id) REFERENCES archive_batch (id);
ALTER TABLE archive_batch_line ADD CONSTRAINT an_archive_line_names_a_package
    FOREIGN KEY (package_id) REFERENCES archive_package (id);
ALTER TABLE archive_disposal ADD CONSTRAINT a_disposal_names_a_package
    FOREIGN KEY (package_id) REFERENCES archive_package (id);
-- Ciphertext does not compress.
ALTER TABLE archive_package ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE INDEX leaves_of_a_case ON journal_leaf (case_id, seq);

CREATE FUNCTION keep_the_archive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'UPDATE' THEN
        RAISE EXCEPTION 'packages are never deleted'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'the_archive_only_grows';
    END IF;
    IF OLD.state = 'destroyed' OR OLD.state = 'kept' AND (
        NEW.sha256 <> OLD.sha256 OR NEW.sm3 <> OLD.sm3 OR NEW.serial <> OLD.serial
        OR NEW.name <> OLD.name OR NEW.keep_until IS DISTINCT FROM OLD.keep_until
        OR NEW.state NOT IN ('kept', 'destroyed')
        OR NEW.state = 'kept' AND NEW.sealed IS DISTINCT FROM OLD.sealed
        OR NEW.state = 'destroyed' AND NOT EXISTS (
            SELECT FROM archive_disposal d
            WHERE d.package_id = NEW.id AND d.verdict = 'destroyed')
    ) THEN
        RAISE EXCEPTION 'a kept package does not change'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'a_kept_package_never_changes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER the_archive_keeps_what_it_has BEFORE UPDATE OR DELETE ON archive_package
    FOR EACH ROW EXECUTE FUNCTION keep_the_archive();
CREATE TRIGGER the_archive_is_never_emptied BEFORE TRUNCATE ON archive_package
    FOR EACH STATEMENT EXECUTE FUNCTION keep_the_archive();

CREATE FUNCTION keep_the_disposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.verdict <> '' OR NEW.package_id <> OLD.package_id OR NEW.reason <> OLD.reason
        OR NEW.proposed_by <> OLD.proposed_by THEN
        RAISE EXCEPTION 'a disposal that was decided does not change'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'a_verdict_never_changes';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER verdicts_stay BEFORE UPDATE ON archive_disposal
    FOR EACH ROW EXECUTE FUNCTION keep_the_disposals();
CREATE TRIGGER disposals_only_grow BEFORE DELETE OR TRUNCATE ON archive_disposal
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tiles_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_tile
    EXECUTE FUNCTION refuse_change();
