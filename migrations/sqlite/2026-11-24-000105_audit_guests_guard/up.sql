-- An invitation is never made longer or wider: it is ended and another one given.
CREATE TRIGGER audit_guests_keep BEFORE UPDATE ON audit_guests
WHEN OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR NEW.task_id <> OLD.task_id OR NEW.user_id <> OLD.user_id
    OR NEW.from_on <> OLD.from_on OR NEW.until_on <> OLD.until_on OR NEW.granted_by <> OLD.granted_by OR NEW.granted_at <> OLD.granted_at
BEGIN SELECT RAISE(ABORT, 'an invitation stays what it is'); END;
CREATE TRIGGER audit_guests_no_delete BEFORE DELETE ON audit_guests
BEGIN SELECT RAISE(ABORT, 'invitations are kept'); END;
