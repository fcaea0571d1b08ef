-- A parcel belongs to a case and loses who received it with the case's key.

ALTER TABLE parcel ADD CONSTRAINT a_parcel_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE parcel ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE FUNCTION forget_parcels() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE parcel SET sealed = NULL WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER a_forgotten_case_keeps_no_receivers AFTER UPDATE OF wrapped_key ON "case"
    FOR EACH ROW WHEN (NEW.wrapped_key IS NULL AND OLD.wrapped_key IS NOT NULL)
    EXECUTE FUNCTION forget_parcels();

-- Cases that began before parcels were followed.
UPDATE "case" SET progress = progress || '{"parcels": []}'::jsonb WHERE NOT progress ? 'parcels';
