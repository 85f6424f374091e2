-- Whom an event concerned and how it was looked at is written with it, and stays.
CREATE TRIGGER event_people_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_people
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
CREATE TRIGGER event_looks_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_looks
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit log is append-only');
