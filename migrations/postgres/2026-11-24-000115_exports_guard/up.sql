-- What was asked for is what is approved and what leaves, it is decided once, and nothing of it is deleted (rule 90).
CREATE TRIGGER exports_keep BEFORE UPDATE ON exports FOR EACH ROW
WHEN ((NEW.id, NEW.organization_id, NEW.list, NEW.filter, NEW.format, NEW.clear, NEW.reason, NEW.most_rows, NEW.requested_by, NEW.requested_at)
    IS DISTINCT FROM (OLD.id, OLD.organization_id, OLD.list, OLD.filter, OLD.format, OLD.clear, OLD.reason, OLD.most_rows, OLD.requested_by, OLD.requested_at)
    OR (NEW.status <> OLD.status AND (OLD.status <> 'requested' OR NEW.status = 'ready'))
    OR (OLD.status <> 'requested' AND (NEW.expires_at <> OLD.expires_at OR NEW.decided_by IS DISTINCT FROM OLD.decided_by)))
EXECUTE FUNCTION refuse('an export stays what was asked for');
CREATE TRIGGER exports_no_delete BEFORE DELETE OR TRUNCATE ON exports
FOR EACH STATEMENT EXECUTE FUNCTION refuse('exports are kept');
