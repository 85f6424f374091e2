DROP TRIGGER audit_tasks_no_delete;
DROP TRIGGER audit_tasks_keep;
DROP TRIGGER audit_tasks_next_level;
