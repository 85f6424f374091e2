-- Something is found while the audit runs, and stays as it was found; what is closed stays closed.
CREATE TRIGGER audit_findings_running BEFORE INSERT ON audit_findings
WHEN NEW.status <> 'open' OR (SELECT t.status FROM audit_tasks t WHERE t.id = NEW.task_id) <> 'running'
BEGIN SELECT RAISE(ABORT, 'the audit does not run'); END;
CREATE TRIGGER audit_findings_keep BEFORE UPDATE ON audit_findings
WHEN OLD.status = 'closed' OR NEW.task_id <> OLD.task_id OR NEW.severity <> OLD.severity OR NEW.said_sealed <> OLD.said_sealed
    OR NEW.rectify_by <> OLD.rectify_by OR NEW.recorder_person <> OLD.recorder_person OR NEW.recorded_by <> OLD.recorded_by
    OR NEW.subject_type IS NOT OLD.subject_type OR NEW.subject_id IS NOT OLD.subject_id
    OR (OLD.status = 'open' AND NEW.status = 'closed')
BEGIN SELECT RAISE(ABORT, 'a finding stays what it is'); END;
CREATE TRIGGER audit_findings_no_delete BEFORE DELETE ON audit_findings
BEGIN SELECT RAISE(ABORT, 'findings are kept'); END;
-- An audit ends when the unit has answered all that was found.
CREATE TRIGGER audit_tasks_answered BEFORE UPDATE OF status ON audit_tasks
WHEN NEW.status = 'done' AND EXISTS (SELECT 1 FROM audit_findings f WHERE f.task_id = OLD.id AND f.status = 'open')
BEGIN SELECT RAISE(ABORT, 'a finding waits for its answer'); END;
