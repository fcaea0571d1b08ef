-- A message that stands still is always somebody's: whoever parks it, the database opens the letter
-- and settles it when the message moves again.

CREATE FUNCTION open_dead_letter(
    message uuid, way text, other text, what text, of_case uuid, of_task uuid, why text,
    since timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO dead_letter (id, message_id, direction, partner, kind, case_id, task_id, owner,
        problem, parked_at, due_at, state, settled_by)
    SELECT gen_random_uuid(), message, way, other, what, of_case, of_task,
        coalesce((
            SELECT t.office FROM task t WHERE t.id = of_task AND EXISTS (
                SELECT FROM staff s WHERE s.office_id = t.office AND s.active
                    AND s.roles @> '["routing"]'::jsonb)), ''),
        why, since,
        least(since + interval '24 hours', (
            SELECT t.due_at FROM task t WHERE t.id = of_task AND t.under_way AND t.due_at > since)),
        'open', ''
    ON CONFLICT (message_id) WHERE state = 'open' DO NOTHING
$$;

CREATE FUNCTION close_dead_letter(message uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE dead_letter SET state = 'tried_again', settled_by = 'system', settled_at = now()
    WHERE message_id = message AND state = 'open'
$$;

CREATE FUNCTION mind_parked_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'parked' THEN
        PERFORM open_dead_letter(NEW.id, 'out', NEW.destination, NEW.kind, NEW.case_id,
            NEW.task_id, NEW.problem, coalesce(NEW.settled_at, now()));
    ELSE
        PERFORM close_dead_letter(NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION mind_parked_inbox() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'parked' THEN
        PERFORM open_dead_letter(NEW.id, 'in', NEW.sender, NEW.kind, NULL, NEW.task_id,
            NEW.detail, NEW.received_at);
    ELSE
        PERFORM close_dead_letter(NEW.id);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER a_message_written_as_parked_is_somebodys AFTER INSERT ON outbox
    FOR EACH ROW WHEN (NEW.state = 'parked') EXECUTE FUNCTION mind_parked_outbox();
CREATE TRIGGER a_parked_message_is_somebodys AFTER UPDATE OF state ON outbox
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state
        AND (NEW.state = 'parked' OR OLD.state = 'parked'))
    EXECUTE FUNCTION mind_parked_outbox();
CREATE TRIGGER what_came_in_parked_is_somebodys AFTER INSERT ON inbox
    FOR EACH ROW WHEN (NEW.state = 'parked') EXECUTE FUNCTION mind_parked_inbox();
CREATE TRIGGER what_was_received_and_parked_is_somebodys AFTER UPDATE OF state ON inbox
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state
        AND (NEW.state = 'parked' OR OLD.state = 'parked'))
    EXECUTE FUNCTION mind_parked_inbox();

-- What was parked before this migration.
SELECT open_dead_letter(id, 'out', destination, kind, case_id, task_id, problem,
    coalesce(settled_at, created_at)) FROM outbox WHERE state = 'parked';

-- What a node reported to another, in the order of its cursors.
CREATE INDEX what_was_told_to_one ON outbox (destination, id)
    WHERE kind IN ('yijian.task.reported.v1', 'yijian.task.routed.v1', 'yijian.parcel.moved.v1',
        'yijian.certificate.issued.v1', 'yijian.certificate.changed.v1');

CREATE TRIGGER dead_letters_stay BEFORE DELETE OR TRUNCATE ON dead_letter
    EXECUTE FUNCTION refuse_change();
