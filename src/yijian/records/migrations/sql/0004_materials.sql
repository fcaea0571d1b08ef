-- Scans, sightings and save keys belong to a case and go with its key.

ALTER TABLE material ADD CONSTRAINT a_material_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE sighting ADD CONSTRAINT a_sighting_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE save_key ADD CONSTRAINT a_save_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
-- Ciphertext does not compress.
ALTER TABLE material ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE OR REPLACE FUNCTION forget_case(given uuid, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "case" SET wrapped_key = NULL, sealed = NULL, display = NULL, forgotten_at = at
        WHERE id = given AND forgotten_at IS NULL AND stage IN ('closed', 'withdrawn');
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    UPDATE outbox SET sealed = NULL WHERE case_id = given;
    UPDATE notification SET sealed = NULL WHERE case_id = given;
    UPDATE held_decision SET sealed = NULL WHERE case_id = given;
    UPDATE certificate SET sealed = NULL WHERE case_id = given;
    UPDATE material SET sealed = NULL WHERE case_id = given;
    UPDATE sighting SET sealed = NULL WHERE case_id = given;
    DELETE FROM save_key WHERE case_id = given;
    DELETE FROM lookup WHERE case_id = given;
    DELETE FROM party WHERE case_id = given;
    DELETE FROM newborn WHERE case_id = given;
    RETURN true;
END $$;
