-- Whom an event concerned and how it was looked at is written with it, and stays.
CREATE TRIGGER event_people_no_delete BEFORE DELETE ON event_people
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER event_people_no_update BEFORE UPDATE ON event_people
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER event_looks_no_delete BEFORE DELETE ON event_looks
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER event_looks_no_update BEFORE UPDATE ON event_looks
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
