-- A call that was recorded stays as it was (rule 44).
CREATE TRIGGER follow_ups_no_update BEFORE UPDATE ON follow_ups
BEGIN SELECT RAISE(ABORT, 'a call stays'); END;
CREATE TRIGGER follow_ups_no_delete BEFORE DELETE ON follow_ups
BEGIN SELECT RAISE(ABORT, 'a call stays'); END;
-- Files that were closed before there were calls get the usual plan; the last day of a shorter month stands for those
-- that it lacks.
INSERT INTO file_follow_up_plans (file_id, months, next_on, last_outcome)
SELECT f.id, '[3,6,12]', CASE WHEN NOT EXISTS (
    SELECT 1 FROM files n WHERE n.number = f.number AND n.former_id = f.id AND n.status NOT IN ('rejected', 'withdrawn'))
    THEN min(date(f.closed_on, '+3 months'), date(f.closed_on, 'start of month', '+4 months', '-1 day')) END, NULL
FROM files f WHERE f.status IN ('exited', 'relieved');
