DROP TABLE audit_flag_turn;
DROP TABLE audit_flags;
DROP TABLE audit_flag_runs;
