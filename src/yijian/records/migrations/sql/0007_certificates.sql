-- Certificates lose what they say with the key of their case; their numbers stay used, their state
-- stays verifiable, and who fetched one stays recorded.

-- Until now a row stood for the check of a number; from now on for a type of certificate.
UPDATE certificate SET type = 'birth_certificate' WHERE type = 'birth_certificate_number';
UPDATE certificate SET type = 'household_page' WHERE type = 'newborn_id_number';

-- Ciphertext does not compress.
ALTER TABLE certificate ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE fetched_certificate ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE fetched_certificate ALTER COLUMN sealed_file SET STORAGE EXTERNAL;

CREATE FUNCTION forget_certificates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE certificate SET sealed = NULL, holder_hash = NULL WHERE case_id = NEW.id;
    UPDATE fetched_certificate SET sealed = NULL, sealed_file = NULL WHERE case_id = NEW.id;
    UPDATE certificate_grant SET sealed = NULL WHERE case_id = NEW.id;
    UPDATE certificate_ending SET sealed = NULL WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER a_forgotten_case_keeps_no_certificates AFTER UPDATE OF wrapped_key ON "case"
    FOR EACH ROW WHEN (NEW.wrapped_key IS NULL AND OLD.wrapped_key IS NOT NULL)
    EXECUTE FUNCTION forget_certificates();

CREATE TRIGGER a_retrieval_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE
    ON certificate_retrieval FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
