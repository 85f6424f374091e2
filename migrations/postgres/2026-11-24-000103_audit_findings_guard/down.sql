DROP TRIGGER audit_tasks_answered ON audit_tasks;
DROP FUNCTION audit_answered;
DROP TRIGGER audit_findings_no_delete ON audit_findings;
DROP TRIGGER audit_findings_keep ON audit_findings;
DROP TRIGGER audit_findings_running ON audit_findings;
DROP FUNCTION audit_runs;
