-- What was witnessed and cosigned stays; a settled disagreement is not opened again.

CREATE TRIGGER witnessed_roots_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON witnessed_root
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER cosignatures_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON cosignature
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disagreements_are_not_forgotten BEFORE DELETE OR TRUNCATE ON disagreement
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION keep_settled_disagreements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.settled <> '' OR NEW.partner <> OLD.partner OR NEW.kind <> OLD.kind
        OR NEW.task_id IS DISTINCT FROM OLD.task_id OR NEW.found_at <> OLD.found_at THEN
        RAISE EXCEPTION 'a settled disagreement does not change'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'what_was_settled_stays_settled';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER settled_disagreements_stay BEFORE UPDATE ON disagreement
    FOR EACH ROW EXECUTE FUNCTION keep_settled_disagreements();

-- Digests of buckets are computed here, over lines as `domain.parity` writes them.
CREATE FUNCTION shared_task_line(
    task_id uuid, round smallint, state text, answered smallint, result text
)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT task_id::text || ' ' || round || ' '
        || CASE WHEN state IN ('withdrawn', 'offline') THEN 'stopped' ELSE state END
        || ' ' || CASE WHEN state IN ('completed', 'declined', 'rejected', 'offline', 'withdrawn',
            'not_needed') THEN 0 ELSE answered END
        || ' ' || result
$$;

-- Tasks that were with a system before pairs were compared; their results are not told.
INSERT INTO shared_task (partner, side, task_id, case_id, round, state, result, answered,
    changed_at)
SELECT o.participant, 'sent', t.id, t.case_id, t.round, t.state, '',
    json_array_length(t.answered::json), t.since
FROM task t JOIN office o ON o.code = t.office
WHERE o.channel = 'system' AND o.participant IS NOT NULL
    AND t.state NOT IN ('waiting', 'not_needed');
