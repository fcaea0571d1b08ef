-- Certificate numbers and sheets of paper: what models cannot say.

-- A run's place among all numbers of its depth, as one integer.
CREATE FUNCTION number_span(depth smallint, prefix text, first integer, last integer)
RETURNS int8range LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT int8range(base + first, base + last, '[]') FROM (
        SELECT depth::bigint * 1000000000000
            + (ascii(prefix) * 100 + substr(prefix, 2, 2)::bigint) * 10000000 AS base) AS places
$$;
ALTER TABLE number_range ADD CONSTRAINT runs_of_one_depth_never_overlap
    EXCLUDE USING gist (number_span(depth, prefix, first, last) WITH &&);
ALTER TABLE number_range ADD CONSTRAINT a_run_comes_from_a_run
    FOREIGN KEY (parent) REFERENCES number_range (id);
ALTER TABLE blank_number ADD CONSTRAINT a_number_lies_in_a_run
    FOREIGN KEY (run) REFERENCES number_range (id);
ALTER TABLE sheet ADD CONSTRAINT a_sheet_belongs_to_a_case
    FOREIGN KEY (case_id) REFERENCES "case" (id);
ALTER TABLE handover_line ADD CONSTRAINT a_line_belongs_to_a_batch
    FOREIGN KEY (batch_id) REFERENCES handover_batch (id);

CREATE SEQUENCE handover_number_sequence MAXVALUE 999999 CYCLE;

-- Nothing leads back into stock, whatever a program thinks.
CREATE FUNCTION keep_number_states() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.number = OLD.number AND (NEW.state = OLD.state
        OR OLD.state = 'in_stock' OR (OLD.state = 'lost' AND NEW.state = 'void')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'number % is % and cannot become %', OLD.number, OLD.state,
        CASE TG_OP WHEN 'UPDATE' THEN NEW.state ELSE 'nothing' END
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'a_number_is_used_once';
END $$;
CREATE TRIGGER numbers_never_return BEFORE UPDATE OR DELETE ON blank_number
    FOR EACH ROW EXECUTE FUNCTION keep_number_states();

-- A sheet goes forward step by step and never disappears.
CREATE FUNCTION keep_sheet_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.number_hash = OLD.number_hash AND NEW.case_id = OLD.case_id
        AND NEW.step BETWEEN OLD.step AND OLD.step + 1 THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a sheet goes forward step by step'
        USING ERRCODE = 'integrity_constraint_violation',
              CONSTRAINT = 'a_sheet_goes_forward';
END $$;
CREATE TRIGGER sheets_go_forward BEFORE UPDATE OR DELETE ON sheet
    FOR EACH ROW EXECUTE FUNCTION keep_sheet_steps();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yijian_app') THEN
        REVOKE DELETE ON book, number_range, blank_number, void_request, sheet, handover_batch,
            handover_line FROM yijian_app;
    END IF;
END $$;
