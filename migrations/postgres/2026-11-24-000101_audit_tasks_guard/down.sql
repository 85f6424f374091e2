DROP TRIGGER audit_tasks_no_delete ON audit_tasks;
DROP TRIGGER audit_tasks_keep ON audit_tasks;
DROP TRIGGER audit_tasks_next_level ON audit_tasks;
DROP FUNCTION audits_next_level;
