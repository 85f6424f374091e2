DROP TRIGGER audit_flag_runs_no_delete;
DROP TRIGGER audit_flag_runs_keep;
DROP TRIGGER audit_flags_no_delete;
DROP TRIGGER audit_flags_keep;
