-- A unit audits those directly below it and the funds that they keep, nothing else (81); a task stays what it is about, and
-- is never taken back.
CREATE TRIGGER audit_tasks_next_level BEFORE INSERT ON audit_tasks
WHEN NOT EXISTS (SELECT 1 FROM organizations o WHERE o.id = NEW.audited_organization_id AND o.parent_id = NEW.organization_id)
    OR (NEW.fund_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds f WHERE f.id = NEW.fund_id AND f.organization_id = NEW.audited_organization_id))
BEGIN SELECT RAISE(ABORT, 'a unit audits the level below it'); END;
CREATE TRIGGER audit_tasks_keep BEFORE UPDATE ON audit_tasks
WHEN NEW.organization_id <> OLD.organization_id OR NEW.audited_organization_id <> OLD.audited_organization_id OR NEW.year <> OLD.year
    OR NEW.fund_id IS NOT OLD.fund_id OR OLD.status = 'done' OR (OLD.status = 'running' AND NEW.status = 'due')
BEGIN SELECT RAISE(ABORT, 'an audit task stays what it is'); END;
CREATE TRIGGER audit_tasks_no_delete BEFORE DELETE ON audit_tasks
BEGIN SELECT RAISE(ABORT, 'audit tasks are kept'); END;
