-- Documents belong to a case and lose what they say with its key; digests and the record of who
-- took a file stay.

ALTER TABLE document ADD CONSTRAINT a_document_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE document_fetch ADD CONSTRAINT a_fetch_belongs_to_a_document
    FOREIGN KEY (document_id) REFERENCES document (id);
-- Ciphertext does not compress.
ALTER TABLE document ALTER COLUMN sealed SET STORAGE EXTERNAL;
ALTER TABLE document ALTER COLUMN sealed_pdf SET STORAGE EXTERNAL;
ALTER TABLE document ALTER COLUMN sealed_ofd SET STORAGE EXTERNAL;
ALTER TABLE document ALTER COLUMN sealed_ses SET STORAGE EXTERNAL;

CREATE FUNCTION forget_documents() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE document SET sealed = NULL, sealed_pdf = NULL, sealed_ofd = NULL, sealed_ses = NULL
        WHERE case_id = NEW.id;
    RETURN NULL;
END $$;

CREATE TRIGGER a_forgotten_case_keeps_no_documents AFTER UPDATE OF wrapped_key ON "case"
    FOR EACH ROW WHEN (NEW.wrapped_key IS NULL AND OLD.wrapped_key IS NOT NULL)
    EXECUTE FUNCTION forget_documents();

CREATE TRIGGER a_fetch_is_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON document_fetch
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
