-- Something is found while the audit runs, and stays as it was found; what is closed stays closed. The task is held
-- meanwhile, so that it does not end beside an open finding.
CREATE FUNCTION audit_runs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands TEXT;
BEGIN
    SELECT t.status INTO stands FROM audit_tasks t WHERE t.id = NEW.task_id FOR SHARE;
    IF NEW.status <> 'open' OR stands <> 'running' THEN RAISE EXCEPTION 'the audit does not run'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_findings_running BEFORE INSERT ON audit_findings FOR EACH ROW EXECUTE FUNCTION audit_runs();
CREATE TRIGGER audit_findings_keep BEFORE UPDATE ON audit_findings FOR EACH ROW
WHEN (OLD.status = 'closed' OR (OLD.status = 'open' AND NEW.status = 'closed')
    OR (NEW.task_id, NEW.severity, NEW.said_sealed, NEW.rectify_by, NEW.recorder_person, NEW.recorded_by, NEW.subject_type, NEW.subject_id)
    IS DISTINCT FROM (OLD.task_id, OLD.severity, OLD.said_sealed, OLD.rectify_by, OLD.recorder_person, OLD.recorded_by, OLD.subject_type, OLD.subject_id))
EXECUTE FUNCTION refuse('a finding stays what it is');
CREATE TRIGGER audit_findings_no_delete BEFORE DELETE OR TRUNCATE ON audit_findings
FOR EACH STATEMENT EXECUTE FUNCTION refuse('findings are kept');
-- An audit ends when the unit has answered all that was found.
CREATE FUNCTION audit_answered() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM audit_findings f WHERE f.task_id = OLD.id AND f.status = 'open')
    THEN RAISE EXCEPTION 'a finding waits for its answer'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_tasks_answered BEFORE UPDATE OF status ON audit_tasks FOR EACH ROW
WHEN (NEW.status = 'done') EXECUTE FUNCTION audit_answered();
