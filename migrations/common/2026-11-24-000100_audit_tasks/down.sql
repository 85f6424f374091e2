DROP TABLE audit_tasks;
DELETE FROM policies WHERE kind = 'audit';
