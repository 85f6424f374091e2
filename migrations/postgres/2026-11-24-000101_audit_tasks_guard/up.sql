-- A unit audits those directly below it and the funds that they keep, nothing else (81); a task stays what it is about, and
-- is never taken back.
CREATE FUNCTION audits_next_level() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM organizations o WHERE o.id = NEW.audited_organization_id AND o.parent_id = NEW.organization_id)
        OR (NEW.fund_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM funds f WHERE f.id = NEW.fund_id AND f.organization_id = NEW.audited_organization_id))
    THEN RAISE EXCEPTION 'a unit audits the level below it'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_tasks_next_level BEFORE INSERT ON audit_tasks FOR EACH ROW EXECUTE FUNCTION audits_next_level();
CREATE TRIGGER audit_tasks_keep BEFORE UPDATE ON audit_tasks FOR EACH ROW
WHEN ((NEW.organization_id, NEW.audited_organization_id, NEW.year, NEW.fund_id) IS DISTINCT FROM (OLD.organization_id, OLD.audited_organization_id, OLD.year, OLD.fund_id)
    OR OLD.status = 'done' OR (OLD.status = 'running' AND NEW.status = 'due'))
EXECUTE FUNCTION refuse('an audit task stays what it is');
CREATE TRIGGER audit_tasks_no_delete BEFORE DELETE OR TRUNCATE ON audit_tasks
FOR EACH STATEMENT EXECUTE FUNCTION refuse('audit tasks are kept');
