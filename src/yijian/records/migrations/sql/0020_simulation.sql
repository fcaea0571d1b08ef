-- What was predicted stays as it was predicted: it is held beside what then happens.

CREATE TRIGGER ended_simulations_stay BEFORE UPDATE ON simulation
    FOR EACH ROW WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION refuse_change();
CREATE TRIGGER simulations_are_not_forgotten BEFORE DELETE OR TRUNCATE ON simulation
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yijian_app') THEN
        REVOKE DELETE, TRUNCATE ON simulation FROM yijian_app;
    END IF;
END $$;
