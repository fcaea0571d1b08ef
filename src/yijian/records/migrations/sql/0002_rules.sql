-- What models cannot say: foreign keys with names, storage, tables that only grow, roles.

-- A full deadline index: a task without a deadline comes after every task with one.
CREATE INDEX open_tasks_of_an_office ON task
    (office, coalesce(due_at, 'infinity'::timestamptz), id) WHERE under_way;
-- Tasks under way that no office has yet: a person must say which one acts.
CREATE INDEX open_tasks_of_nobody ON task (id) WHERE under_way AND office IS NULL;

ALTER TABLE task ADD CONSTRAINT a_task_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE newborn ADD CONSTRAINT a_newborn_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE party ADD CONSTRAINT a_party_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE lookup ADD CONSTRAINT a_lookup_leads_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE staff ADD CONSTRAINT staff_act_for_a_known_office
    FOREIGN KEY (office_id) REFERENCES office (code);

-- Room on the page for the next version of a row that changes often (heap-only updates).
ALTER TABLE "case" SET (fillfactor = 70);
ALTER TABLE task SET (fillfactor = 70);
ALTER TABLE outbox SET (fillfactor = 70);
ALTER TABLE notification SET (fillfactor = 70);
-- Ciphertext does not compress.
ALTER TABLE "case" ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE SEQUENCE case_number_sequence MAXVALUE 999999 CYCLE;

-- Tables that only grow.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % only grows: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'what_is_recorded_stays_recorded';
END $$;

CREATE TRIGGER journal_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER leaves_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON journal_leaf
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoints_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON access_log
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER custody_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON custody
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER pack_versions_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON pack_version
    EXECUTE FUNCTION refuse_change();
CREATE TRIGGER inbox_is_permanent BEFORE DELETE OR TRUNCATE ON inbox
    EXECUTE FUNCTION refuse_change();

-- The chain. `number` orders entries for the sequencer; a block range index costs nothing to keep.
ALTER TABLE journal ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY;
CREATE INDEX entries_in_the_order_written ON journal
    USING brin (number) WITH (pages_per_range = 16, autosummarize = on);
-- Bodies are JSON texts kept to the byte, so that anyone can compute the hash again elsewhere.
ALTER TABLE journal ADD CONSTRAINT an_entry_is_a_json_object
    CHECK (json_typeof(body::json) = 'object');

CREATE FUNCTION journal_hash(
    case_id uuid, seq integer, at timestamptz, actor text, kind text,
    item text, newborn smallint, body text, prev bytea
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    -- No part but the last can hold a line break, therefore no two entries give the same text.
    SELECT sha256(convert_to(concat_ws(
        E'\n', 'yijian journal 1', case_id::text, seq::text,
        (extract(epoch FROM at) * 1000000)::bigint::text, actor, kind,
        coalesce(item, ''), coalesce(newborn::text, ''), encode(prev, 'hex'), body
    ), 'UTF8'))
$$;

CREATE FUNCTION chain_journal_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <= 1 THEN
        NEW.prev := decode(repeat('00', 32), 'hex');
    ELSE
        SELECT hash INTO NEW.prev FROM journal
            WHERE case_id = NEW.case_id AND seq = NEW.seq - 1;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'entry % of case % has no predecessor', NEW.seq, NEW.case_id
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'the_journal_has_no_gaps';
        END IF;
    END IF;
    NEW.hash := journal_hash(
        NEW.case_id, NEW.seq, NEW.at, NEW.actor, NEW.kind,
        NEW.item, NEW.newborn, NEW.body, NEW.prev
    );
    RETURN NEW;
END $$;
CREATE TRIGGER journal_is_a_chain BEFORE INSERT ON journal
    FOR EACH ROW EXECUTE FUNCTION chain_journal_entry();

-- The highest number below which nothing can be committed any more. It waits for the writers of
-- this moment, and new writers wait for it: milliseconds, once a minute.
CREATE FUNCTION journal_fence() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    LOCK TABLE public.journal IN SHARE MODE;
    RETURN (SELECT coalesce(max(number), 0) FROM public.journal
            WHERE number > coalesce((SELECT max(last_number) FROM public.checkpoint), 0));
END $$;

-- The application's role: everything it needs, and no way to change what only grows. A server
-- that does not let us make roles is served by the triggers alone.
DO $$
BEGIN
    BEGIN
        CREATE ROLE yijian_app NOLOGIN;
    EXCEPTION
        WHEN duplicate_object OR unique_violation THEN NULL;
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'this server does not let us create the role yijian_app';
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yijian_app') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO yijian_app', current_schema());
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I '
            'TO yijian_app', current_schema());
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO yijian_app',
            current_schema());
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I '
            'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO yijian_app', current_schema());
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I '
            'GRANT USAGE ON SEQUENCES TO yijian_app', current_schema());
        REVOKE UPDATE, DELETE ON journal, journal_leaf, checkpoint, access_log, custody,
            pack_version FROM yijian_app;
        REVOKE DELETE ON inbox FROM yijian_app;
    END IF;
END $$;
