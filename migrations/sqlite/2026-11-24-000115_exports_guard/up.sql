-- What was asked for is what is approved and what leaves, it is decided once, and nothing of it is deleted (rule 90).
CREATE TRIGGER exports_keep BEFORE UPDATE ON exports
WHEN NEW.id <> OLD.id OR NEW.organization_id <> OLD.organization_id OR NEW.list <> OLD.list OR NEW.filter <> OLD.filter
    OR NEW.format <> OLD.format OR NEW.clear <> OLD.clear OR NEW.reason <> OLD.reason OR NEW.most_rows <> OLD.most_rows
    OR NEW.requested_by <> OLD.requested_by OR NEW.requested_at <> OLD.requested_at
    OR (NEW.status <> OLD.status AND (OLD.status <> 'requested' OR NEW.status = 'ready'))
    OR (OLD.status <> 'requested' AND (NEW.expires_at <> OLD.expires_at OR NEW.decided_by IS NOT OLD.decided_by))
BEGIN SELECT RAISE(ABORT, 'an export stays what was asked for'); END;
CREATE TRIGGER exports_no_delete BEFORE DELETE ON exports
BEGIN SELECT RAISE(ABORT, 'exports are kept'); END;
