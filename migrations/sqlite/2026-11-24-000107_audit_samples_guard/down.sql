DROP TRIGGER audit_samples_no_delete;
DROP TRIGGER audit_samples_no_update;
