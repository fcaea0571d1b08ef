-- Whether a version of a pack only came with another node's tasks may be said anew: this node may
-- publish it later itself. What the version says never changes.
DROP TRIGGER pack_versions_only_grow ON pack_version;
CREATE TRIGGER pack_versions_only_grow
    BEFORE UPDATE OF id, code, version, digest, canonical, in_force_from, stored_at
        OR DELETE OR TRUNCATE ON pack_version
    EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'yijian_app') THEN
        GRANT UPDATE (received) ON pack_version TO yijian_app;
    END IF;
END $$;
