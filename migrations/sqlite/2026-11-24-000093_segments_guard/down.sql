DROP TRIGGER audit_segments_no_update;
DROP TRIGGER audit_segments_no_delete;
DROP TRIGGER audit_events_no_delete;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
