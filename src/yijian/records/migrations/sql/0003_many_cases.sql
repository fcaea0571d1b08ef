-- Many cases in, many cases out: one locking read and one write, whatever their number.
--
-- Both are functions because each of their statements then sees what was committed while the
-- lock was awaited (a single SELECT … FOR UPDATE would return tasks older than their case), and
-- because their plans are made once per connection. Rows are always found by their keys: the
-- planner takes every batch for a hundred rows and would read a whole small table for one event.

CREATE FUNCTION load_cases(
    given_cases uuid[], given_numbers text[], given_tasks uuid[], locking boolean
) RETURNS TABLE (
    id uuid, number text, pack text, pack_version text, pack_digest text, channel text,
    place_window text, institution text, stage text, newborns smallint, form_version integer,
    started_at timestamptz, submitted_at timestamptz, version integer, progress text,
    wrapped_key bytea, sealed bytea, changed_at timestamptz, tasks text
) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
#variable_conflict use_column
DECLARE
    wanted uuid[] := coalesce(given_cases, '{}');
BEGIN
    IF given_numbers IS NOT NULL THEN
        wanted := wanted || array(SELECT c.id FROM "case" c WHERE c.number = ANY (given_numbers));
    END IF;
    IF given_tasks IS NOT NULL THEN
        wanted := wanted || array(
            SELECT DISTINCT t.case_id FROM task t WHERE t.id = ANY (given_tasks));
    END IF;
    IF locking THEN
        -- Always in the same order, therefore two batches never wait for each other.
        PERFORM 1 FROM "case" c WHERE c.id = ANY (wanted) ORDER BY c.id FOR NO KEY UPDATE;
    END IF;
    RETURN QUERY SELECT
        c.id, c.number, c.pack, c.pack_version, c.pack_digest, c.channel,
        c."window", c.institution, c.stage, c.newborns, c.form_version,
        c.started_at, c.submitted_at, c.version, c.progress::text,
        c.wrapped_key, c.sealed, c.changed_at,
        (SELECT json_agg(json_build_array(
            t.item, t.newborn, t.state, t.office, t.since, t.due_at, t.due_provisional,
            t.started_at, t.paused_at, t.round, t.reason, t.correct, t.asked, t.answered,
            t.version, t.channel) ORDER BY t.place)::text
         FROM task t WHERE t.case_id = c.id)
    FROM "case" c WHERE c.id = ANY (wanted) ORDER BY c.id;
END $$;

CREATE FUNCTION save_cases(
    started json, changed json, began json, moved json, entries json, messages json,
    notices json, children json, people json, new_lookups json, old_lookups json, ended uuid[]
) RETURNS void LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
AS $$
DECLARE
    written integer;
BEGIN
    IF started IS NOT NULL THEN
        INSERT INTO "case" (
            id, number, pack, pack_version, pack_digest, channel, "window", institution, stage,
            newborns, form_version, started_at, submitted_at, changed_at, version, progress,
            wrapped_key, sealed, display)
        SELECT
            g.id, g.number, g.pack, g.pack_version, g.pack_digest, g.channel, g."window",
            g.institution, g.stage, g.newborns, g.form_version, g.started_at, g.submitted_at,
            g.changed_at, g.version, g.progress, g.wrapped_key, g.sealed, g.display
        FROM json_populate_recordset(NULL::"case", started) g;
    END IF;
    IF changed IS NOT NULL THEN
        UPDATE "case" c SET
            stage = g.stage, newborns = g.newborns, form_version = g.form_version,
            submitted_at = g.submitted_at, changed_at = g.changed_at, version = g.version,
            institution = coalesce(g.institution, c.institution),
            progress = coalesce(g.progress, c.progress),
            sealed = coalesce(g.sealed, c.sealed), display = coalesce(g.display, c.display)
        FROM json_to_recordset(changed) AS g(
            id uuid, was integer, stage text, newborns smallint, form_version integer,
            submitted_at timestamptz, changed_at timestamptz, version integer,
            institution text, progress jsonb, sealed bytea, display bytea)
        WHERE c.id = g.id AND c.version = g.was;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> json_array_length(changed) THEN
            RAISE EXCEPTION 'a case was changed by somebody else meanwhile'
                USING ERRCODE = 'serialization_failure';
        END IF;
    END IF;
    IF began IS NOT NULL THEN
        INSERT INTO task SELECT g.* FROM json_populate_recordset(NULL::task, began) g;
    END IF;
    IF moved IS NOT NULL THEN
        UPDATE task t SET
            state = g.state, under_way = g.under_way, office = g.office,
            channel = g.channel, since = g.since, due_at = g.due_at,
            due_provisional = g.due_provisional, started_at = g.started_at,
            paused_at = g.paused_at, ended_at = g.ended_at, round = g.round, reason = g.reason, correct = g.correct,
            asked = g.asked, answered = g.answered, version = g.version
        FROM json_populate_recordset(NULL::task, moved) g
        WHERE t.id = g.id;
        GET DIAGNOSTICS written = ROW_COUNT;
        IF written <> json_array_length(moved) THEN
            RAISE EXCEPTION 'a task to be changed does not exist'
                USING ERRCODE = 'integrity_constraint_violation',
                      CONSTRAINT = 'a_changed_task_exists';
        END IF;
    END IF;
    INSERT INTO journal (case_id, seq, at, actor, kind, item, newborn, body)
        SELECT g.case_id, g.seq, g.at, g.actor, g.kind, g.item, g.newborn, g.body
        FROM json_populate_recordset(NULL::journal, entries) g ORDER BY g.case_id, g.seq;
    IF messages IS NOT NULL THEN
        INSERT INTO outbox SELECT g.* FROM json_populate_recordset(NULL::outbox, messages) g;
    END IF;
    IF notices IS NOT NULL THEN
        INSERT INTO notification
            SELECT g.* FROM json_populate_recordset(NULL::notification, notices) g
            ON CONFLICT ON CONSTRAINT nobody_is_told_twice DO NOTHING;
    END IF;
    IF ended IS NOT NULL THEN
        UPDATE newborn SET open = false WHERE case_id = ANY (ended) AND open;
    END IF;
    IF children IS NOT NULL THEN
        INSERT INTO newborn SELECT g.* FROM json_populate_recordset(NULL::newborn, children) g
            ON CONFLICT ON CONSTRAINT one_newborn_per_number_in_a_case
            DO UPDATE SET uid = EXCLUDED.uid;
    END IF;
    IF people IS NOT NULL THEN
        INSERT INTO party SELECT g.* FROM json_populate_recordset(NULL::party, people) g
            ON CONFLICT ON CONSTRAINT one_person_per_role
            DO UPDATE SET person_hash = EXCLUDED.person_hash;
    END IF;
    IF old_lookups IS NOT NULL THEN
        DELETE FROM lookup l USING json_populate_recordset(NULL::lookup, old_lookups) g
            WHERE l.digest = g.digest AND l.case_id = g.case_id AND l.purpose = g.purpose;
    END IF;
    IF new_lookups IS NOT NULL THEN
        INSERT INTO lookup SELECT g.* FROM json_populate_recordset(NULL::lookup, new_lookups) g
            ON CONFLICT DO NOTHING;
    END IF;
END $$;

-- Destroys the key of one case and everything that it opened. The journal stays and verifies.
CREATE FUNCTION forget_case(given uuid, at timestamptz) RETURNS boolean
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
    DELETE FROM lookup WHERE case_id = given;
    DELETE FROM party WHERE case_id = given;
    DELETE FROM newborn WHERE case_id = given;
    RETURN true;
END $$;
