DROP TRIGGER audit_segments_append_only ON audit_segments;
DROP TRIGGER audit_events_no_delete ON audit_events;
DROP FUNCTION refuse_unless_retired;
DROP TRIGGER audit_events_no_truncate ON audit_events;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
