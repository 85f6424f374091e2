DROP TRIGGER audit_tasks_answered;
DROP TRIGGER audit_findings_no_delete;
DROP TRIGGER audit_findings_keep;
DROP TRIGGER audit_findings_running;
