DROP TRIGGER audit_flag_runs_no_delete ON audit_flag_runs;
DROP TRIGGER audit_flag_runs_keep ON audit_flag_runs;
DROP TRIGGER audit_flags_no_delete ON audit_flags;
DROP TRIGGER audit_flags_keep ON audit_flags;
