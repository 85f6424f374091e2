-- An event leaves the database only when it lies in a part that was moved to files.
DROP TRIGGER audit_events_no_delete ON audit_events;
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE FUNCTION refuse_unless_retired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM audit_segments s WHERE OLD.seq BETWEEN s.from_seq AND s.to_seq) THEN
        RAISE EXCEPTION 'the audit log is append-only';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
FOR EACH ROW EXECUTE FUNCTION refuse_unless_retired();
CREATE TRIGGER audit_segments_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_segments
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
