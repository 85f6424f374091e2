-- An invitation is never made longer or wider: it is ended and another one given.
CREATE TRIGGER audit_guests_keep BEFORE UPDATE ON audit_guests FOR EACH ROW
WHEN (OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL
    OR (NEW.task_id, NEW.user_id, NEW.from_on, NEW.until_on, NEW.granted_by, NEW.granted_at)
    IS DISTINCT FROM (OLD.task_id, OLD.user_id, OLD.from_on, OLD.until_on, OLD.granted_by, OLD.granted_at))
EXECUTE FUNCTION refuse('an invitation stays what it is');
CREATE TRIGGER audit_guests_no_delete BEFORE DELETE OR TRUNCATE ON audit_guests
FOR EACH STATEMENT EXECUTE FUNCTION refuse('invitations are kept');
