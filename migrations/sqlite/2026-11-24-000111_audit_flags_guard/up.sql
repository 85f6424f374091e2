-- A flag stays what it is about, and neither flags nor runs are deleted (rule 82).
CREATE TRIGGER audit_flags_keep BEFORE UPDATE ON audit_flags
WHEN NEW.id <> OLD.id OR NEW.code <> OLD.code OR NEW.subject_type <> OLD.subject_type OR NEW.subject_id <> OLD.subject_id
    OR NEW.part <> OLD.part OR NEW.first_found_on <> OLD.first_found_on
BEGIN SELECT RAISE(ABORT, 'a flag stays what it is about'); END;
CREATE TRIGGER audit_flags_no_delete BEFORE DELETE ON audit_flags
BEGIN SELECT RAISE(ABORT, 'flags are kept'); END;
CREATE TRIGGER audit_flag_runs_keep BEFORE UPDATE ON audit_flag_runs WHEN OLD.status <> 'running'
BEGIN SELECT RAISE(ABORT, 'a run that has ended stays as it was'); END;
CREATE TRIGGER audit_flag_runs_no_delete BEFORE DELETE ON audit_flag_runs
BEGIN SELECT RAISE(ABORT, 'runs are kept'); END;
