-- A flag stays what it is about, and neither flags nor runs are deleted (rule 82).
CREATE TRIGGER audit_flags_keep BEFORE UPDATE ON audit_flags FOR EACH ROW
WHEN ((NEW.id, NEW.code, NEW.subject_type, NEW.subject_id, NEW.part, NEW.first_found_on)
    IS DISTINCT FROM (OLD.id, OLD.code, OLD.subject_type, OLD.subject_id, OLD.part, OLD.first_found_on))
EXECUTE FUNCTION refuse('a flag stays what it is about');
CREATE TRIGGER audit_flags_no_delete BEFORE DELETE OR TRUNCATE ON audit_flags
FOR EACH STATEMENT EXECUTE FUNCTION refuse('flags are kept');
CREATE TRIGGER audit_flag_runs_keep BEFORE UPDATE ON audit_flag_runs FOR EACH ROW WHEN (OLD.status <> 'running')
EXECUTE FUNCTION refuse('a run that has ended stays as it was');
CREATE TRIGGER audit_flag_runs_no_delete BEFORE DELETE OR TRUNCATE ON audit_flag_runs
FOR EACH STATEMENT EXECUTE FUNCTION refuse('runs are kept');
